using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Sam.Core.Certificates;
using Sam.Core.Results;
using Sam.Core.Credentials;
using Sam.Testing.Certificates;
using Xunit;
using CertificateCheck = Sam.Core.Certificates.CertificateCheck;
using X509Extension = System.Security.Cryptography.X509Certificates.X509Extension;

namespace Sam.Tests.Certificates;

/// <summary>A key's certificate is for this key, this person and this use, holds now, and comes from an authority that is known.</summary>
[Trait("Requirement", "CSR-2")]
[Trait("Requirement", "REG-4")]
public sealed class CertificateCheckTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _long = _now.AddYears(-1);
    private static readonly SubjectName _eve = SubjectName.Create("Eve", surname: "Example", country: "JP").Value;
    private readonly TestAuthority _root = TestAuthority.Root(_long);
    private readonly TestAuthority _issuer;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public CertificateCheckTests() => _issuer = _root.Below(_long);

    public void Dispose()
    {
        _root.Dispose();
        _issuer.Dispose();
        _key.Dispose();
    }

    [Fact]
    public void A_certificate_of_the_key_the_person_and_the_authority_is_taken()
    {
        byte[] certificate = _issuer.Issue(Wish());
        CertificateRow row = Check([certificate, _issuer.CertificateDer]).Value;
        Assert.Equal((_now.AddDays(-1), _now.AddYears(1)), (row.NotBefore, row.NotAfter));
        Assert.Equal([certificate, _issuer.CertificateDer], row.Chain);
        Assert.Null(Check([certificate, _issuer.CertificateDer, _root.CertificateDer]).Refusal);
        Assert.Null(Check([_root.Issue(Wish())]).Refusal);
    }

    [Fact]
    public void What_is_no_certificate_in_DER_is_unreadable()
    {
        byte[] good = _root.Issue(Wish());
        Assert.All(
            new byte[][][]
            {
                [],
                [[]],
                [good[..^1]],
                [[.. good, 0]],
                [Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", good))],
                [good, "no certificate"u8.ToArray()],
                [.. Enumerable.Repeat(good, 11)],
                [good, _root.Issue(Wish() with { Extensions = [new X509Extension("1.2.3.4", new byte[30_000], critical: false)] })],
            },
            chain => AssertRefused(SamErrorCode.CertificateUnreadable, chain));
    }

    [Fact]
    [Trait("Requirement", "T-REG-2")]
    public void A_certificate_of_another_key_is_refused()
    {
        // The public key was exchanged on its way to the authority.
        using ECDsa attacker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] theirs = _root.Issue(Wish() with { SubjectPublicKeyInfo = attacker.ExportSubjectPublicKeyInfo() });
        AssertRefused(SamErrorCode.CertificateOfAnotherKey, theirs);
        AssertRefused(SamErrorCode.CertificateOfAnotherKey, theirs, _root.Issue(Wish()));
    }

    [Fact]
    [Trait("Requirement", "T-CSR-2")]
    public void A_certificate_under_a_false_name_is_refused()
    {
        Assert.All(
            new[] { SubjectName.Create("Alice", surname: "Example", country: "JP"), SubjectName.Create("Eve"), SubjectName.Create("Eve", surname: "Example", country: "JP", organization: "Bank") },
            other => AssertRefused(SamErrorCode.CertificateOfAnotherSubject, _root.Issue(Wish() with { Subject = other.Value.ToDistinguishedName() })));
        SubjectAlternativeNameBuilder names = new();
        names.AddEmailAddress("alice@example.com");
        AssertRefused(SamErrorCode.CertificateOfAnotherSubject, _root.Issue(Wish() with { Extensions = [names.Build()] }));
    }

    [Fact]
    public void Signing_must_be_among_its_uses()
    {
        Assert.All(
            new[]
            {
                Wish() with { KeyUsage = null },
                Wish() with { KeyUsage = X509KeyUsageFlags.KeyEncipherment },
                Wish() with { KeyUsage = X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.CrlSign },
                Wish() with { IsAuthority = true },
                Wish() with { Purposes = ["1.3.6.1.5.5.7.3.1"] },
                Wish() with { Purposes = ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"] },
            },
            wish => AssertRefused(SamErrorCode.CertificateUsageWrong, _root.Issue(wish)));
        Assert.All(
            new[]
            {
                Wish() with { KeyUsage = X509KeyUsageFlags.DigitalSignature },
                Wish() with { KeyUsage = X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.KeyEncipherment },
                Wish() with { Purposes = ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4"] },
                Wish() with { Purposes = ["1.3.6.1.5.5.7.3.36"] },
                Wish() with { Purposes = ["2.5.29.37.0"] },
            },
            wish => Assert.Null(Check([_root.Issue(wish)]).Refusal));
    }

    [Fact]
    public void A_policy_may_ask_for_nonrepudiation()
    {
        CertificatePolicy policy = new() { TrustAnchors = _root.CertificatePem, KeyUsages = X509KeyUsageFlags.NonRepudiation };
        byte[] digital = _root.Issue(Wish() with { KeyUsage = X509KeyUsageFlags.DigitalSignature });
        Assert.Equal(SamErrorCode.CertificateUsageWrong, new CertificateCheck(policy).Check([digital], _key.ExportSubjectPublicKeyInfo(), _eve, _now).Refusal?.Code);
    }

    [Fact]
    public void Its_dates_hold_to_the_second()
    {
        byte[] certificate = _root.Issue(Wish());
        foreach ((DateTimeOffset time, bool holds) in new[]
        {
            (_now.AddDays(-1).AddSeconds(-1), false), (_now.AddDays(-1), true), (_now.AddYears(1).AddSeconds(-1), true), (_now.AddYears(1), false),
        })
        {
            Assert.Equal(holds ? null : SamErrorCode.CertificateExpired, Check([certificate], time: time).Refusal?.Code);
        }
    }

    [Fact]
    [Trait("Requirement", "T-REG-2")]
    public void An_authority_that_nobody_configured_vouches_for_nothing()
    {
        // The same names, other keys.
        using TestAuthority attacker = TestAuthority.Root(_long);
        using TestAuthority below = attacker.Below(_long);
        AssertRefused(SamErrorCode.CertificateNotTrusted, attacker.Issue(Wish()));
        AssertRefused(SamErrorCode.CertificateNotTrusted, attacker.Issue(Wish()), attacker.CertificateDer);
        AssertRefused(SamErrorCode.CertificateNotTrusted, attacker.Issue(Wish()), _root.CertificateDer);
        AssertRefused(SamErrorCode.CertificateNotTrusted, below.Issue(Wish()), below.CertificateDer, attacker.CertificateDer);
        AssertRefused(SamErrorCode.CertificateNotTrusted, below.Issue(Wish()), _issuer.CertificateDer, _root.CertificateDer);
    }

    [Fact]
    public void A_self_signed_certificate_is_nobodys()
    {
        CertificateRequest request = new(_eve.ToDistinguishedName(), _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.NonRepudiation, critical: true));
        using X509Certificate2 certificate = request.CreateSelfSigned(_now, _now.AddYears(1));
        AssertRefused(SamErrorCode.CertificateNotTrusted, certificate.RawData);
    }

    [Fact]
    public void A_chain_is_whole_and_in_order_and_nothing_else()
    {
        byte[] certificate = _issuer.Issue(Wish());
        AssertRefused(SamErrorCode.CertificateNotTrusted, certificate);
        AssertRefused(SamErrorCode.CertificateNotTrusted, certificate, _root.CertificateDer, _issuer.CertificateDer);
        AssertRefused(SamErrorCode.CertificateNotTrusted, certificate, _issuer.CertificateDer, certificate);
        using TestAuthority other = TestAuthority.Root(_long, "Other");
        AssertRefused(SamErrorCode.CertificateNotTrusted, certificate, _issuer.CertificateDer, _root.CertificateDer, other.CertificateDer);
    }

    [Fact]
    public void Who_is_no_authority_issues_nothing()
    {
        using TestAuthority person = _root.Below(_long, "Person", wish => wish with { IsAuthority = false, KeyUsage = X509KeyUsageFlags.DigitalSignature });
        AssertRefused(SamErrorCode.CertificateNotTrusted, person.Issue(Wish()), person.CertificateDer);
        using TestAuthority ended = _root.Below(_long, "Ended", wish => wish with { NotAfter = _now.AddDays(-1) });
        AssertRefused(SamErrorCode.CertificateNotTrusted, ended.Issue(Wish()), ended.CertificateDer);
    }

    [Fact]
    [Trait("Requirement", "T-CSR-1")]
    [Trait("Requirement", "T-REG-2")]
    public void A_certificate_changed_in_any_byte_is_refused()
    {
        byte[] certificate = _root.Issue(Wish() with { Purposes = ["1.3.6.1.5.5.7.3.36"] });
        Assert.Null(Check([certificate]).Refusal);
        for (int i = 0; i < certificate.Length; i++)
        {
            byte[] changed = [.. certificate];
            changed[i] ^= 1;
            Assert.True(Check([changed]).Refusal is not null, $"byte {i}");
        }
    }

    [Fact]
    [Trait("Requirement", "T-REG-2")]
    public void A_signature_over_a_broken_hash_vouches_for_nothing()
    {
        foreach ((string algorithm, bool trusted) in new[] { ("SHA1withECDSA", false), ("SHA384withECDSA", true) })
        {
            X509V3CertificateGenerator generator = new();
            generator.SetSerialNumber(BigInteger.Ten);
            generator.SetIssuerDN(new X509Name("CN=Test root"));
            generator.SetSubjectDN(X509Name.GetInstance(_eve.ToDistinguishedName().RawData));
            generator.SetNotBefore(_now.AddDays(-1).UtcDateTime);
            generator.SetNotAfter(_now.AddDays(1).UtcDateTime);
            generator.SetPublicKey(PublicKeyFactory.CreateKey(_key.ExportSubjectPublicKeyInfo()));
            generator.AddExtension(X509Extensions.KeyUsage, critical: true, new KeyUsage(KeyUsage.NonRepudiation));
            byte[] certificate = generator.Generate(new Asn1SignatureFactory(algorithm, PrivateKeyFactory.CreateKey(_root.ExportPrivateKey()))).GetEncoded();
            Assert.Equal(trusted ? null : SamErrorCode.CertificateNotTrusted, Check([certificate]).Refusal?.Code);
        }
    }

    [Fact]
    public void The_first_fault_in_the_order_is_told()
    {
        // Everything is wrong; one thing after the other is put right.
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using TestAuthority attacker = TestAuthority.Root(_long);
        CertificateWish wish = new(other.ExportSubjectPublicKeyInfo(), new X500DistinguishedName("CN=Alice"), _now.AddDays(-2), _now.AddDays(-1)) { KeyUsage = null };
        AssertRefused(SamErrorCode.CertificateOfAnotherKey, attacker.Issue(wish));
        wish = wish with { SubjectPublicKeyInfo = _key.ExportSubjectPublicKeyInfo() };
        AssertRefused(SamErrorCode.CertificateOfAnotherSubject, attacker.Issue(wish));
        wish = wish with { Subject = _eve.ToDistinguishedName() };
        AssertRefused(SamErrorCode.CertificateUsageWrong, attacker.Issue(wish));
        wish = wish with { KeyUsage = X509KeyUsageFlags.NonRepudiation };
        AssertRefused(SamErrorCode.CertificateExpired, attacker.Issue(wish));
        wish = wish with { NotAfter = _now.AddDays(1) };
        AssertRefused(SamErrorCode.CertificateNotTrusted, attacker.Issue(wish));
        Assert.Null(Check([_root.Issue(wish)]).Refusal);
    }

    [Fact]
    public void Without_anchors_nobody_is_trusted_unless_development_says_everybody_is()
    {
        byte[] certificate = _root.Issue(Wish());
        Assert.Equal(SamErrorCode.CertificateNotTrusted, Check([certificate], new CertificatePolicy()).Refusal?.Code);
        Assert.Null(Check([certificate], new CertificatePolicy { AcceptAnyChain = true }).Refusal);
        Assert.Equal(SamErrorCode.CertificateExpired, Check([certificate], new CertificatePolicy { AcceptAnyChain = true }, _now.AddYears(2)).Refusal?.Code);
    }

    private CertificateWish Wish() => new(_key.ExportSubjectPublicKeyInfo(), _eve.ToDistinguishedName(), _now.AddDays(-1), _now.AddYears(1));

    private void AssertRefused(SamErrorCode code, params byte[][] chain) => Assert.Equal(new Refusal(code, "certificates"), Check(chain).Refusal);

    private Result<CertificateRow> Check(byte[][] chain, CertificatePolicy? policy = null, DateTimeOffset? time = null) =>
        new CertificateCheck(policy ?? new CertificatePolicy { TrustAnchors = _root.CertificatePem }).Check(chain, _key.ExportSubjectPublicKeyInfo(), _eve, time ?? _now);
}
