using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Sam.Api.Certificates;
using Sam.Core.Certificates;
using Sam.Testing.Certificates;
using Xunit;

namespace Sam.Tests.Certificates;

/// <summary>A list of revoked certificates is believed when the issuer signed it, for this certificate, now (RFC 5280 section 6.3).</summary>
public sealed class RevocationListTests : IAsyncLifetime
{
    private static readonly DateTimeOffset _now = RevocationBed.Now;
    private RevocationBed _bed = null!;

    public async ValueTask InitializeAsync() => _bed = await RevocationBed.StartAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Who_is_in_the_list_is_revoked_and_who_is_not_is_good()
    {
        byte[] eve = _bed.Issue(crl: "/crl");
        byte[] other = _bed.Issue(crl: "/crl");
        _bed.Responder.Serve("/crl", _ => _bed.Issuer.ListRevoked(_now, _now.AddDays(1), eve));
        Assert.Equal(new RevocationAnswer(RevocationStatus.Revoked, _now.AddDays(1)), await _bed.AskAsync(eve));
        Assert.Equal(new RevocationAnswer(RevocationStatus.Good, _now.AddDays(1)), await _bed.AskAsync(other));
    }

    [Fact]
    public async Task A_list_by_another_or_a_changed_one_is_none()
    {
        byte[] eve = _bed.Issue(crl: "/crl");
        using TestAuthority alike = TestAuthority.Root(_now.AddYears(-1), "Issuer");
        using TestAuthority other = TestAuthority.Root(_now.AddYears(-1), "Other");
        byte[] changed = _bed.Issuer.ListRevoked(_now, _now.AddDays(1), eve);
        changed[^1] ^= 1;
        foreach (byte[] list in new[] { alike.ListRevoked(_now, _now.AddDays(1)), other.ListRevoked(_now, _now.AddDays(1)), changed, [], [0x30, 0x80], "<html>"u8.ToArray() })
        {
            Assert.Equal(RevocationStatus.Unknown, await JudgeAsync(eve, list));
        }
    }

    [Fact]
    public async Task No_changed_byte_makes_a_revoked_certificate_good()
    {
        byte[] eve = _bed.Issue(crl: "/crl");
        byte[] list = _bed.Issuer.ListRevoked(_now, _now.AddDays(1), eve);
        for (int i = 0; i < list.Length; i += 3)
        {
            byte[] changed = [.. list];
            changed[i] ^= 1;
            Assert.Equal(RevocationStatus.Unknown, await JudgeAsync(eve, changed));
        }
    }

    [Fact]
    public async Task An_old_list_shown_again_is_refused()
    {
        byte[] eve = _bed.Issue(crl: "/crl");
        byte[] list = _bed.Issuer.ListRevoked(_now, _now.AddDays(1));
        Assert.Equal(RevocationStatus.Good, await JudgeAsync(eve, list, _now.AddDays(1).AddSeconds(-1)));
        Assert.Equal(RevocationStatus.Unknown, await JudgeAsync(eve, list, _now.AddDays(1)));
        Assert.Equal(RevocationStatus.Unknown, await JudgeAsync(eve, list, _now.AddSeconds(-61)));
    }

    /// <summary>An authority may keep one list per part of its certificates, all under one key: that of another part, without the certificate in it, is what an attacker would show.</summary>
    [Fact]
    public async Task The_list_of_others_is_none_of_this_certificate()
    {
        byte[] eve = _bed.Issue(crl: "/crl/7");
        Assert.Equal(RevocationStatus.Good, await JudgeAsync(eve, Signed(Part("/crl/7")), path: "/crl/7"));
        Assert.Equal(RevocationStatus.Unknown, await JudgeAsync(eve, Signed(Part("/crl/8")), path: "/crl/7"));
        Assert.Equal(RevocationStatus.Good, await JudgeAsync(eve, Signed(new IssuingDistributionPoint(null, true, false, null, false, false)), path: "/crl/7"));
        foreach (IssuingDistributionPoint scope in new[]
        {
            new IssuingDistributionPoint(null, false, true, null, false, false),
            new IssuingDistributionPoint(null, false, false, new ReasonFlags(ReasonFlags.KeyCompromise), false, false),
            new IssuingDistributionPoint(null, false, false, null, true, false),
            new IssuingDistributionPoint(null, false, false, null, false, true),
        })
        {
            Assert.Equal(RevocationStatus.Unknown, await JudgeAsync(eve, Signed(scope), path: "/crl/7"));
        }
    }

