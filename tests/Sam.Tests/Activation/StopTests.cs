using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>Stop means now (security decision 6): what is stopped, too slow or too late between spend and release is not released.</summary>
public sealed class StopTests : IAsyncLifetime
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

    [Fact]
    public async Task A_stop_that_is_stored_before_the_spend_releases_nothing()
    {
        // After the checks, before the spend.
        Before(IsSpend, () => _bed.Sam.SetSuspendedAsync(_signer.Credential, suspended: true, CancellationToken.None));

        Assert.Equal(SamErrorCode.StoppedWhileSigning, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.StoppedWhileSigning);
    }

    [Fact]
    public async Task A_stop_that_is_stored_with_the_spend_releases_nothing()
    {
        After(IsSpend, () => _bed.Sam.SetSuspendedAsync(_signer.Credential, suspended: true, CancellationToken.None));

        Assert.Equal(SamErrorCode.StoppedWhileSigning, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.StoppedWhileSigning);
    }

    [Fact]
    public async Task Any_change_of_the_signer_stops_what_is_being_signed()
    {
        After(IsSpend, () => _bed.Sam.SetPinAsync(_signer.Id, SamTestBed.NewPin(), CancellationToken.None));

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
            _ = await _bed.Sam.SetSuspendedAsync(_signer.Credential, suspended: true, CancellationToken.None);
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
    [InlineData(1_999, true)]
    [InlineData(2_000, false)]
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
        _bed.Hsm.ChangeSignatures = signatures =>
        {
            _bed.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return signatures;
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
    public async Task Waiting_for_a_place_at_the_HSM_counts()
    {
        _bed.Hsm.BeforeSign = () =>
        {
            _bed.Clock.Advance(TimeSpan.FromSeconds(2));
            return Task.CompletedTask;
        };

        Assert.Equal(SamErrorCode.SigningTooSlow, (await SignAsync()).Refusal?.Code);

        await AssertFailedAsync(SamErrorCode.SigningTooSlow);
        Assert.Null(_bed.AuditRecords().Last(r => r.Event == AuditEvent.SigningFailed).SignatureDigests);
    }

    [Fact]
    public async Task While_the_audit_fails_no_SAD_is_spent_and_no_attempt_counted()
    {
        _bed.Audit.Before = _ => throw new RowStoreException("test");
        await Assert.ThrowsAsync<AuditUnavailableException>(() => _bed.AuthorizeAsync(_signer, _digests));
        int before = _bed.PasswordHash.Evaluations;

        Assert.Equal(SamErrorCode.AuditUnavailable, (await SignAsync()).Refusal?.Code);
        Assert.Equal(
            SamErrorCode.AuditUnavailable,
            (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(_signer, _digests), CancellationToken.None)).Refusal?.Code);

        Assert.Equal((0, before), (_bed.Hsm.SignCalls, _bed.PasswordHash.Evaluations));
        Assert.DoesNotContain(_bed.Rows.Calls, IsSpend);
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
