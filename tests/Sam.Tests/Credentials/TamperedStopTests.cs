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

/// <summary>Whoever writes the tables takes no stop away: what no signature is judged by is in no stop's way.</summary>
[Trait("Requirement", "STP-1")]
[Trait("Requirement", "MGT-2")]
[Trait("Requirement", "T-INS-1")]
public sealed class TamperedStopTests : IAsyncLifetime
{
    private const string Reason = "lost my phone";

    private static readonly Digest _digest = Digests.Some(1)[0];

    private SamTestBed _bed = null!;
    private TestSigner _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _alice = await _bed.AddSignerAsync();
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    /// <summary>What is done to a row, and what the alarm calls it.</summary>
    public static TheoryData<string, string> Harms => new()
    {
        { "deleted", nameof(SamErrorCode.RowMissing) },
        { "junk", nameof(SamErrorCode.RowBroken) },
        { "touched", nameof(SamErrorCode.RowRolledBack) },
    };

    [Theory]
    [MemberData(nameof(Harms))]
    public async Task No_state_of_a_credentials_file_is_in_the_way_of_a_stop(string harm, string fault)
    {
        CredentialAct[] acts = [CredentialAct.Suspend, CredentialAct.Revoke, CredentialAct.Destroy];
        foreach (CredentialAct act in acts)
        {
            Harm(CredentialRows.File(_alice.Credential), harm);
            Assert.Null(await StopAsync(act));
            AuditRecord alarm = _bed.AuditRecords().Last(r => r.Event == AuditEvent.IntegrityFault);
            Assert.Equal((fault, _alice.Credential.Value), (alarm.Cause, alarm.Credential));
            await AssertStoppedAsync();
        }

        Assert.Equal(acts.Length, _bed.AuditRecords().Count(r => r.Event == AuditEvent.IntegrityFault));
        ChangeView last = Assert.Single((await _bed.Sam.Credentials.ListHistoryAsync(_alice.Credential, CancellationToken.None)).Value);
        Assert.Equal(nameof(CredentialAct.Destroy), last.What);
    }

