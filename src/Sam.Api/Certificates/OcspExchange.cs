using System.Security.Cryptography;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Ocsp;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Ocsp;
using Sam.Core.Certificates;
using Sam.Core.Randomness;
using X509Certificate = Org.BouncyCastle.X509.X509Certificate;

namespace Sam.Api.Certificates;

/// <summary>
/// One question to an OCSP responder and what may be believed of its answer (RFC 6960): signed by the issuer, or by a responder whose certificate the issuer signed for this purpose; about this certificate; current; with the question's nonce, if it has one.
/// Whether the responder's own certificate was revoked is not asked: such certificates are short-lived, and who issues them answers for them.
/// </summary>
internal sealed class OcspExchange
{
    private const int NonceSize = 32;
    private const int MostCertificates = 5;
    private static readonly DerObjectIdentifier _ocspSigning = new("1.3.6.1.5.5.7.3.9");

    private readonly X509Certificate _certificate;
    private readonly X509Certificate _issuer;
    private readonly byte[] _nonce = RandomSource.GetBytes(NonceSize);

    internal OcspExchange(X509Certificate certificate, X509Certificate issuer)
    {
        _certificate = certificate;
        _issuer = issuer;
    }

    /// <summary>The question, DER.</summary>
    internal byte[] Encode()
    {
        // SHA-1 names the issuer here and protects nothing; many responders know no other hash (RFC 5019 section 2.1.1).
        CertificateID id = new(CertificateID.DigestSha1, _issuer, _certificate.SerialNumber);
        X509ExtensionsGenerator extensions = new();
        extensions.AddExtension(OcspObjectIdentifiers.PkixOcspNonce, critical: false, new DerOctetString(_nonce));
        OcspReqGenerator generator = new();
        generator.AddRequest(id);
        generator.SetRequestExtensions(extensions.Generate());
        return generator.Generate().GetEncoded();
    }

    /// <summary>Unknown when the answer cannot be believed. Throws anything on bytes that are no answer.</summary>
    internal RevocationAnswer Read(byte[] response, DateTimeOffset time, bool requireNonce)
    {
        OcspResp outer = new(response);
        if (outer.Status != OcspRespStatus.Successful || outer.GetResponseObject() is not BasicOcspResp answer
            || !IsNonceRight(answer, requireNonce) || HasUnknownDemand(answer.GetCriticalExtensionOids()) || !IsSigned(answer, time))
        {
            return RevocationAnswer.None;
        }

        // One answer per certificate; of two, the attacker would choose.
        SingleResp[] mine = [.. answer.Responses.Where(r => r.GetCertID().SerialNumber.Equals(_certificate.SerialNumber) && r.GetCertID().MatchesIssuer(_issuer))];
        return mine is [{ } single] && IsCurrent(single, time) && !HasUnknownDemand(single.GetCriticalExtensionOids())
            ? new RevocationAnswer(StatusOf(single), single.NextUpdate is { } next ? AnswerChecks.Utc(next) : null)
            : RevocationAnswer.None;
    }

    private static RevocationStatus StatusOf(SingleResp single) => single.GetCertStatus() switch
    {
        null => RevocationStatus.Good,
        RevokedStatus => RevocationStatus.Revoked,
        _ => RevocationStatus.Unknown,
    };

    /// <summary>Without a nextUpdate it is a word about the moment that it was said in.</summary>
    private static bool IsCurrent(SingleResp single, DateTimeOffset time)
    {
        DateTimeOffset from = AnswerChecks.Utc(single.ThisUpdate);
        DateTimeOffset until = single.NextUpdate is { } next ? AnswerChecks.Utc(next) : from + AnswerChecks.Skew;
        return from <= time + AnswerChecks.Skew && time < until;
    }

    private static bool HasUnknownDemand(ISet<string>? critical) => critical is not null && critical.Any(oid => oid != OcspObjectIdentifiers.PkixOcspNonce.Id);

    private bool IsNonceRight(BasicOcspResp answer, bool required) => RevocationAddresses.Find(answer, OcspObjectIdentifiers.PkixOcspNonce) is { } nonce
        ? CryptographicOperations.FixedTimeEquals(Asn1OctetString.GetInstance(nonce).GetOctets(), _nonce)
        : !required;

    private bool IsSigned(BasicOcspResp answer, DateTimeOffset time) =>
        AnswerChecks.IsStrong(answer.SignatureAlgorithm.Algorithm.Id)
        && answer.GetCerts().Take(MostCertificates).Where(c => IsDelegate(c, time)).Append(_issuer).Any(signer => AnswerChecks.Verifies(() => answer.Verify(signer.GetPublicKey())));

    private bool IsDelegate(X509Certificate responder, DateTimeOffset time)
    {
        if (!responder.IssuerDN.Equivalent(_issuer.SubjectDN, inOrder: true)
            || responder.GetExtendedKeyUsage() is not { } purposes || !purposes.Contains(_ocspSigning)
            || !AnswerChecks.Allows(responder, AnswerChecks.DigitalSignature, AnswerChecks.NonRepudiation)
            || !responder.IsValid(time.UtcDateTime) || !AnswerChecks.IsStrong(responder.SigAlgOid))
        {
            return false;
        }

        return responder.IsSignatureValid(_issuer.GetPublicKey());
    }
}
