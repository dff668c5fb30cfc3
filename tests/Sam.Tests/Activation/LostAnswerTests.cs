using System.Security.Cryptography;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>A client that lost the answer asks again (security decision 5): the same answer, no key, and only for the same request.</summary>
[Trait("Requirement", "SIG-2d")]
[Trait("Requirement", "SIG-3")]
[Trait("Requirement", "APX-4")]
public sealed class LostAnswerTests : IAsyncLifetime
{
    private static readonly Digest _digest = Digests.Of("contract");

    private SamTestBed _bed = null!;
    private TestSigner _signer = null!;
    private SignHashRequest _request = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _signer = await _bed.AddSignerAsync();
        _request = _bed.SigningOf(_signer, await _bed.AuthorizeAsync(_signer, _digest), _digest) with { Retry = Mark("first") };
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task The_same_request_gets_the_same_answer_and_no_key_is_used()
    {
        byte[] first = Assert.Single((await SignAsync()).Value);
        byte[] second = Assert.Single((await SignAsync()).Value);
        byte[] third = Assert.Single((await (await _bed.OpenProcessAsync()).SignHashAsync(_request, CancellationToken.None)).Value);

        Assert.Equal(first, second);
        Assert.Equal(first, third);
        Assert.True(_signer.Verifies(_digest, first, SignatureAlgorithm.EcdsaSha256));
        Assert.Equal((1, 1), (_bed.Hsm.SignCalls, _bed.Keys.SignCount));

        AuditRecord[] released = [.. _bed.AuditRecords().Where(r => r.Event is AuditEvent.SignaturesReleased or AuditEvent.SignaturesReleasedAgain)];
        Assert.Equal((1, 2), (released.Count(r => r.Event == AuditEvent.SignaturesReleased), released.Count(r => r.Event == AuditEvent.SignaturesReleasedAgain)));
        Assert.Single(released.Select(r => r.Operation).Distinct());
        Assert.All(released, r => Assert.Equal([Convert.ToHexStringLower(SHA256.HashData(first))], r.SignatureDigests));
    }

    [Theory]
    [InlineData("first", null)]
    [InlineData(null, "first")]
    [InlineData(null, null)]
    [InlineData("first", "second")]
    [Trait("Requirement", "T-USE-3")]
    public async Task Without_the_same_mark_on_both_a_spent_SAD_is_refused(string? first, string? second)
    {
        _request = _request with { Retry = first is null ? null : Mark(first) };
        Assert.Null((await SignAsync()).Refusal);
        Assert.Equal(first is not null, _bed.Table.Attacker.Rows().Any(IsAnswer));

        _request = _request with { Retry = second is null ? null : Mark(second) };
        await RefusedAsync(SamErrorCode.SadSpent);
        Assert.Equal(1, _bed.Keys.SignCount);
    }

    [Fact]
    public async Task Another_client_is_refused_even_with_the_mark()
    {
        Assert.Null((await SignAsync()).Refusal);
        _request = _request with { Caller = await _bed.AddClientAsync("another") };
        await RefusedAsync(SamErrorCode.SadOfAnotherClient);
    }

    [Fact]
    public async Task Another_credential_is_refused_even_with_the_mark()
    {
        Assert.Null((await SignAsync()).Refusal);
        TestSigner another = await _bed.AddCredentialAsync(_signer.UserId, _signer.Id, _signer.Pin, KeyAlgorithm.P256);
        _request = _request with { Credential = another.Credential };
        await RefusedAsync(SamErrorCode.SadOfAnotherCredential);
    }

    [Fact]
    public async Task Who_was_stopped_meanwhile_gets_nothing()
    {
        Assert.Null((await SignAsync()).Refusal);

        _ = (await _bed.Sam.Clients.SetApprovedAsync(_bed.Client, approved: false, CancellationToken.None)).Value;
        await RefusedAsync(SamErrorCode.ClientStopped);

        _ = (await _bed.Sam.Clients.SetApprovedAsync(_bed.Client, approved: true, CancellationToken.None)).Value;
        Assert.Null((await SignAsync()).Refusal);

        _ = (await _bed.Sam.SetSuspendedAsync(_signer.Credential, suspended: true, CancellationToken.None)).Value;
        await RefusedAsync(SamErrorCode.CredentialDisabled);

        _ = (await _bed.Sam.SetSuspendedAsync(_signer.Credential, suspended: false, CancellationToken.None)).Value;
        await RefusedAsync(SamErrorCode.CredentialChanged);
    }

