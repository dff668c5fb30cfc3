using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>The one conditional write that a signature hangs on.</summary>
[Trait("Requirement", "SIG-2d")]
[Trait("Requirement", "APX-4")]
public sealed class SpendTests
{
    private static readonly Digest _digest = Digests.Of("contract");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Requirement", "T-USE-3")]
    public async Task Of_64_uses_of_one_SAD_one_signs(int processes)
    {
        const int Uses = 64;
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        ActivationModule[] sams = [bed.Sam, .. processes == 2 ? [await bed.OpenProcessAsync()] : Array.Empty<ActivationModule>()];
        SignHashRequest request = bed.SigningOf(signer, await bed.AuthorizeAsync(signer, _digest), _digest);

        // Nobody spends before all have passed every check.
        AsyncBarrier all = new(Uses);
        bed.Rows.Before = call => IsSpend(call) ? all.ArriveAsync() : Task.CompletedTask;
        Result<IReadOnlyList<byte[]>>[] results = await Task.WhenAll(Enumerable.Range(0, Uses)
            .Select(i => Task.Run(() => sams[i % sams.Length].SignHashAsync(request, TestContext.Current.CancellationToken))));

        byte[] signature = Assert.Single(Assert.Single(results, r => r.Refusal is null).Value);
        Assert.True(signer.Verifies(_digest, signature, SignatureAlgorithm.EcdsaSha256));
        Assert.Equal(Uses - 1, results.Count(r => r.Refusal?.Code == SamErrorCode.SadSpent));
        Assert.Equal((1, 1), (bed.Hsm.SignCalls, bed.Keys.SignCount));
        Assert.Equal(Uses - 1, bed.AuditRecords().Count(r => r is { Event: AuditEvent.SigningRefused, Cause: nameof(SamErrorCode.SadSpent) }));
    }

    [Theory]
    [InlineData(WriteFate.ArrivesUnanswered)]
    [InlineData(WriteFate.ArrivesAnsweredAsConflict)]
    public async Task A_spend_whose_answer_was_lost_is_found_to_be_ours(WriteFate fate)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        bed.Rows.Fate = call => IsSpend(call) ? fate : WriteFate.Answered;

        Assert.Single((await bed.SignAsync(signer, sad, _digest)).Value);

