using System.Net;
using System.Text.Json;
using Net.Pkcs11Interop.Common;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>An HSM that is away, or does not answer: what <c>/readyz</c> says, and what becomes of a signature that comes too late.</summary>
public sealed class HsmAwayTests(AzuriteFixture azurite)
{
    // After more than the second for which an answer is kept, whatever the machine is doing: the next answer is a new one.
    private static readonly TimeSpan _answerForgotten = TimeSpan.FromMilliseconds(1_050);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readyz_tells_that_the_hsm_is_away_and_that_it_is_back()
    {
        (string Name, string Function, CKR Code)[] table =
        [
            ("device error", "C_GetTokenInfo", CKR.CKR_DEVICE_ERROR),
            ("token not present", "C_GetTokenInfo", CKR.CKR_TOKEN_NOT_PRESENT),
            ("not logged in", "C_GetSessionInfo", CKR.CKR_USER_NOT_LOGGED_IN),
        ];
        await using HostOnFaultyHsm bed = await HostOnFaultyHsm.StartAsync(azurite);
        Assert.Equal("200 hsm ok", await ReadyAsync(bed));
        List<string> found = [];
        foreach ((string name, string function, CKR code) in table)
        {
            bed.Shim.Inject(function, ShimFault.Fail((ulong)code), always: true);
            await Task.Delay(_answerForgotten, Cancellation);
            found.Add($"{name}, for good: {await ReadyAsync(bed)}");

            // Back, with a fault left that a check survives.
            bed.Shim.Clear(function);
            bed.Shim.Inject("C_GetSessionInfo", ShimFault.LogOut);
            bed.Shim.Inject("C_GetTokenInfo", ShimFault.Fail((ulong)CKR.CKR_DEVICE_ERROR));
            await Task.Delay(_answerForgotten, Cancellation);
            found.Add($"{name}, over: {await ReadyAsync(bed)}");
        }

        Assert.Equal(table.SelectMany(row => new[] { $"{row.Name}, for good: 503 hsm away", $"{row.Name}, over: 200 hsm ok" }), found);
        await bed.EndAsync();
        TestReport.Add("PKCS#11 faults, readyz", $"{table.Length} ways of being away, each told within the second and taken back");
    }

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    public async Task A_signature_that_comes_after_a_hang_is_not_released_and_audited_as_failed()
    {
        // Short enough for a test, and far beyond what a sound call takes here.
        await using HostOnFaultyHsm bed = await HostOnFaultyHsm.StartAsync(azurite, ("Sam__Pkcs11__OperationTimeout", "00:00:04"));
        (CscClient client, TestCredential credential) = await bed.Host.MakeAsync();
        byte[][] digests = [HostOnFaultyHsm.NewDigest(), HostOnFaultyHsm.NewDigest(), HostOnFaultyHsm.NewDigest()];
        string sad = await client.GetSadAsync(credential, digests);
        string soundSad = await client.GetSadAsync(credential, digests);

        // The SAM itself has signed that the key is the signer's.
        int before = bed.Shim.SignCount();
        bed.Shim.Inject(Pkcs11Shim.Sign, ShimFault.Hang, always: true);
        bed.Shim.Inject("C_GetTokenInfo", ShimFault.Hang, always: true);
        Task<CscReply> signing = client.SignHashAsync(credential, sad, digests);
        Task<string> ready = ReadyAsync(bed);
        CscReply told = await signing;
        Assert.Equal("503 hsm away", await ready);
        Assert.Equal(before, bed.Shim.SignCount());
        Assert.Equal("503 temporarily_unavailable, again after 1 s", HostOnFaultyHsm.Told(told));

        // The HSM comes to itself and signs what nobody waits for: each digest was on a session of its own.
        bed.Shim.Clear(Pkcs11Shim.Sign);
        bed.Shim.Clear("C_GetTokenInfo");
        await bed.Shim.WaitForAsync(Pkcs11Shim.Sign, Cancellation, before + digests.Length);
        Assert.Equal("Invalid parameter SAD", (await client.SignHashAsync(credential, sad, digests)).Description);
        IReadOnlyList<byte[]> sound = (await client.SignHashAsync(credential, soundSad, digests)).Signatures;
        Assert.All(digests.Zip(sound), pair => Assert.True(credential.Verifies(pair.First, pair.Second)));
        await Task.Delay(_answerForgotten, Cancellation);
        Assert.Equal("200 hsm ok", await ReadyAsync(bed));
        Assert.Equal(before + (2 * digests.Length), bed.Shim.SignCount());
        await bed.EndAsync();

        IReadOnlyList<AuditRecord> audit = await bed.Deployment.ReadAuditAsync();
        AuditRecord failed = Assert.Single(audit, r => r.Event == AuditEvent.SigningFailed);
        AuditRecord released = Assert.Single(audit, r => r.Event == AuditEvent.SignaturesReleased);
        Assert.Equal(nameof(SamErrorCode.HsmUnavailable), failed.Cause);
        Assert.NotEqual(failed.Transaction, released.Transaction);
        TestReport.Add("PKCS#11 faults, hang", "one batch of 3: told at the deadline, three late signatures not released, audited as failed");
    }

    private static async Task<string> ReadyAsync(HostOnFaultyHsm bed)
    {
        using HttpResponseMessage response = await bed.Host.Http.GetAsync(new Uri("readyz", UriKind.Relative), Cancellation);
        JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
        Assert.Equal(response.StatusCode == HttpStatusCode.OK ? "ready" : "not ready", answer.GetProperty("status").GetString());
        return $"{(int)response.StatusCode} hsm {answer.GetProperty("hsm").GetString()}";
    }
}
