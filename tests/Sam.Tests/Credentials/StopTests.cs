using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Credentials;

/// <summary>The signer stops what is theirs, nobody else does, and a captured request does nothing.</summary>
[Trait("Requirement", "STP-1")]
[Trait("Requirement", "STP-2")]
[Trait("Requirement", "T-STP-1")]
[Trait("Requirement", "T-STP-2")]
public sealed class StopTests : IAsyncLifetime
{
    private const string Reason = "lost my phone";

    private static readonly LoginName _login = SamTestBed.Login("alice");
    private static readonly Digest _digest = Digests.Some(1)[0];

    private SamTestBed _bed = null!;
    private TestSigner _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _alice = await _bed.AddSignerAsync();
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(CredentialAct.Suspend, CredentialStatus.Suspended)]
    [InlineData(CredentialAct.Revoke, CredentialStatus.Revoked)]
    [InlineData(CredentialAct.Destroy, CredentialStatus.Destroyed)]
    public async Task A_stop_holds_for_the_next_signature_at_every_process(CredentialAct act, CredentialStatus status)
    {
        Core.ActivationModule other = await _bed.OpenProcessAsync();
        SecretText sad = await _bed.AuthorizeAsync(_alice, _digest);

        Assert.Equal(status, (await StopAsync(act, await ChallengeAsync(act))).Value.Status);

        Assert.Equal(SamErrorCode.CredentialDisabled, (await other.SignHashAsync(_bed.SigningOf(_alice, sad, _digest), CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.CredentialDisabled, (await other.AuthorizeAsync(_bed.AuthorizationOf(_alice, _digest), CancellationToken.None)).Refusal?.Code);
        AuditRecord record = _bed.AuditRecords().Last(r => r.Credential == _alice.Credential.Value && r.By is not null);
        Assert.Equal($"signer:{_alice.Id.Value}", record.By);
    }

    [Fact]
    public async Task A_suspended_credential_is_resumed_by_its_signer()
    {
        _ = (await StopAsync(CredentialAct.Suspend, await ChallengeAsync(CredentialAct.Suspend))).Value;
        Assert.Equal(CredentialStatus.Active, (await StopAsync(CredentialAct.Resume, await ChallengeAsync(CredentialAct.Resume))).Value.Status);
        Assert.Single((await _bed.SignAsync(_alice, await _bed.AuthorizeAsync(_alice, _digest), _digest)).Value);
    }

    [Fact]
    public async Task Who_has_the_factors_undoes_no_suspension_of_an_officer_and_the_reverse()
    {
        _ = (await _bed.Sam.Credentials.SuspendAsync(_alice.Credential, Actor.Sam, Reason, null, CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.CredentialStateWrong, (await _bed.Sam.Own.ChallengeAsync(_login, _alice.Credential, CredentialAct.Resume, CancellationToken.None)).Refusal?.Code);

        // Nor by suspending it once more, which is allowed, and taking that back.
        _ = (await StopAsync(CredentialAct.Suspend, await ChallengeAsync(CredentialAct.Suspend))).Value;
        Assert.Equal(CredentialStatus.Suspended, (await StopAsync(CredentialAct.Resume, await ChallengeAsync(CredentialAct.Resume))).Value.Status);
        _ = (await StopAsync(CredentialAct.Suspend, await ChallengeAsync(CredentialAct.Suspend))).Value;
        _ = (await _bed.Sam.Credentials.ResumeAsync(_alice.Credential, Actor.Sam, Reason, null, CancellationToken.None)).Value;
        Assert.Equal(CredentialStatus.Suspended, await StatusAsync());
        Assert.Equal(SamErrorCode.CredentialStateWrong, (await _bed.Sam.Credentials.ResumeAsync(_alice.Credential, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(CredentialStatus.Active, (await StopAsync(CredentialAct.Resume, await ChallengeAsync(CredentialAct.Resume))).Value.Status);
    }

    [Fact]
    public async Task Nobody_else_asks_or_stops()
    {
        _ = await _bed.AddSignerAsync("mallory");
        LoginName mallory = SamTestBed.Login("mallory");
        Assert.Equal(SamErrorCode.NotTheSigner, (await _bed.Sam.Own.ChallengeAsync(mallory, _alice.Credential, CredentialAct.Revoke, CancellationToken.None)).Refusal?.Code);
        SecretText challenge = await ChallengeAsync(CredentialAct.Revoke);
        Assert.Equal(SamErrorCode.NotTheSigner, (await StopAsync(CredentialAct.Revoke, challenge, login: mallory)).Refusal?.Code);
        _ = LoginName.TryCreate("https://other.test", "alice", out LoginName? other);
        Assert.Equal(SamErrorCode.NotTheSigner, (await StopAsync(CredentialAct.Revoke, challenge, login: other)).Refusal?.Code);
        Assert.Equal(2, _bed.AuditRecords().Count(r => r.Event == AuditEvent.StopRefused && r.Cause == nameof(SamErrorCode.NotTheSigner)));
        Assert.Equal(CredentialStatus.Active, await StatusAsync());
    }

    [Fact]
    public async Task The_login_alone_stops_nothing()
    {
        SecretText challenge = await ChallengeAsync(CredentialAct.Revoke);
        Assert.Equal(SamErrorCode.PinWrong, (await StopAsync(CredentialAct.Revoke, challenge, pin: SamTestBed.NewPin())).Refusal?.Code);
        Assert.Equal(SamErrorCode.AuthDataInvalid, (await StopAsync(CredentialAct.Revoke, challenge, pin: new SecretText(""))).Refusal?.Code);
        Assert.Equal(CredentialStatus.Active, await StatusAsync());

        // Who has no challenge of this signer's neither guesses nor locks.
        int evaluations = _bed.PasswordHash.Evaluations;
        Assert.Equal(SamErrorCode.ChallengeInvalid, (await StopAsync(CredentialAct.Revoke, new SecretText("AAAA"), pin: SamTestBed.NewPin())).Refusal?.Code);
        Assert.Equal(evaluations, _bed.PasswordHash.Evaluations);
        Assert.Equal(CredentialStatus.Revoked, (await StopAsync(CredentialAct.Revoke, challenge)).Value.Status);
    }

    [Fact]
    public async Task A_captured_request_does_nothing_again()
    {
        SecretText suspend = await ChallengeAsync(CredentialAct.Suspend);
        _ = (await StopAsync(CredentialAct.Suspend, suspend)).Value;
        _ = (await StopAsync(CredentialAct.Resume, await ChallengeAsync(CredentialAct.Resume))).Value;

        Assert.Equal(SamErrorCode.ChallengeUsed, (await StopAsync(CredentialAct.Suspend, suspend)).Refusal?.Code);
        Core.ActivationModule other = await _bed.OpenProcessAsync();
        Assert.Equal(
            SamErrorCode.ChallengeUsed,
            (await other.Own.StopAsync(_login, _alice.Credential, CredentialAct.Suspend, suspend, _alice.Pin, Reason, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(CredentialStatus.Active, await StatusAsync());

        // Deleting what was used revives nothing, and neither does waiting.
        Assert.True(_bed.Table.Attacker.Delete(CredentialRows.UsedChallenges(_alice.Id)));
        Assert.Equal(SamErrorCode.ChallengeUsed, (await StopAsync(CredentialAct.Suspend, suspend)).Refusal?.Code);
        _bed.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(SamErrorCode.ChallengeExpired, (await StopAsync(CredentialAct.Suspend, suspend)).Refusal?.Code);
    }

    [Fact]
    public async Task A_challenge_is_for_one_action_on_one_credential()
    {
        TestSigner second = await _bed.AddCredentialAsync("alice", _alice.Id, _alice.Pin, Core.Algorithms.KeyAlgorithm.P256);
        SecretText suspend = await ChallengeAsync(CredentialAct.Suspend);
        Assert.Equal(SamErrorCode.ChallengeInvalid, (await StopAsync(CredentialAct.Destroy, suspend)).Refusal?.Code);
        Assert.Equal(
            SamErrorCode.ChallengeInvalid,
            (await _bed.Sam.Own.StopAsync(_login, second.Credential, CredentialAct.Suspend, suspend, _alice.Pin, Reason, CancellationToken.None)).Refusal?.Code);

        byte[] bytes = System.Buffers.Text.Base64Url.DecodeFromChars(suspend.Reveal());
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] changed = [.. bytes];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            SecretText text = new(System.Buffers.Text.Base64Url.EncodeToString(changed));
            Assert.NotNull(StopChallenge.Open(_bed.SystemKeys.Envelope, text, _alice.Credential, CredentialAct.Suspend, _bed.Clock.GetUtcNow()).Refusal);
        }

        Assert.Equal(CredentialStatus.Suspended, (await StopAsync(CredentialAct.Suspend, suspend)).Value.Status);
    }

    [Fact]
    public async Task Of_one_request_sent_many_times_at_once_one_is_carried_out()
    {
        Core.ActivationModule other = await _bed.OpenProcessAsync();
        SecretText challenge = await ChallengeAsync(CredentialAct.Suspend);
        Result<CredentialView>[] all = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Task.Run(() =>
            (i % 2 == 0 ? _bed.Sam : other).Own.StopAsync(_login, _alice.Credential, CredentialAct.Suspend, challenge, _alice.Pin, Reason, CancellationToken.None))));
        Assert.Single(all, r => r.Refusal is null);
        Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.CredentialSuspended);
    }

    [Fact]
    public async Task Only_stops_are_asked_for()
    {
        foreach (CredentialAct act in new[] { CredentialAct.Certify, CredentialAct.Confirm })
        {
            Assert.Equal(
                new Refusal(SamErrorCode.ParameterInvalid, "action"), (await _bed.Sam.Own.ChallengeAsync(_login, _alice.Credential, act, CancellationToken.None)).Refusal);
        }

        Assert.Equal(SamErrorCode.CredentialStateWrong, (await _bed.Sam.Own.ChallengeAsync(_login, _alice.Credential, CredentialAct.Resume, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(new Refusal(SamErrorCode.ParameterInvalid, "reason"), (await StopAsync(CredentialAct.Suspend, await ChallengeAsync(CredentialAct.Suspend), reason: "")).Refusal);
    }

    [Fact]
    public async Task A_destroyed_key_is_seen_to_be_gone()
    {
        _ = (await StopAsync(CredentialAct.Destroy, await ChallengeAsync(CredentialAct.Destroy))).Value;
        CredentialView view = (await _bed.Sam.Credentials.ViewAsync(_alice.Credential, CancellationToken.None)).Value;
        Assert.Equal((true, null), (view.IsDestroyed, view.KeptUntil));
        await Assert.ThrowsAsync<KeyBackendException>(() => _bed.Keys.GetPublicKeyAsync(_alice.Key.Reference, CancellationToken.None));
        foreach (CredentialAct act in new[] { CredentialAct.Suspend, CredentialAct.Resume, CredentialAct.Revoke })
        {
            Assert.Equal(SamErrorCode.CredentialStateWrong, (await _bed.Sam.Own.ChallengeAsync(_login, _alice.Credential, act, CancellationToken.None)).Refusal?.Code);
        }
    }

    [Fact]
    public async Task A_destruction_that_breaks_off_leaves_a_key_that_cannot_be_used_and_is_finished_by_asking_again()
    {
        SecretText sad = await _bed.AuthorizeAsync(_alice, _digest);
        _bed.Hsm.BeforeDestroy = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "away");
        await Assert.ThrowsAsync<KeyBackendException>(() => _bed.Sam.Credentials.DestroyAsync(_alice.Credential, Actor.Sam, "retired", null, CancellationToken.None));
        _bed.Hsm.BeforeDestroy = null;
        Assert.Equal(SamErrorCode.CredentialDisabled, (await _bed.SignAsync(_alice, sad, _digest)).Refusal?.Code);
        Assert.False((await _bed.Sam.Credentials.ViewAsync(_alice.Credential, CancellationToken.None)).Value.IsDestroyed);

        Assert.True((await _bed.Sam.Credentials.DestroyAsync(_alice.Credential, Actor.Sam, "retired", null, CancellationToken.None)).Value.IsDestroyed);
        Assert.Equal(
            SamErrorCode.CredentialStateWrong,
            (await _bed.Sam.Credentials.DestroyAsync(_alice.Credential, Actor.Sam, "retired", null, CancellationToken.None)).Refusal?.Code);
        Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.KeyDestroyed);
    }

    [Fact]
    public async Task A_credential_is_confirmed_by_its_signer_with_their_PIN()
    {
        (CredentialId credential, SigningKey key) = (await _bed.Sam.CreateCredentialAsync(_alice.Id, Core.Algorithms.KeyAlgorithm.P256, 1, null, CancellationToken.None)).Value;
        byte[] certificate = _bed.IssueCertificate(key, _bed.Clock.GetUtcNow().AddDays(-1), _bed.Clock.GetUtcNow().AddYears(1));
        _ = (await _bed.Sam.Credentials.SetCertificateAsync(credential, [certificate], Actor.Sam, null, CancellationToken.None)).Value;
        Assert.False((await _bed.Sam.FindCredentialAsync(_bed.Caller, credential, CancellationToken.None)).Value.IsUsable);

        Assert.Equal(SamErrorCode.NotTheSigner, (await _bed.Sam.Own.ConfirmAsync(SamTestBed.Login("mallory"), credential, _alice.Pin, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.PinWrong, (await _bed.Sam.Own.ConfirmAsync(_login, credential, SamTestBed.NewPin(), CancellationToken.None)).Refusal?.Code);
        _ = (await _bed.Sam.Own.ConfirmAsync(_login, credential, _alice.Pin, CancellationToken.None)).Value;
        Assert.True((await _bed.Sam.FindCredentialAsync(_bed.Caller, credential, CancellationToken.None)).Value.IsUsable);
        Assert.Equal(SamErrorCode.CredentialStateWrong, (await _bed.Sam.Own.ConfirmAsync(_login, credential, _alice.Pin, CancellationToken.None)).Refusal?.Code);
    }

    private async Task<SecretText> ChallengeAsync(CredentialAct act) => (await _bed.Sam.Own.ChallengeAsync(_login, _alice.Credential, act, CancellationToken.None)).Value.Challenge;

    private Task<Result<CredentialView>> StopAsync(CredentialAct act, SecretText challenge, LoginName? login = null, SecretText? pin = null, string reason = Reason) =>
        _bed.Sam.Own.StopAsync(login ?? _login, _alice.Credential, act, challenge, pin ?? _alice.Pin, reason, CancellationToken.None);

    private async Task<CredentialStatus> StatusAsync() => (await _bed.Sam.Credentials.ViewAsync(_alice.Credential, CancellationToken.None)).Value.Status;
}