    [Theory]
    [MemberData(nameof(Harms))]
    public async Task The_signer_stops_without_the_file_too(string harm, string fault)
    {
        Harm(CredentialRows.File(_alice.Credential), harm);
        Assert.Null(await StopByThemselvesAsync(await ChallengeAsync(CredentialAct.Revoke), CredentialAct.Revoke));
        Assert.Equal(fault, Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault).Cause);
        await AssertStoppedAsync();
    }

    [Fact]
    public async Task A_file_that_is_written_all_the_time_is_left_out()
    {
        RowAddress file = CredentialRows.File(_alice.Credential);
        _bed.Rows.Before = call =>
        {
            if (call.Kind == RowStoreCallKind.Commit)
            {
                _ = _bed.Table.Attacker.WriteBack(_bed.Table.Attacker.Row(file));
            }

            return Task.CompletedTask;
        };
        Assert.Null(await StopAsync(CredentialAct.Revoke));
        Assert.Equal(nameof(SamErrorCode.RowConflict), Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault).Cause);
        await AssertStoppedAsync();
    }

    [Theory]
    [InlineData(CredentialAct.Resume)]
    [InlineData(CredentialAct.Certify)]
    public async Task What_is_no_stop_needs_the_file(CredentialAct act)
    {
        Assert.Null(act == CredentialAct.Resume ? await StopAsync(CredentialAct.Suspend) : null);
        Harm(CredentialRows.File(_alice.Credential), "touched");
        Assert.Equal(
            SamErrorCode.RowRolledBack, (await _bed.Sam.Credentials.ActAsync(_alice.Credential, act, Actor.Sam, Reason, null, row => row, CancellationToken.None)).Refusal?.Code);
    }

    [Theory]
    [MemberData(nameof(Harms))]
    public async Task No_state_of_a_signers_own_rows_is_in_the_way_of_a_stop(string harm, string fault)
    {
        foreach (SignerAct act in new[] { SignerAct.Suspend, SignerAct.Close })
        {
            TestSigner bob = await _bed.AddSignerAsync($"bob.{act}");
            SecretText sad = await _bed.AuthorizeAsync(bob, _digest);
            foreach (RowAddress address in new[] { SignerRows.Signer(bob.Id), SignerRows.File(bob.Id) })
            {
                Harm(address, harm, bob.Credential);
            }

            Assert.Null((await (act == SignerAct.Suspend
                ? _bed.Sam.Signers.SuspendAsync(bob.Id, Actor.Sam, Reason, null, CancellationToken.None)
                : _bed.Sam.Signers.CloseAsync(bob.Id, Actor.Sam, Reason, null, CancellationToken.None))).Refusal);
            AuditRecord[] alarms = [.. _bed.AuditRecords().Where(r => r.Event == AuditEvent.IntegrityFault && r.Detail!.Contains(bob.Id.Value, StringComparison.Ordinal))];
            Assert.Equal(2, alarms.Length);
            Assert.All(alarms, alarm => Assert.Equal(fault, alarm.Cause));
            Assert.NotNull((await _bed.SignAsync(bob, sad, _digest)).Refusal);
            Assert.NotNull((await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(bob, _digest), CancellationToken.None)).Refusal);
        }
    }

    [Fact]
    public async Task A_code_that_stood_in_a_file_written_back_is_gone()
    {
        SecretText code = (await _bed.Sam.Enrolment.IssueCodeAsync(_alice.Id, Actor.Sam, CancellationToken.None)).Value.Code;
        Harm(SignerRows.File(_alice.Id), "touched");
        Assert.Null((await _bed.Sam.Signers.SuspendAsync(_alice.Id, Actor.Sam, Reason, null, CancellationToken.None)).Refusal);
        Assert.Null((await _bed.Sam.Signers.ResumeAsync(_alice.Id, Actor.Sam, Reason, null, CancellationToken.None)).Refusal);
        Assert.Equal(
            SamErrorCode.EnrolmentCodeInvalid,
            (await _bed.Sam.Enrolment.EnrolAsync(SamTestBed.Login("alice"), code, SamTestBed.NewPin(), CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task A_row_beside_the_credentials_that_does_not_open_is_in_nobodys_way()
    {
        TestSigner second = await _bed.AddCredentialAsync("alice", _alice.Id, _alice.Pin, Core.Algorithms.KeyAlgorithm.P256);
        Harm(SignerRows.Credential(second.Credential), "touched");
        _ = _bed.Table.Attacker.Write(new RowAddress(SamTable.Signers, _alice.Id.Value, "credential-zz"), new byte[10]);

        SecretText code = (await _bed.Sam.Enrolment.IssueCodeAsync(_alice.Id, Actor.Sam, CancellationToken.None)).Value.Code;
        Assert.Null((await _bed.Sam.Enrolment.EnrolAsync(SamTestBed.Login("alice"), code, _alice.Pin, CancellationToken.None)).Refusal);
        Assert.Null((await _bed.Sam.Signers.SetClientsAsync(_alice.Id, LinkedClients.Of(_bed.Client), Actor.Sam, null, CancellationToken.None)).Refusal);
        Assert.Single((await _bed.SignAsync(_alice, await _bed.AuthorizeAsync(_alice, _digest), _digest)).Value);
        Assert.Null((await _bed.Sam.Signers.SuspendAsync(_alice.Id, Actor.Sam, Reason, null, CancellationToken.None)).Refusal);
        await AssertStoppedAsync();
        Assert.Null((await _bed.Sam.Signers.CloseAsync(_alice.Id, Actor.Sam, Reason, null, CancellationToken.None)).Refusal);
        Assert.Equal(
            SamErrorCode.RowRolledBack, (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(second, _digest), CancellationToken.None)).Refusal?.Code);

        // Two rows, four changes; one alarm each.
        Assert.Equal(8, _bed.AuditRecords().Count(r => r.Event == AuditEvent.IntegrityFault));
    }

    [Theory]
    [MemberData(nameof(Harms))]
    public async Task Used_challenges_that_do_not_open_are_written_anew_and_revive_nothing(string harm, string fault)
    {
        SecretText used = await ChallengeAsync(CredentialAct.Suspend);
        Assert.Null(await StopByThemselvesAsync(used, CredentialAct.Suspend));
        Assert.Null(await StopByThemselvesAsync(await ChallengeAsync(CredentialAct.Resume), CredentialAct.Resume));
        SecretText unused = await ChallengeAsync(CredentialAct.Suspend);

        Harm(CredentialRows.UsedChallenges(_alice.Id), harm);
        foreach (SecretText old in new[] { used, unused, used })
        {
            Assert.Equal(SamErrorCode.ChallengeUsed, await StopByThemselvesAsync(old, CredentialAct.Suspend));
        }

        Assert.Equal(fault, Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault).Cause);
        _bed.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(SamErrorCode.ChallengeUsed, await StopByThemselvesAsync(used, CredentialAct.Suspend));
        SecretText fresh = await ChallengeAsync(CredentialAct.Suspend);
        Assert.Null(await StopByThemselvesAsync(fresh, CredentialAct.Suspend));
        Assert.Equal(SamErrorCode.ChallengeUsed, await StopByThemselvesAsync(fresh, CredentialAct.Suspend));
    }

    /// <summary>Two processes know the store's clock to some seconds: one that is ahead does not forget what the other one would still take.</summary>
    [Fact]
    public async Task A_used_challenge_is_kept_longer_than_it_is_good()
    {
        SecretText used = await ChallengeAsync(CredentialAct.Suspend);
        Assert.Null(await StopByThemselvesAsync(used, CredentialAct.Suspend));
        UsedChallenges challenges = new(_bed.SealedRows, new NoAudit());
        DateTimeOffset now = _bed.Clock.GetUtcNow();
        string id = Assert.Single((await _bed.SealedRows.ReadAsync(CredentialRows.UsedChallenges(_alice.Id), RowSchemas.UsedChallenges, CancellationToken.None)).Value.Value.Ids).Key;
        DateTimeOffset end = now + StopChallenge.Lifetime;

        // Somebody ahead uses another one, and this one stays.
        UsedOnce use = (await challenges.UseAsync(_alice.Id, "another", now, end, end.AddSeconds(9), CancellationToken.None)).Value;
        Assert.Null((await _bed.SealedRows.CommitAsync([use.Write], CancellationToken.None)).Refusal);
        Assert.Equal(SamErrorCode.ChallengeUsed, (await challenges.UseAsync(_alice.Id, id, now, end, end.AddSeconds(-1), CancellationToken.None)).Refusal?.Code);
    }

    private void Harm(RowAddress address, string harm, CredentialId? alive = null)
    {
        StoredRow row = _bed.Table.Attacker.Row(address);
        switch (harm)
        {
            case "deleted":
                Assert.True(_bed.Table.Attacker.Delete(address));
                break;
            case "junk":
                _ = _bed.Table.Attacker.Write(address, new byte[10]);
                break;
            default:
                // Nothing in it is changed: its age alone tells.
                _bed.Clock.Advance(TimeSpan.FromSeconds(10));
                _ = _bed.Table.Attacker.WriteBack(row);
                break;
        }

        // What decides a signature still stands.
        Assert.Contains(_bed.Table.Attacker.Rows(SamTable.Signers), r => r.Address == SignerRows.Credential(alive ?? _alice.Credential));
    }

    private async Task<SamErrorCode?> StopAsync(CredentialAct act) => act switch
    {
        CredentialAct.Suspend => (await _bed.Sam.Credentials.SuspendAsync(_alice.Credential, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code,
        CredentialAct.Revoke => (await _bed.Sam.Credentials.RevokeAsync(_alice.Credential, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code,
        _ => (await _bed.Sam.Credentials.DestroyAsync(_alice.Credential, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code,
    };

    private async Task<SecretText> ChallengeAsync(CredentialAct act) =>
        (await _bed.Sam.Own.ChallengeAsync(SamTestBed.Login("alice"), _alice.Credential, act, CancellationToken.None)).Value.Challenge;

    private async Task<SamErrorCode?> StopByThemselvesAsync(SecretText challenge, CredentialAct act) =>
        (await _bed.Sam.Own.StopAsync(SamTestBed.Login("alice"), _alice.Credential, act, challenge, _alice.Pin, Reason, CancellationToken.None)).Refusal?.Code;

    private async Task AssertStoppedAsync() =>
        Assert.NotNull((await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(_alice, _digest), CancellationToken.None)).Refusal);

    private sealed class NoAudit : IAuditLog
    {
        public bool IsFailing => false;

        public Task<ChainHead> AppendAsync(AuditRecord record) => Task.FromResult(new ChainHead(string.Empty, 0, default));
    }
}
