using Net.Pkcs11Interop.Common;
using Sam.Cli.Admin;
using Sam.Cli.Development;
using Sam.Cli.Http;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.IntegrationTests.KeyBackends;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>What a client of the real host is told when the HSM fails in each of the known ways, what becomes of its SAD and its PIN attempts, and what is left at the HSM.</summary>
public sealed class HsmFaultTests(AzuriteFixture azurite)
{
    private const string Unavailable = "503 temporarily_unavailable, again after 1 s";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Requirement", "APX-4")]
    [Trait("Requirement", "SIG-2d")]
    public async Task A_fault_while_signing_is_survived_or_told_once_and_the_sad_is_spent_either_way()
    {
        await using HostOnFaultyHsm bed = await HostOnFaultyHsm.StartAsync(azurite);
        (CscClient client, TestCredential credential) = await bed.Host.MakeAsync();
        int objects = bed.Token.CountObjects();
        List<string> found = [];
        foreach (HsmFault fault in HsmFault.All)
        {
            byte[] digest = HostOnFaultyHsm.NewDigest();
            string sad = await client.GetSadAsync(credential, digest);
            fault.InjectInto(bed.Shim);
            CscReply reply = await client.SignHashAsync(credential, sad, [digest]);
            bed.Shim.Clear(fault.Function);
            Assert.All(reply.Status == 200 ? reply.Signatures : [], signature => Assert.True(credential.Verifies(digest, signature)));
            CscReply again = await client.SignHashAsync(credential, sad, [digest]);
            found.Add($"{fault}: {HostOnFaultyHsm.Told(reply)}; the SAD again: {again.Description}");
        }

        Assert.Equal(HsmFault.All.Select(f => $"{f}: {(f.Survived ? "200" : Unavailable)}; the SAD again: Invalid parameter SAD"), found);
        int refused = HsmFault.All.Count(f => !f.Survived);
        Assert.Equal($"HsmUnavailable {refused}, SadSpent {HsmFault.All.Count}", await bed.CausesAsync());
        Assert.Equal(objects, bed.Token.CountObjects());
        await bed.EndAsync();

        IReadOnlyList<AuditRecord> audit = await bed.Deployment.ReadAuditAsync();
        Assert.Equal(refused, audit.Count(r => r is { Event: AuditEvent.SigningFailed, Cause: nameof(SamErrorCode.HsmUnavailable) }));
        Assert.Equal(HsmFault.All.Count - refused, audit.Count(r => r.Event == AuditEvent.SignaturesReleased));
        TestReport.Add(
            "PKCS#11 faults, signHash at the host", $"{HsmFault.All.Count}, {HsmFault.All.Count - refused} survived, {refused} told once; SADs spent, no session open, no object left");
    }

    [Fact]
    [Trait("Requirement", "SIG-3")]
    public async Task A_fault_while_a_pin_is_checked_is_survived_or_told_once_and_costs_no_attempt()
    {
        await using HostOnFaultyHsm bed = await HostOnFaultyHsm.StartAsync(azurite);
        (CscClient client, TestCredential credential) = await bed.Host.MakeAsync();
        List<string> found = [];
        foreach (HsmFault fault in HsmFault.All.Select(f => f.OfMacs))
        {
            fault.InjectInto(bed.Shim);
            CscReply reply = await client.AuthorizeAsync(credential, [HostOnFaultyHsm.NewDigest()]);
            bed.Shim.Clear(fault.Function);

            // More faults than a PIN has attempts: if they were counted, this would say "Credential locked" at the fifth.
            CscReply sound = await client.AuthorizeAsync(credential, [HostOnFaultyHsm.NewDigest()]);
            found.Add($"{fault}: {HostOnFaultyHsm.Told(reply)}; then {HostOnFaultyHsm.Told(sound)}");
        }

        Assert.Equal(HsmFault.All.Select(f => $"{f}: {(f.Survived ? "200" : Unavailable)}; then 200"), found);
        int refused = HsmFault.All.Count(f => !f.Survived);
        Assert.InRange(refused, 6, HsmFault.All.Count);
        Assert.Equal($"HsmUnavailable {refused}", await bed.CausesAsync());
        await bed.EndAsync();
        Assert.Equal(
            refused,
            (await bed.Deployment.ReadAuditAsync()).Count(r => r is { Event: AuditEvent.AuthorizationRefused, Cause: nameof(SamErrorCode.HsmUnavailable) }));
        TestReport.Add("PKCS#11 faults, authorize at the host", $"{HsmFault.All.Count}, {refused} told once, no PIN attempt lost, no session open");
    }

