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
    public async Task A_stop_that_is_stored_before_the_spend_releases_nothing()
    {
        // After the checks, before the spend.
        Before(IsSpend, () => _bed.Sam.Signers.SetSuspendedAsync(_signer.Credential, suspended: true, CancellationToken.None));

        Assert.Equal(SamErrorCode.StoppedWhileSigning, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.StoppedWhileSigning);
    }

    [Fact]
    public async Task A_stop_that_is_stored_with_the_spend_releases_nothing()
    {
        After(IsSpend, () => _bed.Sam.Signers.SetSuspendedAsync(_signer.Credential, suspended: true, CancellationToken.None));

        Assert.Equal(SamErrorCode.StoppedWhileSigning, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.StoppedWhileSigning);
    }

    [Fact]
    public async Task Any_change_of_the_signer_stops_what_is_being_signed()
    {
        After(IsSpend, () => _bed.Sam.Signers.SetPinAsync(_signer.Id, SamTestBed.NewPin(), CancellationToken.None));

        Assert.Equal(SamErrorCode.StoppedWhileSigning, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.StoppedWhileSigning);
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_stop_that_is_written_back_releases_nothing()
    {
        // The insider undoes the stop before it is read: the content is the same, its version is not.
        StoredRow active = _bed.Table.Attacker.Rows(SamTable.Signers).Single(r => r.Address.RowKey.StartsWith("credential-", StringComparison.Ordinal));
        After(IsSpend, async () =>
        {
            _ = await _bed.Sam.Signers.SetSuspendedAsync(_signer.Credential, suspended: true, CancellationToken.None);
            _ = _bed.Table.Attacker.WriteBack(active);
        });

        Assert.Equal(SamErrorCode.StoppedWhileSigning, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.StoppedWhileSigning);
    }

    [Fact]
    public async Task A_state_row_that_is_gone_stops()
    {
        RowAddress address = _bed.Table.Attacker.Rows(SamTable.Signers).Single(r => r.Address.RowKey.StartsWith("credential-", StringComparison.Ordinal)).Address;
        After(IsSpend, () => Task.FromResult(_bed.Table.Attacker.Delete(address)));

        Assert.Equal(SamErrorCode.StoppedWhileSigning, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.StoppedWhileSigning);
    }

    [Fact]
    public async Task A_state_row_that_cannot_be_asked_for_releases_nothing()
    {
        bool spent = false;
        After(IsSpend, () => Task.FromResult(spent = true));
        Before(call => spent && call.Kind == RowStoreCallKind.Read, () => throw new RowStoreException("test"));

        Assert.Equal(SamErrorCode.StorageUnavailable, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.StorageUnavailable);
    }

    [Fact]
    public async Task A_spend_that_outlived_its_SAD_releases_nothing()
    {
        _bed.Clock.Advance(TimeSpan.FromSeconds(299));
        Before(IsSpend, () =>
        {
            _bed.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.CompletedTask;
        });

        Assert.Equal(SamErrorCode.SadExpired, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.SadExpired);
    }

    [Theory]
    [InlineData(2_000, true)]
    [InlineData(2_001, false)]
    public async Task A_process_that_was_stopped_between_spend_and_HSM_uses_no_key(int milliseconds, bool signs)
    {
        // The pause falls between the two readings of the clock around the spend's answer and the HSM's call.
        int readings = -1;
        After(IsSpend, () => Task.FromResult(readings = 0));
        _bed.Clock.BeforeTimestamp = () =>
        {
            if (readings >= 0 && ++readings == 2)
            {
                _bed.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            }
        };

        Assert.Equal(signs ? null : SamErrorCode.SigningTooSlow, (await SignAsync()).Refusal?.Code);

        Assert.Equal(signs ? 1 : 0, _bed.Hsm.SignCalls);
        if (!signs)
        {
            await AssertFailedAsync(SamErrorCode.SigningTooSlow);
        }
    }

    [Theory]
    [InlineData(10_000, true)]
    [InlineData(10_001, false)]
    public async Task What_takes_too_long_is_not_released(int milliseconds, bool released)
    {
        _bed.Hsm.BeforeSign = () =>
        {
            _bed.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return Task.CompletedTask;
        };

        Assert.Equal(released ? null : SamErrorCode.SigningTooSlow, (await SignAsync()).Refusal?.Code);

        if (!released)
        {
            await AssertFailedAsync(SamErrorCode.SigningTooSlow);

            // The signatures were made: their digests are on record although nobody got them.
            Assert.Equal(2, _bed.AuditRecords().Last(r => r.Event == AuditEvent.SigningFailed).SignatureDigests?.Count);
        }
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
        await reached.Task.WaitAsync(TestContext.Current.CancellationToken);

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
    public async Task A_caller_who_hangs_up_after_the_spend_stops_nothing()
    {
        using CancellationTokenSource hangUp = new();
        After(IsSpend, async () => await hangUp.CancelAsync());

        Result<IReadOnlyList<byte[]>> result = await _bed.Sam.SignHashAsync(_bed.SigningOf(_signer, _sad, _digests), hangUp.Token);

        Assert.Equal(2, result.Value.Count);
        Assert.Equal(AuditEvent.SignaturesReleased, _bed.AuditRecords()[^1].Event);
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
