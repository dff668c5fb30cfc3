using System.Buffers.Text;
using System.Security.Cryptography;
using Sam.Cli.Factors;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Encryption;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Xunit;

namespace Sam.Tests.Encryption;

/// <summary>The keys to which factors are encrypted: whose word it is that they are the SAM's, how they are exchanged for new ones, and what an insider can put in their place.</summary>
[Trait("Requirement", "T-INS-3")]
public sealed class FactorKeyTests : EncryptionTestBase
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private IEnumerable<StoredRow> Rows => Bed.Table.Attacker.Rows(SamTable.Registry).Where(r => r.Address.PartitionKey == FactorKeyRow.Partition);

    [Fact]
    [Trait("Requirement", "T-USE-2")]
    public async Task A_page_takes_only_what_the_SAM_signed_for_this_deployment_and_lately()
    {
        string published = (await Bed.Sam.FactorKeys.PublishAsync(_patience))!;
        string deployment = Bed.SystemKeys.DeploymentId;
        using ECDsa sam = ECDsa.Create();
        sam.ImportSubjectPublicKeyInfo(Bed.Sam.Identity.PublicKey.Span, out _);
        using ECDsa mallory = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDiffieHellman theirs = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        FactorKey swapped = FactorKey.Of(KeyReference.Parse("x"), theirs.ExportSubjectPublicKeyInfo(), madeAt: null);
        FactorKeySet set = new(deployment, Now.ToUnixTimeSeconds(), Now.AddDays(1).ToUnixTimeSeconds(), [swapped.PublicKey]);
        byte[] json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(set);
        string[] parts = published.Split('.');
        string signedByMallory = Jose.JWT.EncodeBytes(json, mallory, Jose.JwsAlgorithm.ES256, new Dictionary<string, object> { ["typ"] = "sam-factor-keys+jwt" });

        Assert.NotNull(FactorPage.FindKey(published, sam, deployment, Now));
        string[] wrong =
        [
            signedByMallory,
            string.Join('.', parts[0], Base64Url.EncodeToString(json), parts[2]),
            string.Join('.', parts[0], parts[1], signedByMallory.Split('.')[2]),
            string.Join('.', Base64Url.EncodeToString("""{"alg":"none","typ":"sam-factor-keys+jwt"}"""u8), Base64Url.EncodeToString(json), string.Empty),
            "a.b.c", string.Empty,
        ];
        Assert.All(wrong, text => Assert.Null(FactorPage.FindKey(text, sam, deployment, Now)));
        Assert.Null(FactorPage.FindKey(published, sam, "another", Now));
        Assert.NotNull(FactorPage.FindKey(published, sam, deployment, Now.AddDays(2).AddSeconds(-1)));
        Assert.Null(FactorPage.FindKey(published, sam, deployment, Now.AddDays(2)));
    }

    /// <summary>An insider who holds a process's data key seals a row of their own; the SAM's own key in the HSM has not signed it.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-1")]
    public async Task A_key_that_the_SAM_did_not_sign_is_none_and_an_alarm()
    {
        JsonWebKey mine = await KeyAsync();
        FactorKeyRow row = await ReadAsync();
        using ECDiffieHellman theirs = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        KeyReference known = await Bed.Keys.CreateAgreementKeyAsync(CancellationToken.None);
        RowAddress next = FactorKeyRow.Address(2);
        _ = (await Bed.SealedRows.InsertAsync(
            next, RowSchemas.FactorKey, row with { Key = known.Value, PublicKey = theirs.ExportSubjectPublicKeyInfo(), MadeAt = row.MadeAt + 1 }, CancellationToken.None)).Value;

        ActivationModule other = await Bed.OpenProcessAsync();
        Assert.Equal(mine.Kid, (await KeyAsync(other)).Kid);
        Assert.Contains(Bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault && r.Detail!.Contains(FactorKeyRow.Partition, StringComparison.Ordinal));

        // The SAM's own row in another place, or with another time, is not what it signed either.
        _ = (await Bed.SealedRows.InsertAsync(FactorKeyRow.Address(3), RowSchemas.FactorKey, row, CancellationToken.None)).Value;
        _ = (await Bed.SealedRows.InsertAsync(FactorKeyRow.Address(4), RowSchemas.FactorKey, row with { MadeAt = row.MadeAt + 86_400 }, CancellationToken.None)).Value;
        Bed.Clock.Advance(TimeSpan.FromDays(29));
        Assert.Equal(mine.Kid, (await KeyAsync(await Bed.OpenProcessAsync())).Kid);
        Assert.All(
            new[] { 2, 3, 4 },
            place => Assert.Contains(Bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault && r.Detail!.Contains(FactorKeyRow.Address(place).RowKey, StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Requirement", "T-INS-1")]
    public async Task Rows_that_are_broken_or_deleted_make_the_SAM_make_another_key()
    {
        JsonWebKey first = await KeyAsync();
        StoredRow whole = Assert.Single(Rows);
        byte[] changed = whole.Content.ToArray();
        changed[^1] ^= 1;
        _ = Bed.Table.Attacker.Write(whole.Address, changed);
        JsonWebKey second = await KeyAsync(await Bed.OpenProcessAsync());
        Assert.NotEqual(first.Kid, second.Kid);

        foreach (StoredRow row in Rows.ToList())
        {
            Assert.True(Bed.Table.Attacker.Delete(row.Address));
        }

        ActivationModule third = await Bed.OpenProcessAsync();
        Assert.NotEqual(second.Kid, (await KeyAsync(third)).Kid);
        AuthorizeRequest old = Request(Encrypt(second, await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]);
        Assert.Equal(SamErrorCode.EncryptedFactorsInvalid, (await AuthorizeAsync(old, third)).Refusal?.Code);
    }

    [Fact]
    public async Task A_new_key_comes_after_its_time_and_the_old_one_goes_when_nobody_uses_it_any_more()
    {
        JsonWebKey first = await KeyAsync();
        Bed.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        Assert.Equal(first.Kid, (await KeyAsync()).Kid);
        Bed.Clock.Advance(TimeSpan.FromDays(1));
        JsonWebKey second = await KeyAsync();
        Assert.NotEqual(first.Kid, second.Kid);
        Assert.Equal(2, Rows.Count());

        // A page may still hold the set from before.
        Assert.Null((await AuthorizeAsync(Request(Encrypt(first, await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]))).Refusal);
        int keys = Bed.Keys.KeyNames.Count;
        Bed.Clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal(second.Kid, (await KeyAsync()).Kid);
        Assert.Equal(keys - 1, Bed.Keys.KeyNames.Count);
        _ = Assert.Single(Rows);
        Assert.Equal(SamErrorCode.EncryptedFactorsInvalid, (await AuthorizeAsync(Request(Encrypt(first, await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]))).Refusal?.Code);
        Assert.Null((await AuthorizeAsync(Request(Encrypt(second, await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]))).Refusal);
        Assert.Equal(
            [AuditEvent.FactorKeyMade, AuditEvent.FactorKeyMade, AuditEvent.FactorKeyDestroyed],
            Bed.AuditRecords().Select(r => r.Event).Where(e => e is AuditEvent.FactorKeyMade or AuditEvent.FactorKeyDestroyed));
    }

    [Fact]
    public async Task Of_many_processes_that_begin_at_once_one_makes_the_key_and_all_have_it()
    {
        ActivationModule[] processes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Bed.OpenProcessAsync()));
        int keys = Bed.Keys.KeyNames.Count;
        string[] kids = await Task.WhenAll(processes.Select(p => Task.Run(async () => (await KeyAsync(p)).Kid)));
        _ = Assert.Single(kids.Distinct());
        Assert.Equal(keys + 1, Bed.Keys.KeyNames.Count);
        AuthorizeRequest request = Request(Encrypt(await KeyAsync(processes[0]), await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]);
        Assert.Null((await AuthorizeAsync(request, processes[5])).Refusal);
    }

    /// <summary>A process learns of a key that another made since, and is not made to look again and again by whoever invents names.</summary>
    [Fact]
    public async Task A_key_of_another_process_is_found_and_invented_names_cost_little()
    {
        ActivationModule other = await Bed.OpenProcessAsync();
        JsonWebKey first = await KeyAsync(other);
        Assert.True(Bed.Table.Attacker.Delete(Assert.Single(Rows).Address));
        JsonWebKey second = await KeyAsync();
        AuthorizeRequest request = Request(Encrypt(second, await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]);
        Assert.Equal(SamErrorCode.EncryptedFactorsInvalid, (await AuthorizeAsync(request, other)).Refusal?.Code);
        Bed.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Null((await AuthorizeAsync(request, other)).Refusal);
        Assert.NotEqual(first.Kid, second.Kid);
    }

    /// <summary>An HSM that has no room for the next key still opens what was encrypted to the present one.</summary>
    [Fact]
    public async Task Where_the_next_key_cannot_be_made_the_present_one_goes_on()
    {
        JsonWebKey first = await KeyAsync();
        Bed.Clock.Advance(TimeSpan.FromDays(31));
        Bed.Hsm.BeforeAgreementKey = () => throw new KeyBackendException(KeyBackendFailure.Rejected, "full");
        Assert.Null((await AuthorizeAsync(Request(Encrypt(first, await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]))).Refusal);
        Bed.Hsm.BeforeAgreementKey = null;
        Bed.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.NotEqual(first.Kid, (await KeyAsync()).Kid);
    }

    [Fact]
    public async Task What_is_published_is_signed_anew_in_time_and_survives_an_HSM_that_is_away()
    {
        string first = (await Bed.Sam.FactorKeys.PublishAsync(_patience))!;
        Bed.Rows.Before = _ => throw new RowStoreException("away");
        Bed.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(first, await Bed.Sam.FactorKeys.PublishAsync(_patience));
        Bed.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(first, await Bed.Sam.FactorKeys.PublishAsync(_patience));

        // What no page would believe any more is not given out.
        Bed.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(await Bed.Sam.FactorKeys.PublishAsync(_patience));
        Bed.Rows.Before = null;
        Bed.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.NotNull(await KeyAsync());
        string second = (await Bed.Sam.FactorKeys.PublishAsync(_patience))!;
        Assert.NotEqual(first, second);
        Bed.Clock.Advance(TimeSpan.FromDays(1));
        Assert.NotEqual(second, await Bed.Sam.FactorKeys.PublishAsync(_patience));
    }

    private async Task<FactorKeyRow> ReadAsync() =>
        (await Bed.SealedRows.ReadAsync(Assert.Single(Rows).Address, RowSchemas.FactorKey, CancellationToken.None)).Value.Value;
}