    [Fact]
    public async Task A_list_of_changes_alone_is_none()
    {
        byte[] delta = Signed(null, generator => generator.AddExtension(X509Extensions.DeltaCrlIndicator, critical: true, new CrlNumber(BigInteger.One)));
        Assert.Equal(RevocationStatus.Unknown, await JudgeAsync(_bed.Issue(crl: "/crl"), delta));
        Assert.Equal(RevocationStatus.Good, await JudgeAsync(_bed.Issue(crl: "/crl"), Signed(null)));
    }

    [Fact]
    public async Task A_weak_signature_is_none() =>
        Assert.Equal(RevocationStatus.Unknown, await JudgeAsync(_bed.Issue(crl: "/crl"), Signed(null, algorithm: "SHA1withECDSA")));

    /// <summary>Most authorities have RSA keys.</summary>
    [Fact]
    public void The_word_of_an_RSA_key_is_taken_in_both_schemes()
    {
        using RSA key = RSA.Create(2048);

        // Longer than the key: its signatures are beyond the modulus, which is another way not to verify.
        using RSA other = RSA.Create(3072);
        using RSA sibling = RSA.Create(2048);
        foreach (RSASignaturePadding padding in new[] { RSASignaturePadding.Pkcs1, RSASignaturePadding.Pss })
        {
            CertificateRequest request = new("CN=RSA", key, HashAlgorithmName.SHA256, padding);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
            using X509Certificate2 certificate = request.CreateSelfSigned(_now.AddDays(-1), _now.AddDays(1));
            Org.BouncyCastle.X509.X509Certificate issuer = new(certificate.RawData);
            foreach ((RSA signer, RevocationStatus expected) in new[] { (key, RevocationStatus.Good), (other, RevocationStatus.Unknown), (sibling, RevocationStatus.Unknown) })
            {
                byte[] list = new CertificateRevocationListBuilder().Build(
                    certificate.SubjectName, X509SignatureGenerator.CreateForRSA(signer, padding), 1, _now.AddDays(1), HashAlgorithmName.SHA256,
                    X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, true, false), _now);
                Assert.Equal(expected, RevocationList.Read(list, issuer, issuer, new Uri("http://example.com/crl"), _now).Status);
            }
        }
    }

    private async Task<RevocationStatus> JudgeAsync(byte[] certificate, byte[] list, DateTimeOffset? time = null, string path = "/crl")
    {
        _bed.Responder.Serve(path, _ => list);
        return (await _bed.AskAsync(certificate, time)).Status;
    }

    private IssuingDistributionPoint Part(string path) =>
        new(new DistributionPointName(new GeneralNames(new GeneralName(GeneralName.UniformResourceIdentifier, _bed.Responder.AddressOf(path)))), false, false, null, false, false);

    /// <summary>An empty list with what .NET's builder cannot write.</summary>
    private byte[] Signed(IssuingDistributionPoint? scope, Action<X509V2CrlGenerator>? add = null, string algorithm = "SHA256withECDSA")
    {
        X509V2CrlGenerator generator = new();
        generator.SetIssuerDN(new Org.BouncyCastle.X509.X509Certificate(_bed.Issuer.CertificateDer).SubjectDN);
        generator.SetThisUpdate(_now.UtcDateTime);
        generator.SetNextUpdate(_now.AddDays(1).UtcDateTime);
        if (scope is not null)
        {
            generator.AddExtension(X509Extensions.IssuingDistributionPoint, critical: true, scope);
        }

        add?.Invoke(generator);
        return generator.Generate(new Asn1SignatureFactory(algorithm, PrivateKeyFactory.CreateKey(_bed.Issuer.ExportPrivateKey()))).GetEncoded();
    }
}
