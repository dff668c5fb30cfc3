using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Signers;

/// <summary>Who has the code has not the login, and who has the login has not the code: nobody but the signer sets the signer's factors.</summary>
[Trait("Requirement", "T-REG-4")]
[Trait("Requirement", "MGT-2")]
public sealed class EnrolmentTests : IAsyncLifetime
{
    private static readonly LoginName _alice = SamTestBed.Login("alice");
    private static readonly Digest _digest = Digests.Some(1)[0];

    private SamTestBed _bed = null!;
    private SignerId _signer;

    private Enrolment Enrolment => _bed.Sam.Enrolment;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _signer = (await _bed.Sam.RegisterAsync("alice", LinkedClients.Of(_bed.Client), CancellationToken.None)).Value;
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task With_code_and_login_the_signer_becomes_active()
    {
        Assert.Equal(SignerStatus.Registered, await StatusAsync());
        Assert.Equal(_signer, (await EnrolAsync(_alice, await CodeAsync())).Value);
        Assert.Equal(SignerStatus.Active, await StatusAsync());
        Assert.Equal(
            [AuditEvent.EnrolmentCodeIssued, AuditEvent.SignerEnrolled],
            _bed.AuditRecords().Where(r => r.Signer == _signer.Value).Select(r => r.Event).Where(e => e != AuditEvent.SignerRegistered));
    }

    [Fact]
    [Trait("Requirement", "T-INS-1")]
    public async Task An_officer_who_holds_the_code_sets_no_PIN()
    {
        SecretText code = await CodeAsync();
        _ = (await _bed.Sam.RegisterAsync("officer", LinkedClients.Of(_bed.Client), CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.NotTheSigner, (await EnrolAsync(SamTestBed.Login("nobody"), code)).Refusal?.Code);
        Assert.Equal(SamErrorCode.EnrolmentCodeInvalid, (await EnrolAsync(SamTestBed.Login("officer"), code)).Refusal?.Code);
        _ = LoginName.TryCreate("https://other.test", "alice", out LoginName? other);
        Assert.Equal(SamErrorCode.NotTheSigner, (await EnrolAsync(other!, code)).Refusal?.Code);
        Assert.Equal(SignerStatus.Registered, await StatusAsync());
        Assert.Equal(3, _bed.AuditRecords().Count(r => r.Event == AuditEvent.EnrolmentRefused));
    }

    [Fact]
    [Trait("Requirement", "T-INS-1")]
    public async Task Whoever_mints_tokens_sets_no_PIN_without_the_code()
    {
        _ = await CodeAsync();
        foreach (string guess in new[] { "", "0", "22222-22222-22222-22222-22222-2" })
        {
            Assert.Equal(SamErrorCode.EnrolmentCodeInvalid, (await EnrolAsync(_alice, new SecretText(guess))).Refusal?.Code);
        }
    }

    [Fact]
    public async Task A_code_is_good_once_until_its_end_or_until_the_next_one()
    {
        SecretText first = await CodeAsync();
        SecretText second = await CodeAsync();
        Assert.Equal(SamErrorCode.EnrolmentCodeInvalid, (await EnrolAsync(_alice, first)).Refusal?.Code);
        _ = (await EnrolAsync(_alice, second)).Value;
        Assert.Equal(SamErrorCode.EnrolmentCodeInvalid, (await EnrolAsync(_alice, second)).Refusal?.Code);

        SecretText third = await CodeAsync();
        _bed.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(SamErrorCode.EnrolmentCodeInvalid, (await EnrolAsync(_alice, third)).Refusal?.Code);
    }

    [Fact]
    public async Task Of_a_code_used_many_times_at_once_one_use_counts()
    {
        SecretText code = await CodeAsync();
        Core.ActivationModule other = await _bed.OpenProcessAsync();
        Result<SignerId>[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            (i % 2 == 0 ? _bed.Sam : other).Enrolment.EnrolAsync(_alice, code, SamTestBed.NewPin(), CancellationToken.None))));
        Assert.Single(all, r => r.Refusal is null);
        Assert.All(all.Where(r => r.Refusal is not null), r => Assert.Contains(r.Refusal!.Code, new[] { SamErrorCode.EnrolmentCodeInvalid, SamErrorCode.RowConflict }));
        Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.SignerEnrolled);
    }

    [Fact]
    public async Task An_enrolment_whose_answer_is_lost_is_settled()
    {
        SecretText code = await CodeAsync();
        _bed.Rows.Fate = call => call.Kind == RowStoreCallKind.Commit ? WriteFate.ArrivesUnanswered : WriteFate.Answered;
        Assert.Null((await EnrolAsync(_alice, code)).Refusal);
    }

    [Fact]
    public async Task A_suspension_is_no_matter_of_new_factors()
    {
        _ = (await EnrolAsync(_alice, await CodeAsync())).Value;
        SecretText code = await CodeAsync();
        _ = (await _bed.Sam.Signers.SuspendAsync(_signer, Actor.Sam, "lost phone", null, CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.SignerStateWrong, (await EnrolAsync(_alice, code)).Refusal?.Code);
        Assert.Equal(SamErrorCode.SignerStateWrong, (await Enrolment.IssueCodeAsync(_signer, Actor.Sam, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SignerStatus.Suspended, await StatusAsync());
    }

    [Fact]
    public async Task Unlocking_gives_attempts_back_and_resets_no_factor()
    {
        TestSigner bob = await _bed.AddSignerAsync("bob");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(SamErrorCode.PinWrong, (await TryAsync(bob, SamTestBed.NewPin())).Refusal?.Code);
        }

        Assert.Equal(SamErrorCode.PinLocked, (await TryAsync(bob, bob.Pin)).Refusal?.Code);
        _ = (await _bed.Sam.Signers.UnlockAsync(bob.Id, Actor.Sam, "called back", null, CancellationToken.None)).Value;
        Assert.Null((await TryAsync(bob, bob.Pin)).Refusal);
        Assert.Equal(5, (await _bed.CountersAsync(bob)).PinAttemptsEver);
    }

    [Fact]
    public async Task A_PIN_has_a_character() =>
        Assert.Equal(
            new Refusal(SamErrorCode.ParameterInvalid, "pin"), (await Enrolment.EnrolAsync(_alice, await CodeAsync(), new SecretText(""), CancellationToken.None)).Refusal);

    private Task<Result<IssuedSad>> TryAsync(TestSigner signer, SecretText pin) =>
        _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(signer, _digest) with { Pin = pin }, CancellationToken.None);

    private async Task<SecretText> CodeAsync() => (await Enrolment.IssueCodeAsync(_signer, Actor.Sam, CancellationToken.None)).Value.Code;

    private Task<Result<SignerId>> EnrolAsync(LoginName login, SecretText code) => Enrolment.EnrolAsync(login, code, SamTestBed.NewPin(), CancellationToken.None);

    private async Task<SignerStatus> StatusAsync() => (await _bed.Sam.Signers.ViewAsync(_signer, CancellationToken.None)).Value.Status;
}