    [Fact]
    public async Task A_minute_after_the_spend_it_is_too_late()
    {
        Assert.Null((await SignAsync()).Refusal);
        _bed.Clock.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromMilliseconds(1));
        Assert.Null((await SignAsync()).Refusal);
        _bed.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await RefusedAsync(SamErrorCode.SadSpent);
    }

    [Fact]
    public async Task The_SADs_own_end_ends_no_answer()
    {
        _bed.Clock.Advance(TimeSpan.FromSeconds(299));
        byte[] first = Assert.Single((await SignAsync()).Value);
        _bed.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(first, Assert.Single((await SignAsync()).Value));

        _request = _request with { Retry = null };
        await RefusedAsync(SamErrorCode.SadExpired);
    }

    [Fact]
    public async Task While_the_first_is_under_way_the_second_is_told_to_wait()
    {
        TaskCompletionSource reached = new();
        TaskCompletionSource goOn = new();
        _bed.Hsm.BeforeSign = () =>
        {
            reached.SetResult();
            return goOn.Task;
        };
        Task<Result<IReadOnlyList<byte[]>>> first = SignAsync();
        await reached.Task;

        await RefusedAsync(SamErrorCode.StillSigning);

        goOn.SetResult();
        Assert.Equal((await first).Value, (await SignAsync()).Value);
        Assert.Equal(1, _bed.Keys.SignCount);
    }

    [Fact]
    public async Task Of_many_at_once_one_signs_and_the_others_are_told_to_wait_or_get_its_answer()
    {
        // All have read the row before the first one spends.
        AsyncBarrier all = new(32);
        _bed.Rows.Before = call => call is { Kind: RowStoreCallKind.Replace, Address.Table: SamTable.Transactions } ? all.ArriveAsync() : Task.CompletedTask;
        Result<IReadOnlyList<byte[]>>[] results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(SignAsync)));

        Assert.All(results, r => Assert.True(r.Refusal?.Code is null or SamErrorCode.StillSigning));
        Assert.Single(results.Where(r => r.Refusal is null).Select(r => Convert.ToHexString(r.Value[0])).Distinct());
        Assert.Equal(1, _bed.Keys.SignCount);
        Assert.Null((await SignAsync()).Refusal);
    }

    [Fact]
    public async Task What_failed_is_told_to_be_under_way_and_then_spent_and_is_not_tried_again()
    {
        _bed.Hsm.BeforeSign = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "away");
        await Assert.ThrowsAsync<KeyBackendException>(SignAsync);
        _bed.Hsm.BeforeSign = null;

        await RefusedAsync(SamErrorCode.StillSigning);
        _bed.Clock.Advance(TimeSpan.FromSeconds(10));
        await RefusedAsync(SamErrorCode.SadSpent);
        Assert.Equal(0, _bed.Keys.SignCount);
    }

    [Fact]
    public async Task What_was_not_audited_is_not_kept()
    {
        _bed.Audit.Before = call => call.IsWrite && _bed.Hsm.SignCalls > 0 ? throw new RowStoreException("away") : Task.CompletedTask;
        await Assert.ThrowsAsync<AuditUnavailableException>(SignAsync);
        Assert.DoesNotContain(_bed.Table.Attacker.Rows(), IsAnswer);

        _bed.Audit.Before = null;
        await _bed.Clock.TurnUntilAsync(() => _bed.AuditRecords().Any(r => r.Event == AuditEvent.SignaturesReleased));
        await RefusedAsync(SamErrorCode.StillSigning);
    }

    [Fact]
    public async Task A_second_release_waits_for_its_own_audit_record()
    {
        Assert.Null((await SignAsync()).Refusal);
        _bed.Audit.Before = call => call.IsWrite ? throw new RowStoreException("away") : Task.CompletedTask;
        await Assert.ThrowsAsync<AuditUnavailableException>(SignAsync);
    }

    [Theory]
    [InlineData(WriteFate.LostBeforeArriving, SamErrorCode.StillSigning)]
    [InlineData(WriteFate.ArrivesUnanswered, null)]
    public async Task An_answer_that_could_not_be_kept_is_released_all_the_same(WriteFate fate, SamErrorCode? again)
    {
        _bed.Rows.Fate = call => call.Kind == RowStoreCallKind.Commit ? fate : WriteFate.Answered;
        Assert.Null((await SignAsync()).Refusal);
        Assert.Equal(again, (await SignAsync()).Refusal?.Code);
        Assert.Equal(1, _bed.Keys.SignCount);
    }

    [Fact]
    public async Task An_answer_that_took_too_long_to_keep_is_given_to_who_asks_again_and_passes_anew()
    {
        int commits = 0;
        _bed.Rows.Before = call =>
        {
            if (call.Kind == RowStoreCallKind.Commit && commits++ == 0)
            {
                _bed.Clock.Advance(TimeSpan.FromSeconds(11));
            }

            return Task.CompletedTask;
        };
        Assert.Equal(SamErrorCode.SigningTooSlow, (await SignAsync()).Refusal?.Code);
        Assert.Single((await SignAsync()).Value);
        Assert.Equal(1, _bed.Keys.SignCount);
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task An_answer_that_an_insider_deletes_or_takes_from_elsewhere_is_not_given()
    {
        Assert.Null((await SignAsync()).Refusal);
        StoredRow own = Assert.Single(_bed.Table.Attacker.Rows(), IsAnswer);
        _request = _bed.SigningOf(_signer, await _bed.AuthorizeAsync(_signer, _digest), _digest) with { Retry = Mark("first") };
        Assert.Null((await SignAsync()).Refusal);
        StoredRow foreign = Assert.Single(_bed.Table.Attacker.Rows(), row => IsAnswer(row) && row.Address != own.Address);

        _ = _bed.Table.Attacker.Write(foreign.Address, own.Content);
        await RefusedAsync(SamErrorCode.RowBroken);
        _ = _bed.Table.Attacker.Delete(foreign.Address);
        await RefusedAsync(SamErrorCode.StillSigning);
    }

    [Fact]
    public async Task The_largest_batch_has_room()
    {
        Assert.Null((await SignAsync()).Refusal);
        StoredRow small = Assert.Single(_bed.Table.Attacker.Rows(), IsAnswer);
        _ = _bed.Table.Attacker.Delete(small.Address);
        SadClaims sad = new SadCodec(_bed.SystemKeys.Envelope, _bed.SystemKeys.Epoch).Open(_request.Sad).Value;
        string operation = _bed.AuditRecords()[^1].Operation!;
        byte[][] signatures = [.. Enumerable.Range(0, 1_000).Select(_ => RandomNumberGenerator.GetBytes(KeyAlgorithm.Rsa4096.SignatureSizeInBytes))];

        await new LostAnswers(_bed.SealedRows, TimeSpan.FromSeconds(10)).KeepAsync(sad, operation, signatures);

        Assert.Equal(signatures, (await SignAsync()).Value);
    }

    [Fact]
    public async Task An_answer_of_another_operation_is_not_given()
    {
        Assert.Null((await SignAsync()).Refusal);
        _ = _bed.Table.Attacker.Delete(Assert.Single(_bed.Table.Attacker.Rows(), IsAnswer).Address);
        SadClaims sad = new SadCodec(_bed.SystemKeys.Envelope, _bed.SystemKeys.Epoch).Open(_request.Sad).Value;
        await new LostAnswers(_bed.SealedRows, TimeSpan.FromSeconds(10)).KeepAsync(sad, OperationId.New().Value, [new byte[64]]);
        await RefusedAsync(SamErrorCode.RowBroken);
    }

    [Fact]
    public async Task Answers_are_purged_with_their_transactions()
    {
        Assert.Null((await SignAsync()).Refusal);
        _bed.Clock.Advance(TimeSpan.FromHours(3));
        ExpiredTransactions expired = new(_bed.Table);
        for (int slice = 0; slice < ExpiredTransactions.Slices; slice++)
        {
            _ = await expired.PurgeAsync(slice, CancellationToken.None);
        }

        Assert.Empty(_bed.Table.Attacker.Rows(SamTable.Transactions));
    }

    private static RetryMark Mark(string key) => RetryMark.TryCreate(key, "body"u8, out RetryMark? mark) ? mark : throw new InvalidOperationException();

    private static bool IsAnswer(StoredRow row) => row.Address.RowKey.Contains("-answer-", StringComparison.Ordinal);

    private Task<Result<IReadOnlyList<byte[]>>> SignAsync() => _bed.Sam.SignHashAsync(_request, CancellationToken.None);

    private async Task RefusedAsync(SamErrorCode code)
    {
        int used = _bed.Hsm.SignCalls;
        Assert.Equal(code, (await SignAsync()).Refusal?.Code);
        Assert.Equal(used, _bed.Hsm.SignCalls);
        Assert.Equal(code.ToString(), _bed.AuditRecords()[^1].Cause);
    }
}
