using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Sam.Api.Certificates;
using Sam.Core.Certificates;
using Xunit;

namespace Sam.Tests.Certificates;

/// <summary>A certification request leaves the SAM under the SAM's own signature (security decision 24).</summary>
[Trait("Requirement", "CSR-1")]
[Trait("Requirement", "REG-4")]
public sealed class RequestEnvelopeTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _sam = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _request = MakeRequest("CN=Eve");
    private byte[] _identity = null!;

    public async ValueTask InitializeAsync() => _identity = await IdentityAsync(_sam);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _sam.Dispose();

    [Fact]
    public async Task The_SAMs_certificate_is_its_own()
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(_identity);
        Assert.Equal("CN=FunctionsSam 0123abcd", certificate.Subject);
        Assert.Equal("CN=FunctionsSam 0123abcd", certificate.Issuer);
        Assert.Equal(_sam.ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(_now.AddYears(10), certificate.NotAfter.ToUniversalTime());
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, Assert.Single(certificate.Extensions.OfType<X509KeyUsageExtension>()).KeyUsages);
        Assert.False(Assert.Single(certificate.Extensions.OfType<X509BasicConstraintsExtension>()).CertificateAuthority);
        (int exit, string output) = await OpenSsl.RunAsync(_identity, "x509", "-inform", "DER", "-noout", "-text");
        Assert.True(exit == 0, output);
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(certificate);
        chain.ChainPolicy.VerificationTime = _now.UtcDateTime;
        Assert.True(chain.Build(certificate), string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation)));
    }

    [Fact]
    public async Task A_key_that_signs_something_else_gets_no_certificate()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await Assert.ThrowsAsync<CryptographicException>(() =>
            IdentityCertificate.CreateAsync("0123abcd", _sam.ExportSubjectPublicKeyInfo(), _now, SignWith(other), CancellationToken.None));
        await Assert.ThrowsAsync<CryptographicException>(() => RequestEnvelope.SealAsync(_request, _identity, _now, SignWith(other), CancellationToken.None));
    }

    [Fact]
    public async Task What_was_sealed_comes_out()
    {
        int asked = 0;
        byte[] cms = await RequestEnvelope.SealAsync(_request, _identity, _now, (digest, cancellationToken) =>
        {
            asked++;
            return SignWith(_sam)(digest, cancellationToken);
        }, CancellationToken.None);
        Assert.Equal(1, asked);
        Assert.Equal(_request, RequestEnvelope.Open(cms, _identity));
    }

    [Fact]
    public async Task Others_read_it()
    {
        byte[] envelope = await SealAsync(_request);
        SignedCms cms = new();
        cms.Decode(envelope);
        cms.CheckSignature(verifySignatureOnly: true);
        Assert.Equal(_identity, Assert.Single(cms.Certificates).RawData);
        SignerInfo signer = Assert.Single(cms.SignerInfos.Cast<SignerInfo>());
        Assert.Equal(
            ["1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"],
            signer.SignedAttributes.Cast<CryptographicAttributeObject>().Select(a => a.Oid.Value!).Order(StringComparer.Ordinal));
        Pkcs9SigningTime time = Assert.IsType<Pkcs9SigningTime>(signer.SignedAttributes.Cast<CryptographicAttributeObject>().Single(a => a.Oid.Value == "1.2.840.113549.1.9.5").Values[0]);
        Assert.Equal(_now, time.SigningTime.ToUniversalTime());

        (int exit, string output) = await OpenSsl.RunAsync(envelope, "cms", "-verify", "-inform", "DER", "-noverify", "-out", "/dev/null");
        Assert.True(exit == 0, output);

        // As an authority does that was given the certificate before: it also compares the certificate that the signature names.
        string trusted = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(trusted, PemEncoding.WriteString("CERTIFICATE", _identity), CancellationToken.None);
            string at = _now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            (exit, output) = await OpenSsl.RunAsync(envelope, "cms", "-verify", "-inform", "DER", "-cades", "-CAfile", trusted, "-purpose", "any", "-attime", at, "-out", "/dev/null");
            Assert.True(exit == 0, output);
        }
        finally
        {
            File.Delete(trusted);
        }
    }

    [Fact]
    [Trait("Requirement", "T-CSR-1")]
    [Trait("Requirement", "T-REG-2")]
    public async Task A_request_changed_inside_is_refused_here_and_by_openssl()
    {
        byte[] envelope = await SealAsync(_request);
        int start = envelope.AsSpan().IndexOf(_request);
        for (int i = 0; i < _request.Length; i++)
        {
            byte[] changed = [.. envelope];
            changed[start + i] ^= 1;
            Assert.Null(RequestEnvelope.Open(changed, _identity));
        }

        byte[] last = [.. envelope];
        last[start + _request.Length - 1] ^= 1;
        (int exit, string output) = await OpenSsl.RunAsync(last, "cms", "-verify", "-inform", "DER", "-noverify", "-out", "/dev/null");
        Assert.NotEqual(0, exit);
        Assert.Contains("CMS Verification failure", output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "T-CSR-1")]
    public async Task No_changed_byte_lets_another_request_out()
    {
        byte[] envelope = await SealAsync(_request);
        for (int i = 0; i < envelope.Length; i++)
        {
            byte[] changed = [.. envelope];
            changed[i] ^= 1;

            // A byte of the certificate that goes along may change: it is compared with nothing. What comes out never does.
            Assert.True(RequestEnvelope.Open(changed, _identity) is not { } content || content.AsSpan().SequenceEqual(_request), $"byte {i}");
        }
    }

    [Fact]
    [Trait("Requirement", "T-CSR-1")]
    [Trait("Requirement", "T-REG-2")]
    public async Task An_exchanged_request_under_anothers_key_is_refused_though_its_certificate_looks_alike()
    {
        using ECDsa attacker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] alike = await IdentityAsync(attacker);
        byte[] forged = await RequestEnvelope.SealAsync(MakeRequest("CN=Eve"), alike, _now, SignWith(attacker), CancellationToken.None);
        Assert.NotNull(RequestEnvelope.Open(forged, alike));
        Assert.Null(RequestEnvelope.Open(forged, _identity));
    }

    [Fact]
    [Trait("Requirement", "T-CSR-1")]
    public async Task A_second_signer_or_none_is_refused()
    {
        SignedCms cms = new();
        cms.Decode(await SealAsync(_request));
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 theirs = X509CertificateLoader.LoadCertificate(await IdentityAsync(other)).CopyWithPrivateKey(other);
        cms.ComputeSignature(new CmsSigner(theirs) { IncludeOption = X509IncludeOption.EndCertOnly });
        Assert.Null(RequestEnvelope.Open(cms.Encode(), _identity));
        cms.RemoveSignature(1);
        Assert.Equal(_request, RequestEnvelope.Open(cms.Encode(), _identity));
        cms.RemoveSignature(0);
        Assert.Null(RequestEnvelope.Open(cms.Encode(), _identity));
    }

    [Fact]
    [Trait("Requirement", "T-CSR-1")]
    public void What_the_SAM_signed_for_another_purpose_is_no_envelope()
    {
        // The key is right, the kind of content or the attributes are not.
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(_identity).CopyWithPrivateKey(_sam);
        foreach (ContentInfo content in new[] { new ContentInfo(_request), new ContentInfo(new Oid("1.2.840.113549.1.9.16.1.4"), _request) })
        {
            SignedCms cms = new(content);
            cms.ComputeSignature(new CmsSigner(certificate));
            Assert.Null(RequestEnvelope.Open(cms.Encode(), _identity));
        }

        Assert.Null(RequestEnvelope.Open([], _identity));
        Assert.Null(RequestEnvelope.Open(_request, _identity));
    }

    private static byte[] MakeRequest(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest(name, key, HashAlgorithmName.SHA256).CreateSigningRequest();
    }

    private static Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> SignWith(ECDsa key) =>
        (digest, _) => Task.FromResult(key.SignHash(digest.ToArray(), DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    private static Task<byte[]> IdentityAsync(ECDsa key) =>
        IdentityCertificate.CreateAsync("0123abcd", key.ExportSubjectPublicKeyInfo(), _now, SignWith(key), CancellationToken.None);

    private Task<byte[]> SealAsync(byte[] request) => RequestEnvelope.SealAsync(request, _identity, _now, SignWith(_sam), CancellationToken.None);
}