    [Fact]
    public async Task A_fault_while_a_key_is_made_leaves_no_object_that_no_credential_names()
    {
        (string Name, string Function, ShimFault Fault, bool Always, bool Made)[] table =
        [
            ("session closed", "C_GenerateKeyPair", ShimFault.CloseSession, false, true),
            ("logged out", "C_GenerateKeyPair", ShimFault.LogOut, false, true),
            ("device error, for good", "C_GenerateKeyPair", ShimFault.Fail((ulong)CKR.CKR_DEVICE_ERROR), true, false),
            ("answer lost", "C_GenerateKeyPair", ShimFault.Lose((ulong)CKR.CKR_DEVICE_ERROR), false, true),
            ("answer lost, for good", "C_GenerateKeyPair", ShimFault.Lose((ulong)CKR.CKR_DEVICE_ERROR), true, false),
            ("session closed before the anchor is read", "C_GetAttributeValue", ShimFault.CloseSession, false, true),
            ("logged out before the anchor is read", "C_GetAttributeValue", ShimFault.LogOut, false, true),
            ("no memory for the anchor", "C_GetAttributeValue", ShimFault.Fail((ulong)CKR.CKR_HOST_MEMORY), false, false),
        ];
        await using HostOnFaultyHsm bed = await HostOnFaultyHsm.StartAsync(azurite);
        (CscClient client, TestCredential credential) = await bed.Host.MakeAsync();
        DevelopmentOffice office = await bed.Host.OpenOfficeAsync();
        string signer = credential.Id.Split('-')[0];
        List<string> found = [];
        foreach ((string name, string function, ShimFault fault, bool always, _) in table)
        {
            int objects = bed.Token.CountObjects();
            bed.Shim.Inject(function, fault, always);
            SamReply<AdminAnswer<CredentialRecord>> reply = await office.Registration.CreateCredentialAsync(signer, new KeyBody { Key = "p256" }, null, Cancellation);
            bed.Shim.Clear(function);
            found.Add($"{name}: {(reply.IsRefused(out SamRefusal? refusal) ? refusal.Error : "made")}, {bed.Token.CountObjects() - objects} objects more");
        }

        Assert.Equal(table.Select(row => $"{row.Name}: {(row.Made ? "made, 2" : "HsmUnavailable, 0")} objects more"), found);
        _ = (await client.SignHashAsync(credential, await client.GetSadAsync(credential, new byte[32]), [new byte[32]])).Signatures;
        await bed.EndAsync();
        TestReport.Add("PKCS#11 faults, keys made at the host", $"{table.Length}, two objects per credential and none besides");
    }

    [Fact]
    public async Task Keys_that_another_process_destroys_are_missed_by_who_needs_them_and_by_nobody_else()
    {
        await using HostOnFaultyHsm bed = await HostOnFaultyHsm.StartAsync(azurite);
        (CscClient client, TestCredential victim) = await bed.Host.MakeAsync();
        TestCredential other = await bed.Host.MakeCredentialAsync(victim.Signer, KeyAlgorithm.P256);
        byte[] digest = HostOnFaultyHsm.NewDigest();
        string victims = await client.GetSadAsync(victim, digest);
        string others = await client.GetSadAsync(other, digest);
        string othersSecond = await client.GetSadAsync(other, digest);

        string name = (await bed.Deployment.ReadAuditAsync()).Single(r => r.Event == AuditEvent.KeyGenerated && r.Credential == victim.Id).Detail!;
        await using IKeyBackend process = await bed.Token.OpenAsync(Cancellation);
        await process.DestroyKeyAsync(KeyReference.Parse(name), Cancellation);
        Assert.Equal(Unavailable, HostOnFaultyHsm.Told(await client.SignHashAsync(victim, victims, [digest])));
        Assert.Equal("Invalid parameter SAD", (await client.SignHashAsync(victim, victims, [digest])).Description);
        Assert.True(other.Verifies(digest, Assert.Single((await client.SignHashAsync(other, others, [digest])).Signatures)));

        // The pepper: nobody's PIN can be checked, which is no wrong attempt of anybody, and who has a SAD signs.
        await process.DestroyKeyAsync(await bed.Deployment.FindPepperAsync(), Cancellation);
        for (int attempt = 0; attempt < 6; attempt++)
        {
            Assert.Equal(Unavailable, HostOnFaultyHsm.Told(await client.AuthorizeAsync(other, [digest])));
        }

        Assert.True(other.Verifies(digest, Assert.Single((await client.SignHashAsync(other, othersSecond, [digest])).Signatures)));
        Assert.Equal("HsmUnavailable 7, SadSpent 1", await bed.CausesAsync());
        await bed.EndAsync();
        TestReport.Add("PKCS#11 faults, keys destroyed by another process", "a signer's and the pepper: 503, no attempt counted, others sign");
    }
}