        Assert.Equal(SamErrorCode.SadSpent, (await bed.SignAsync(signer, sad, _digest)).Refusal?.Code);
        Assert.Equal(1, bed.Keys.SignCount);
    }

    [Fact]
    public async Task A_spend_that_cannot_be_found_uses_no_key()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        bed.Rows.Fate = call => IsSpend(call) ? WriteFate.LostBeforeArriving : WriteFate.Answered;

        await Assert.ThrowsAsync<RowStoreException>(() => bed.SignAsync(signer, sad, _digest));

        Assert.Equal(0, bed.Hsm.SignCalls);
        Assert.Equal(nameof(SamErrorCode.StorageUnavailable), bed.AuditRecords()[^1].Cause);

        // It never arrived, so the SAD is still good; had it arrived late, the SAD would be spent.
        bed.Rows.Fate = null;
        Assert.Single((await bed.SignAsync(signer, sad, _digest)).Value);
    }

    [Fact]
    public async Task A_spend_that_arrives_after_it_was_given_up_burns_the_SAD_and_signs_nothing()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        StoredRow fresh = Assert.Single(bed.Table.Attacker.Rows(SamTable.Transactions));
        StoredRow? spent = null;
        bed.Rows.Fate = call => IsSpend(call) ? WriteFate.ArrivesUnanswered : WriteFate.Answered;
        bed.Rows.After = call =>
        {
            if (IsSpend(call))
            {
                // Not there yet when it is read back.
                spent = bed.Table.Attacker.Row(fresh.Address);
                _ = bed.Table.Attacker.WriteBack(fresh);
            }

            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<RowStoreException>(() => bed.SignAsync(signer, sad, _digest));
        _ = bed.Table.Attacker.WriteBack(spent!);
        (bed.Rows.Fate, bed.Rows.After) = (null, null);

        Assert.Equal(SamErrorCode.SadSpent, (await bed.SignAsync(signer, sad, _digest)).Refusal?.Code);
        Assert.Equal(0, bed.Hsm.SignCalls);
    }

    [Fact]
    public async Task The_spend_is_the_record_of_intent()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] digests = Digests.Some(3);
        SecretText sad = await bed.AuthorizeAsync(signer, digests);
        List<TransactionRow> seen = [];
        bed.Hsm.BeforeSign = async () => seen.Add(await ReadTransactionAsync(bed));
        _ = (await bed.SignAsync(signer, sad, digests[2], digests[0])).Value;

        // It stands in the table when the HSM is called, and says what the HSM gets.
        TransactionRow intent = Assert.Single(seen);
        SpendRecord? spent = intent.Spent;
        Assert.NotNull(spent);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData([.. digests[2].Value, .. digests[0].Value]), spent.HandedOver);
        Assert.Equal("ES256", spent.Algorithm);
        Assert.Equal(bed.Clock.GetUtcNow(), spent.SpentAt);
        Assert.Equal(spent.Operation, bed.AuditRecords()[^1].Operation);

        // All that was authorized stays on record.
        Assert.Equal(3 * 32, intent.Hashes.Length);
        Assert.Equal(bed.Client.Value, intent.Client);
    }

    [Theory]
    [InlineData(0, SamErrorCode.TransactionRowReplaced)]
    [InlineData(5_000, SamErrorCode.TransactionRowReplaced)]
    [InlineData(5_001, SamErrorCode.RowRolledBack)]
    [InlineData(60_000, SamErrorCode.RowRolledBack)]
    [Trait("Requirement", "T-INS-3")]
    public async Task An_unspent_row_written_back_revives_no_SAD(int milliseconds, SamErrorCode cause)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        StoredRow unspent = Assert.Single(bed.Table.Attacker.Rows(SamTable.Transactions));
        _ = (await bed.SignAsync(signer, sad, _digest)).Value;

        bed.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        _ = bed.Table.Attacker.WriteBack(unspent);

        Assert.Equal(cause, (await bed.SignAsync(signer, sad, _digest)).Refusal?.Code);
        _ = bed.Table.Attacker.Delete(unspent.Address);
        _ = bed.Table.Attacker.WriteBack(unspent);
        Assert.Equal(cause, (await bed.SignAsync(signer, sad, _digest)).Refusal?.Code);
        Assert.Equal(1, bed.Keys.SignCount);
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task An_unspent_row_written_back_between_check_and_spend_revives_no_SAD()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        StoredRow unspent = Assert.Single(bed.Table.Attacker.Rows(SamTable.Transactions));
        bed.Rows.Before = call =>
        {
            if (IsSpend(call))
            {
                _ = bed.Table.Attacker.WriteBack(unspent);
            }

            return Task.CompletedTask;
        };

        Assert.Equal(SamErrorCode.SadSpent, (await bed.SignAsync(signer, sad, _digest)).Refusal?.Code);
        Assert.Equal(0, bed.Hsm.SignCalls);
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Another_transactions_row_in_its_place_is_broken()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        RowAddress address = Assert.Single(bed.Table.Attacker.Rows(SamTable.Transactions)).Address;
        _ = await bed.AuthorizeAsync(signer, Digests.Some(5));
        StoredRow larger = bed.Table.Attacker.Rows(SamTable.Transactions).Single(r => r.Address != address);

        _ = bed.Table.Attacker.Write(address, larger.Content);

        Assert.Equal(SamErrorCode.RowBroken, (await bed.SignAsync(signer, sad, Digests.Some(1))).Refusal?.Code);
    }

    [Fact]
    public async Task Two_SADs_for_the_same_digest_sign_twice()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SecretText first = await bed.AuthorizeAsync(signer, _digest);
        SecretText second = await bed.AuthorizeAsync(signer, _digest);

        Assert.Single((await bed.SignAsync(signer, second, _digest)).Value);
        Assert.Single((await bed.SignAsync(signer, first, _digest)).Value);
    }

    [Fact]
    public async Task A_SAD_of_one_process_is_spent_by_another()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        ActivationModule other = await bed.OpenProcessAsync();
        SignHashRequest request = bed.SigningOf(signer, await bed.AuthorizeAsync(signer, _digest), _digest);

        Assert.Single((await other.SignHashAsync(request, TestContext.Current.CancellationToken)).Value);
        Assert.Equal(SamErrorCode.SadSpent, (await bed.Sam.SignHashAsync(request, TestContext.Current.CancellationToken)).Refusal?.Code);
    }

    private static bool IsSpend(RowStoreCall call) => call is { Kind: RowStoreCallKind.Replace, Address.Table: SamTable.Transactions };

    private static async Task<TransactionRow> ReadTransactionAsync(SamTestBed bed) =>
        (await bed.SealedRows.ReadAsync(Assert.Single(bed.Table.Attacker.Rows(SamTable.Transactions)).Address, RowSchemas.Transaction, CancellationToken.None)).Value.Value;
}
