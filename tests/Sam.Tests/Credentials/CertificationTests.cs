using Sam.Core;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.Certificates;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Credentials;

/// <summary>From a key to a credential that can be used, the way officers and the signer go: request, certificate, confirmation.</summary>
[Trait("Requirement", "CSR-2")]
[Trait("Requirement", "T-CSR-2")]
public sealed class CertificationTests : IAsyncLifetime
{
    private static readonly LoginName _login = SamTestBed.Login("alice");
    private static readonly Actor _officer = Actor.Sam;
    private static readonly Digest _digest = Digests.Some(1)[0];

    private readonly SecretText _pin = SamTestBed.NewPin();
    private SamTestBed _bed = null!;
    private TestAuthority _authority = null!;
    private ActivationModule[] _processes = [];
    private CredentialId _credential;
    private SigningKey _key = null!;

    private ActivationModule Module => _processes[0];

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _authority = TestAuthority.Root(_bed.Clock.GetUtcNow().AddYears(-1));
        _processes = [await _bed.OpenProcessAsync(new ActivationModuleOptions { Certificates = new CertificatePolicy { TrustAnchors = _authority.CertificatePem } })];
        SubjectName alice = SubjectName.Create("Alice Example", givenName: "Alice", surname: "Example", country: "JP").Value;
        SignerRegistration registration = SignerSteps.Registration("alice", LinkedClients.Of(_bed.Client)) with { Identity = alice };
        SignerId signer = (await Module.Signers.RegisterAsync(registration, _officer, CancellationToken.None)).Value;
        _ = (await Module.SetPinAsync(signer, _pin, CancellationToken.None)).Value;
        (_credential, _key) = (await Module.CreateCredentialAsync(signer, KeyAlgorithm.P256, 1, null, CancellationToken.None)).Value;
    }

    public async ValueTask DisposeAsync()
    {
        _authority.Dispose();
        await _bed.DisposeAsync();
    }

    [Fact]
    public async Task A_credential_is_used_when_its_signer_has_confirmed_the_certificate()
    {
        MadeRequest made = (await Module.Credentials.RequestCertificateAsync(_credential, _officer, CancellationToken.None)).Value;
        Assert.True(made.Comparison.IsAsRegistered);
        Assert.Equal(made.Comparison.Registered, made.Comparison.InRequest);

        Assert.Equal(_credential, (await CertifyAsync(Certificate())).Value);
        Assert.Equal(SamErrorCode.CredentialDisabled, (await AuthorizeAsync()).Refusal?.Code);
        _ = (await Module.Own.ConfirmAsync(_login, _credential, _pin, CancellationToken.None)).Value;
        Assert.Null((await AuthorizeAsync()).Refusal);
        Assert.Equal(
            [AuditEvent.RequestMade, AuditEvent.CertificateSet, AuditEvent.CredentialConfirmed],
            _bed.AuditRecords().Where(r => r.Credential == _credential.Value).Select(r => r.Event).Where(e => e is AuditEvent.RequestMade or AuditEvent.CertificateSet or AuditEvent.CredentialConfirmed));
    }

    [Fact]
    [Trait("Requirement", "T-REG-2")]
    public async Task Each_fault_of_a_certificate_is_its_own_error_and_is_recorded()
    {
        SigningKey other = await _bed.Keys.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, CancellationToken.None);
        using TestAuthority stranger = TestAuthority.Root(_bed.Clock.GetUtcNow().AddYears(-1));
        DateTimeOffset now = _bed.Clock.GetUtcNow();
        (SamErrorCode Cause, byte[] Certificate)[] faults =
        [
            (SamErrorCode.CertificateUnreadable, [1, 2, 3]),
            (SamErrorCode.CertificateOfAnotherKey, Certificate(wish => wish with { SubjectPublicKeyInfo = other.SubjectPublicKeyInfo })),
            (SamErrorCode.CertificateOfAnotherSubject, Certificate(wish => wish with { Subject = SubjectName.Create("Mallory").Value.ToDistinguishedName() })),
            (SamErrorCode.CertificateUsageWrong, Certificate(wish => wish with { KeyUsage = System.Security.Cryptography.X509Certificates.X509KeyUsageFlags.KeyEncipherment })),
            (SamErrorCode.CertificateExpired, Certificate(wish => wish with { NotAfter = now.AddSeconds(-1) })),
            (SamErrorCode.CertificateNotTrusted, stranger.Issue(Wish())),
        ];
        foreach ((SamErrorCode cause, byte[] certificate) in faults)
        {
            Assert.Equal(cause, (await CertifyAsync(certificate)).Refusal?.Code);
        }

        Assert.Equal(faults.Select(f => f.Cause.ToString()), _bed.AuditRecords().Where(r => r.Event == AuditEvent.CertificateRefused).Select(r => r.Cause));
        Assert.Equal(CredentialStatus.AwaitingCertificate, (await Module.Credentials.ViewAsync(_credential, CancellationToken.None)).Value.Status);
    }

    [Fact]
    public async Task A_renewed_certificate_needs_no_new_confirmation_and_the_old_one_is_kept()
    {
        _ = (await CertifyAsync(Certificate())).Value;
        _ = (await Module.Own.ConfirmAsync(_login, _credential, _pin, CancellationToken.None)).Value;
        _ = (await CertifyAsync(Certificate())).Value;
        Assert.Equal(CredentialStatus.Active, (await Module.Credentials.ViewAsync(_credential, CancellationToken.None)).Value.Status);
        Assert.Equal(
            ["Create", "Certify", "Confirm", "Certify"], (await Module.Credentials.ListHistoryAsync(_credential, CancellationToken.None)).Value.Select(c => c.What));
    }

    /// <summary>A stranger's certificate and a missing authority are two things: the second is judged when the certificate is used, too.</summary>
    [Fact]
    public async Task What_nobody_can_vouch_for_is_refused_where_the_policy_says_so()
    {
        _ = (await CertifyAsync(Certificate())).Value;
        _ = (await Module.Own.ConfirmAsync(_login, _credential, _pin, CancellationToken.None)).Value;
        ActivationModule strict = await _bed.OpenProcessAsync(
            new ActivationModuleOptions { Certificates = new CertificatePolicy { TrustAnchors = _authority.CertificatePem, Revocation = RevocationMode.HardFail } });
        SecretText sad = (await AuthorizeAsync()).Value.Sad;
        Assert.Equal(SamErrorCode.RevocationUnknown, (await strict.AuthorizeAsync(Authorization(), CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.RevocationUnknown, (await strict.SignHashAsync(Signing(sad), CancellationToken.None)).Refusal?.Code);
        Assert.Single((await Module.SignHashAsync(Signing(sad), CancellationToken.None)).Value);
    }

    private Task<Result<CredentialId>> CertifyAsync(byte[] certificate) =>
        Module.Credentials.SetCertificateAsync(_credential, [certificate], _officer, expected: null, CancellationToken.None);

    private byte[] Certificate(Func<CertificateWish, CertificateWish>? change = null) => _authority.Issue(change is null ? Wish() : change(Wish()));

    private CertificateWish Wish() => new(
        _key.SubjectPublicKeyInfo,
        SubjectName.Create("Alice Example", givenName: "Alice", surname: "Example", country: "JP").Value.ToDistinguishedName(),
        _bed.Clock.GetUtcNow().AddDays(-1),
        _bed.Clock.GetUtcNow().AddYears(1));

    private Core.Activation.AuthorizeRequest Authorization() => new(_bed.Caller, _credential, 1, [_digest], _pin);

    private Core.Activation.SignHashRequest Signing(SecretText sad) => new(_bed.Caller, _credential, sad, [_digest], SignatureAlgorithm.EcdsaSha256);

    private Task<Result<Core.Activation.IssuedSad>> AuthorizeAsync() => Module.AuthorizeAsync(Authorization(), CancellationToken.None);
}
