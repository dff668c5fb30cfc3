using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Credentials;

/// <summary>A key gets a certificate for itself and for nothing else.</summary>
[Trait("Requirement", "REG-4")]
public sealed class CertificateTests : IAsyncLifetime
{
    private SamTestBed _bed = null!;
    private CredentialId _credential;
    private SigningKey _key = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        SignerId signer = (await _bed.Sam.RegisterAsync("alice", LinkedClients.Of(_bed.Client), CancellationToken.None)).Value;
        _ = (await _bed.Sam.SetPinAsync(signer, SamTestBed.NewPin(), CancellationToken.None)).Value;
        (_credential, _key) = (await _bed.Sam.CreateCredentialAsync(signer, KeyAlgorithm.P256, 1, null, CancellationToken.None)).Value;
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_certificate_of_the_key_makes_the_credential_usable()
    {
        Assert.Equal(_credential, (await SetAsync(Certificate(_key))).Value);
        CredentialView view = await ViewAsync();
        Assert.Equal((true, true), (view.IsUsable, view.IsInValidity));
        Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.CertificateSet);
    }

    [Fact]
    public async Task A_certificate_for_another_key_is_refused()
    {
        SigningKey other = await _bed.Keys.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, CancellationToken.None);
        await AssertRefusedAsync(SamErrorCode.CertificateOfAnotherKey, Certificate(other));
        await AssertRefusedAsync(SamErrorCode.CertificateOfAnotherKey, Certificate(other), Certificate(_key));
        Assert.False((await ViewAsync()).IsUsable);
    }

    [Fact]
    public async Task What_is_no_certificate_is_refused()
    {
        byte[] good = Certificate(_key);
        await AssertRefusedAsync();
        await AssertRefusedAsync([]);
        await AssertRefusedAsync("no certificate"u8.ToArray());
        await AssertRefusedAsync(good[..^1]);
        await AssertRefusedAsync(good, "no certificate"u8.ToArray());
        await AssertRefusedAsync(good, []);
        await AssertRefusedAsync([.. Enumerable.Repeat(good, 11)]);
        Assert.Equal(_credential, (await SetAsync([.. Enumerable.Repeat(good, 10)])).Value);
    }

    /// <summary>Clients are given what is kept, as DER. A second form of the same certificate would reach them as it came.</summary>
    [Fact]
    public async Task What_is_kept_is_DER_alone()
    {
        byte[] good = Certificate(_key);
        byte[] pem = Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", good));
        byte[] trailing = [.. good, 0];
        foreach (byte[] spelled in new[] { pem, trailing })
        {
            Result<CredentialId> result = await SetAsync(good, spelled);
            Assert.True(result.Refusal is not null || (await ViewAsync()).Certificates.All(c => c.AsSpan().SequenceEqual(good)));
            result = await SetAsync(spelled);
            Assert.True(result.Refusal is not null || (await ViewAsync()).Certificates.All(c => c.AsSpan().SequenceEqual(good)));
        }
    }

    [Fact]
    public async Task A_chain_has_a_bounded_size()
    {
        // A signer's rows are changed in one commit, which holds so much and no more.
        byte[] large = LargeCertificate(20_000);
        await AssertRefusedAsync(Certificate(_key), large, large);
        Assert.Equal(_credential, (await SetAsync(Certificate(_key), large)).Value);
    }

    [Fact]
    public async Task A_suspended_credential_does_not_come_back_by_a_new_certificate()
    {
        _ = (await SetAsync(Certificate(_key))).Value;
        _ = (await _bed.Sam.SetSuspendedAsync(_credential, suspended: true, CancellationToken.None)).Value;

        Assert.Equal(_credential, (await SetAsync(Certificate(_key))).Value);

        Assert.False((await ViewAsync()).IsUsable);
        _ = (await _bed.Sam.SetSuspendedAsync(_credential, suspended: false, CancellationToken.None)).Value;
        Assert.True((await ViewAsync()).IsUsable);
    }

    [Fact]
    public async Task A_certificate_needs_its_credential() =>
        Assert.Equal(
            SamErrorCode.CredentialUnknown,
            (await _bed.Sam.SetCertificateAsync(CredentialId.New(_credential.Signer), [Certificate(_key)], CancellationToken.None)).Refusal?.Code);

    [Fact]
    public async Task Validity_is_judged_by_the_stores_clock()
    {
        DateTimeOffset now = _bed.Clock.GetUtcNow();
        _ = (await SetAsync(_bed.IssueCertificate(_key, now.AddDays(-1), now.AddMinutes(1)))).Value;
        List<bool> seen = [];
        foreach (int minute in new[] { 0, 1 })
        {
            _bed.Clock.Advance(TimeSpan.FromMinutes(minute));
            seen.Add((await ViewAsync()).IsInValidity);
        }

        Assert.Equal([true, false], seen);
    }

    private static byte[] LargeCertificate(int size)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=large", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("1.2.3.4", new byte[size], critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return certificate.RawData;
    }

    private byte[] Certificate(SigningKey key) => _bed.IssueCertificate(key, _bed.Clock.GetUtcNow().AddDays(-1), _bed.Clock.GetUtcNow().AddYears(1));

    private Task<Result<CredentialId>> SetAsync(params byte[][] chain) => _bed.Sam.SetCertificateAsync(_credential, chain, CancellationToken.None);

    private Task AssertRefusedAsync(params byte[][] chain) => AssertRefusedAsync(SamErrorCode.CertificateUnreadable, chain);

    private async Task AssertRefusedAsync(SamErrorCode cause, params byte[][] chain) => Assert.Equal(cause, (await SetAsync(chain)).Refusal?.Code);

    private async Task<CredentialView> ViewAsync() => (await _bed.Sam.FindCredentialAsync(_bed.Caller, _credential, CancellationToken.None)).Value;
}
