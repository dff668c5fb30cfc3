using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Sam.Api.Pipeline;
using Sam.Core.Algorithms;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Credentials;

namespace Sam.Api.Csc;

/// <summary>How much of a credential a client wants to see: the parameters that credentials/list and credentials/info share, and the description made by them.</summary>
/// <param name="Certificates">How many certificates: none, the credential's own, or the whole chain.</param>
/// <param name="CertInfo">Whether the certificate's fields are spelt out.</param>
/// <param name="AuthInfo">Whether the way to authorize is spelt out.</param>
internal readonly record struct CredentialDetails(string Certificates, bool CertInfo, bool AuthInfo)
{
    private const string None = "none";
    private const string Single = "single";
    private const string Chain = "chain";

    /// <summary>Refused with ParameterInvalid.</summary>
    internal static Result<CredentialDetails> Read(JsonBody body)
    {
        if (body.OptionalString("certificates").IsRefused(out _, out OptionalText certificates)
            || certificates.Value is not (null or None or Single or Chain))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "certificates");
        }

        return body.OptionalBoolean("certInfo").IsRefused(out Refusal? refusal, out bool certInfo)
            || body.OptionalBoolean("authInfo").IsRefused(out refusal, out bool authInfo)
            ? refusal
            : new CredentialDetails(certificates.Value ?? Single, certInfo, authInfo);
    }

    internal CredentialInfo Describe(CredentialView credential, Func<KeyAuthorization, FactorForms> formsOf) => new(
        CredentialId: null,
        credential.Description,
        new KeyInfo(
            credential.IsUsable && credential.IsInValidity ? "enabled" : "disabled",
            Algorithms(credential.KeyAlgorithm),
            credential.KeyAlgorithm.SizeInBits,
            credential.KeyAlgorithm.CurveOid),
        Describe(credential.Certificates, credential.IsInValidity),
        AuthInfo ? AuthData.Describe(credential.Authorization, formsOf(credential.Authorization)) : new AuthInfo("explicit", null, null),

        // A PIN or a login does not bind hashes by itself, although this SAM's authorization does name them: the signer's own key does (security decision 10).
        Scal: credential.Authorization.NeedsDevice ? "2" : "1",
        credential.Multisign,
        ServiceLanguage.Tag);

    /// <summary>What <c>signAlgo</c> may be. rsaEncryption stands last: pyHanko and others take the first that they know.</summary>
    private static IReadOnlyList<string> Algorithms(KeyAlgorithm key)
    {
        IEnumerable<string> fitting = SignatureAlgorithm.All.Where(a => a.Fits(key)).Select(a => a.Oid).Distinct();
        return [.. key.IsRsa ? fitting.Append(AlgorithmOids.Rsa) : fitting];
    }

    private CertInfo Describe(IReadOnlyList<byte[]> chain, bool isInValidity)
    {
        CertInfo described = new(null, Take(chain), null, null, null, null, null);
        if (!CertInfo || chain.Count == 0)
        {
            return described;
        }

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(chain[0]);
        return described with
        {
            // "valid" would say that it is not revoked, which this SAM does not know.
            Status = isInValidity ? null : "expired",
            IssuerDn = DistinguishedNameText.Of(certificate.IssuerName),
            SerialNumber = Number(certificate.SerialNumberBytes.Span),
            SubjectDn = DistinguishedNameText.Of(certificate.SubjectName),
            ValidFrom = Time(certificate.NotBefore),
            ValidTo = Time(certificate.NotAfter),
        };
    }

    private IReadOnlyList<string>? Take(IReadOnlyList<byte[]> chain) => Certificates switch
    {
        None => null,
        Single => [.. chain.Take(1).Select(Convert.ToBase64String)],
        _ => [.. chain.Select(Convert.ToBase64String)],
    };

    /// <summary>Without DER's sign byte, which is no part of the number: whoever compares texts has it from OpenSSL without.</summary>
    private static string Number(ReadOnlySpan<byte> der) => Convert.ToHexString(der is [0, _, ..] ? der[1..] : der);

    /// <summary>GeneralizedTime.</summary>
    private static string Time(DateTime local) => local.ToUniversalTime().ToString("yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture);
}
