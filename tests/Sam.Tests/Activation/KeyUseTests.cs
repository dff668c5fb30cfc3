using Sam.Core;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>Between spend and release: what fails here burns the SAD, is audited, and lets no signature out.</summary>
public sealed class KeyUseTests : IAsyncLifetime
{
    private static readonly Digest[] _digests = Digests.Some(2);

    private SamTestBed _bed = null!;
    private TestSigner _signer = null!;
    private SecretText _sad = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _signer = await _bed.AddSignerAsync();
        _sad = await _bed.AuthorizeAsync(_signer, _digests);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(KeyBackendFailure.Unavailable)]
    [InlineData(KeyBackendFailure.TimedOut)]
    [InlineData(KeyBackendFailure.KeyNotFound)]
    [InlineData(KeyBackendFailure.Rejected)]
    public async Task A_failure_of_the_HSM_burns_the_SAD(KeyBackendFailure failure)
    {
        _bed.Hsm.BeforeSign = () => throw new KeyBackendException(failure, "test");

        Assert.Equal(failure, (await Assert.ThrowsAsync<KeyBackendException>(SignAsync)).Failure);

        await AssertFailedAsync(SamErrorCode.HsmUnavailable);
    }

    [Fact]
    public async Task Whatever_a_backend_throws_is_audited()
    {
        _bed.Hsm.BeforeSign = () => throw new InvalidOperationException("test");

        await Assert.ThrowsAsync<InvalidOperationException>(SignAsync);

        await AssertFailedAsync(SamErrorCode.Unexpected);
    }

    [Fact]
    [Trait("Requirement", "SIG-5")]
    [Trait("Requirement", "T-USE-8")]
    public async Task One_flipped_bit_holds_the_whole_batch_back()
    {
        _bed.Hsm.ChangeSignatures = FaultyKeyBackend<SoftwareKeyBackend>.FlipOneBit;

        Assert.Equal(SamErrorCode.SignatureNotVerified, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.SignatureNotVerified);
    }

    [Fact]
    public async Task Signatures_in_another_order_are_held_back()
    {
        _bed.Hsm.ChangeSignatures = signatures => [.. signatures.Reverse()];

        Assert.Equal(SamErrorCode.SignatureNotVerified, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.SignatureNotVerified);
    }

    [Fact]
    [Trait("Requirement", "SYS-4")]
    public async Task No_audit_no_signature()
    {
        _bed.Audit.Before = _ => throw new RowStoreException("test");

        await Assert.ThrowsAsync<AuditUnavailableException>(SignAsync);

        Assert.Equal(1, _bed.Hsm.SignCalls);
        _bed.Audit.Before = null;
        ActivationModule other = await _bed.OpenProcessAsync();
        Assert.Equal(
            SamErrorCode.SadSpent, (await other.SignHashAsync(_bed.SigningOf(_signer, _sad, _digests), TestContext.Current.CancellationToken)).Refusal?.Code);
    }

    [Fact]
    public async Task No_audit_no_refusal_either()
    {
        _bed.Audit.Before = _ => throw new RowStoreException("test");
        await Assert.ThrowsAsync<AuditUnavailableException>(() => _bed.SignAsync(_signer, new SecretText("no SAD"), _digests));
    }

    [Fact]
    public async Task Signatures_are_released_when_their_audit_record_is_durable_and_not_before()
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _bed.Audit.Before = call =>
        {
            _ = call.Kind == RowStoreCallKind.Insert && reached.TrySetResult();
            return call.Kind == RowStoreCallKind.Insert ? go.Task : Task.CompletedTask;
        };

        Task<Result<IReadOnlyList<byte[]>>> signing = SignAsync();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        // The HSM has signed, the record is on its way, and nothing is told.
        Assert.Equal(2, _bed.Keys.SignCount);
        Assert.False(signing.IsCompleted);
        go.SetResult();
        Assert.Equal(2, (await signing).Value.Count);
        Assert.Equal(AuditEvent.SignaturesReleased, _bed.AuditRecords()[^1].Event);
    }

    [Fact]
    public async Task A_record_whose_insert_is_in_doubt_and_not_found_releases_nothing()
    {
        _bed.Audit.Fate = _ => WriteFate.LostBeforeArriving;
        await Assert.ThrowsAsync<AuditUnavailableException>(SignAsync);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_before_the_spend_keeps_the_SAD()
    {
        using CancellationTokenSource hangUp = new();
        Before(call => call.Kind == RowStoreCallKind.Read, async () => await hangUp.CancelAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _bed.Sam.SignHashAsync(_bed.SigningOf(_signer, _sad, _digests), hangUp.Token));

        _bed.Rows.Before = null;
        Assert.Equal(2, (await SignAsync()).Value.Count);
    }

    [Fact]
    public async Task The_trips_to_storage_are_fixed()
    {
        _bed.Rows.ForgetCalls();
        _ = (await SignAsync()).Value;

        // Three reads together, the spend, and the state row once more.
        Assert.Equal(
            [
                (RowStoreCallKind.Read, SamTable.Transactions), (RowStoreCallKind.Read, SamTable.Clients), (RowStoreCallKind.Read, SamTable.Signers),
                (RowStoreCallKind.Replace, SamTable.Transactions), (RowStoreCallKind.Read, SamTable.Signers),
            ],
            _bed.Rows.Calls.Where(c => c.Kind != RowStoreCallKind.Time).Select(c => (c.Kind, c.Address.Table)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_who_hangs_up_at_the_spend_stops_nothing(bool before)
    {
        using CancellationTokenSource hangUp = new();
        (before ? (Action<Func<RowStoreCall, bool>, Func<Task>>)Before : After)(IsSpend, async () => await hangUp.CancelAsync());

        Result<IReadOnlyList<byte[]>> result = await _bed.Sam.SignHashAsync(_bed.SigningOf(_signer, _sad, _digests), hangUp.Token);

        Assert.Equal(2, result.Value.Count);
        Assert.Equal(AuditEvent.SignaturesReleased, _bed.AuditRecords()[^1].Event);
    }

    private static bool IsSpend(RowStoreCall call) => call is { Kind: RowStoreCallKind.Replace, Address.Table: SamTable.Transactions };

    private Task<Result<IReadOnlyList<byte[]>>> SignAsync() => _bed.SignAsync(_signer, _sad, _digests);

    private async Task AssertFailedAsync(SamErrorCode cause)
    {
        AuditRecord record = _bed.AuditRecords()[^1];
        Assert.Equal((AuditEvent.SigningFailed, cause.ToString()), (record.Event, record.Cause));
        Assert.NotNull(record.Transaction);
        Assert.Equal(2, record.Digests?.Count);

        (_bed.Rows.Before, _bed.Rows.After, _bed.Hsm.BeforeSign, _bed.Hsm.ChangeSignatures) = (null, null, null, null);
        int signed = _bed.Hsm.SignCalls;
        Assert.Contains((await SignAsync()).Refusal?.Code, new SamErrorCode?[] { SamErrorCode.SadSpent, SamErrorCode.SadExpired });
        Assert.Equal(signed, _bed.Hsm.SignCalls);
    }

    private void Before(Func<RowStoreCall, bool> which, Func<Task> act) => _bed.Rows.Before = Once(which, act);

    private void After(Func<RowStoreCall, bool> which, Func<Task> act) => _bed.Rows.After = Once(which, act);

    // Once, because what is done meanwhile passes here too.
    private static Func<RowStoreCall, Task> Once(Func<RowStoreCall, bool> which, Func<Task> act)
    {
        bool done = false;
        return call =>
        {
            if (done || !which(call))
            {
                return Task.CompletedTask;
            }

            done = true;
            return act();
        };
    }
}
