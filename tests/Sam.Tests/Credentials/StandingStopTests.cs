using Sam.Core;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Credentials;

/// <summary>A stop that was undone by a row of the last five seconds is made again: for good it cannot be undone.</summary>
[Trait("Requirement", "STP-1")]
[Trait("Requirement", "MGT-2")]
[Trait("Requirement", "T-INS-1")]
public sealed class StandingStopTests : IAsyncLifetime
{
    private static readonly Digest _digest = Digests.Some(1)[0];

    private SamTestBed _bed = null!;
    private TestSigner _alice = null!;

    private RowAddress Credential => SignerRows.Credential(_alice.Credential);

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _alice = await _bed.AddSignerAsync();
        _bed.Clock.Advance(TimeSpan.FromDays(1));

        // So that the row a stop replaces is young.
        Assert.Null((await _bed.Sam.Signers.SetClientsAsync(_alice.Id, LinkedClients.Of(_bed.Client), Actor.Sam, null, CancellationToken.None)).Refusal);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(CredentialAct.Suspend, CredentialStatus.Suspended)]
    [InlineData(CredentialAct.Revoke, CredentialStatus.Revoked)]
    [InlineData(CredentialAct.Destroy, CredentialStatus.Destroyed)]
    public async Task A_credentials_stop_that_was_undone_is_made_again(CredentialAct act, CredentialStatus status)
    {
        StoredRow before = _bed.Table.Attacker.Row(Credential);
        _bed.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Null((await _bed.Sam.Credentials.ActAsync(_alice.Credential, act, Actor.Sam, "stolen", null, row => row, CancellationToken.None)).Refusal);
        _bed.Clock.Advance(TimeSpan.FromSeconds(2));
        _ = _bed.Table.Attacker.WriteBack(before);

        await TurnUntilMadeAgainAsync(alarms: 1);

        Assert.Equal(status, (await _bed.Sam.Credentials.ViewAsync(_alice.Credential, CancellationToken.None)).Value.Status);
        Assert.Equal(SamErrorCode.CredentialDisabled, (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(_alice, _digest), CancellationToken.None)).Refusal?.Code);

        // It was the last row that could come back.
        _bed.Clock.Advance(TimeSpan.FromDays(2));
        _ = _bed.Table.Attacker.WriteBack(before);
        Assert.Equal(SamErrorCode.RowRolledBack, (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(_alice, _digest), CancellationToken.None)).Refusal?.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_signers_stop_that_was_undone_is_made_again_in_all_their_rows(bool isForGood)
    {
        TestSigner second = await _bed.AddCredentialAsync("alice", _alice.Id, _alice.Pin, Core.Algorithms.KeyAlgorithm.P256);
        RowAddress[] all = [SignerRows.Signer(_alice.Id), Credential, SignerRows.Credential(second.Credential)];
        StoredRow[] before = [.. all.Select(_bed.Table.Attacker.Row)];

        // One of them is not even there when the stop is made.
        Assert.True(_bed.Table.Attacker.Delete(all[2]));
        Assert.Null((await (isForGood
            ? _bed.Sam.Signers.CloseAsync(_alice.Id, Actor.Sam, "stolen", null, CancellationToken.None)
            : _bed.Sam.Signers.SuspendAsync(_alice.Id, Actor.Sam, "stolen", null, CancellationToken.None))).Refusal);
        _bed.Clock.Advance(TimeSpan.FromSeconds(4));
        Array.ForEach(before, row => _ = _bed.Table.Attacker.WriteBack(row));

        await TurnUntilMadeAgainAsync(alarms: 3);

        Assert.Equal(isForGood ? SignerStatus.Closed : SignerStatus.Suspended, (await _bed.Sam.Signers.ViewAsync(_alice.Id, CancellationToken.None)).Value.Status);
        foreach (TestSigner credential in new[] { _alice, second })
        {
            Assert.Equal(SamErrorCode.CredentialDisabled, (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(credential, _digest), CancellationToken.None)).Refusal?.Code);
        }
    }

    /// <summary>The row that comes back is suspended, too, by the signer alone: whoever has their factors would resume it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_suspension_that_is_made_again_is_of_who_made_it(bool isAlsoTheSigners)
    {
        Actor signer = Actor.OfSigner(_alice.Id);
        if (isAlsoTheSigners)
        {
            Assert.Null(await ActAsync(CredentialAct.Suspend, signer));
        }

        StoredRow before = _bed.Table.Attacker.Row(Credential);
        Assert.Null(await ActAsync(CredentialAct.Suspend, Actor.Sam));
        _ = _bed.Table.Attacker.WriteBack(before);

        await TurnUntilMadeAgainAsync(alarms: 1);

        Assert.Equal(isAlsoTheSigners ? null : SamErrorCode.CredentialStateWrong, await ActAsync(CredentialAct.Resume, signer));
        Assert.Equal(SamErrorCode.CredentialDisabled, (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(_alice, _digest), CancellationToken.None)).Refusal?.Code);
        Assert.Null(await ActAsync(CredentialAct.Resume, Actor.Sam));
        Assert.Single((await _bed.SignAsync(_alice, await _bed.AuthorizeAsync(_alice, _digest), _digest)).Value);
    }

    [Fact]
    public async Task What_was_written_over_the_undone_stop_does_not_make_it_lawful()
    {
        StoredRow before = _bed.Table.Attacker.Row(Credential);
        Assert.Null((await _bed.Sam.Credentials.RevokeAsync(_alice.Credential, Actor.Sam, "stolen", null, CancellationToken.None)).Refusal);
        _ = _bed.Table.Attacker.WriteBack(before);
        Assert.Null((await _bed.Sam.Signers.SetClientsAsync(_alice.Id, LinkedClients.Of(_bed.Client), Actor.Sam, null, CancellationToken.None)).Refusal);

        await TurnUntilMadeAgainAsync(alarms: 1);

        Assert.Equal(CredentialStatus.Revoked, (await _bed.Sam.Credentials.ViewAsync(_alice.Credential, CancellationToken.None)).Value.Status);
    }

    /// <summary>It is taken away for the moment of the look, and what was lawfully written over the undone stop comes back after it: that is young enough to open.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_row_that_does_not_open_when_it_is_looked_at_is_looked_at_again(bool isSigners)
    {
        RowAddress[] rows = isSigners ? [SignerRows.Signer(_alice.Id), Credential] : [Credential];
        StoredRow[] before = [.. rows.Select(_bed.Table.Attacker.Row)];
        Assert.Null(isSigners
            ? (await _bed.Sam.Signers.CloseAsync(_alice.Id, Actor.Sam, "stolen", null, CancellationToken.None)).Refusal
            : (await _bed.Sam.Credentials.RevokeAsync(_alice.Credential, Actor.Sam, "stolen", null, CancellationToken.None)).Refusal);
        Array.ForEach(before, row => _ = _bed.Table.Attacker.WriteBack(row));
        _bed.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Null((await _bed.Sam.Signers.SetClientsAsync(_alice.Id, LinkedClients.Of(_bed.Client), Actor.Sam, null, CancellationToken.None)).Refusal);
        StoredRow[] late = [.. rows.Select(_bed.Table.Attacker.Row)];
        Assert.All(rows, row => Assert.True(_bed.Table.Attacker.Delete(row)));
        TaskCompletionSource looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _bed.Rows.After = call =>
        {
            _ = call.Kind is RowStoreCallKind.Read or RowStoreCallKind.List && looked.TrySetResult();
            return Task.CompletedTask;
        };
        _bed.Clock.Advance(TimeSpan.FromSeconds(3));
        await looked.Task;
        _bed.Rows.After = null;
        Array.ForEach(late, row => _ = _bed.Table.Attacker.WriteBack(row));

        await TurnUntilMadeAgainAsync(alarms: rows.Length);

        Assert.Equal(SamErrorCode.CredentialDisabled, (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(_alice, _digest), CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task Who_lawfully_resumes_stays_resumed()
    {
        ActivationModule other = await OpenAsync();
        Assert.Null((await other.Credentials.SuspendAsync(_alice.Credential, Actor.Sam, "lost", null, CancellationToken.None)).Refusal);
        Assert.Null((await _bed.Sam.Credentials.ResumeAsync(_alice.Credential, Actor.Sam, "found", null, CancellationToken.None)).Refusal);
        Assert.Null((await other.Signers.SuspendAsync(_alice.Id, Actor.Sam, "lost", null, CancellationToken.None)).Refusal);
        Assert.Null((await _bed.Sam.Signers.ResumeAsync(_alice.Id, Actor.Sam, "found", null, CancellationToken.None)).Refusal);

        // It closes when it has looked.
        await _bed.Clock.TurnUntilAsync(other.DisposeAsync().AsTask());

        Assert.Single((await _bed.SignAsync(_alice, await _bed.AuthorizeAsync(_alice, _digest), _digest)).Value);
        Assert.DoesNotContain(_bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault);
    }

    [Fact]
    public async Task A_module_that_is_closed_looks_at_its_last_stops_first()
    {
        StoredRow before = _bed.Table.Attacker.Row(Credential);
        ActivationModule other = await OpenAsync();
        Assert.Null((await other.Credentials.RevokeAsync(_alice.Credential, Actor.Sam, "stolen", null, CancellationToken.None)).Refusal);
        _ = _bed.Table.Attacker.WriteBack(before);

        await _bed.Clock.TurnUntilAsync(other.DisposeAsync().AsTask());

        Assert.Equal(CredentialStatus.Revoked, (await _bed.Sam.Credentials.ViewAsync(_alice.Credential, CancellationToken.None)).Value.Status);
    }

    [Fact]
    public async Task A_store_that_is_away_when_it_is_time_is_asked_again()
    {
        StoredRow before = _bed.Table.Attacker.Row(Credential);
        Assert.Null((await _bed.Sam.Credentials.RevokeAsync(_alice.Credential, Actor.Sam, "stolen", null, CancellationToken.None)).Refusal);
        _ = _bed.Table.Attacker.WriteBack(before);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _bed.Rows.Before = call =>
        {
            _ = asked.TrySetResult();
            throw new RowStoreException("away");
        };
        await _bed.Clock.TurnUntilAsync(asked.Task);
        _bed.Rows.Before = null;

        await TurnUntilMadeAgainAsync(alarms: 1);

        Assert.Equal(CredentialStatus.Revoked, (await _bed.Sam.Credentials.ViewAsync(_alice.Credential, CancellationToken.None)).Value.Status);
    }

    private async Task<SamErrorCode?> ActAsync(CredentialAct act, Actor by) =>
        (await _bed.Sam.Credentials.ActAsync(_alice.Credential, act, by, "stolen", null, row => row, CancellationToken.None)).Refusal?.Code;

    /// <summary>A process that the test closes itself.</summary>
    private Task<ActivationModule> OpenAsync() => ActivationModule.OpenAsync(
        _bed.Rows, _bed.Audit, _bed.Hsm, _bed.PasswordHash, new ActivationModuleOptions(), _bed.Clock, CancellationToken.None);

    private Task TurnUntilMadeAgainAsync(int alarms) =>
        _bed.Clock.TurnUntilAsync(() => _bed.AuditRecords().Count(r => r.Event == AuditEvent.IntegrityFault && r.Cause == nameof(SamErrorCode.RowRolledBack)) == alarms);
}
