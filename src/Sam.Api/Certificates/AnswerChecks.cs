using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Ocsp;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Sam.Core.Algorithms;

namespace Sam.Api.Certificates;

/// <summary>What OCSP answers and lists have in common.</summary>
internal static class AnswerChecks
{
    // Positions in a keyUsage (RFC 5280 section 4.2.1.3).
    internal const int DigitalSignature = 0;
    internal const int NonRepudiation = 1;
    internal const int CrlSign = 6;

    /// <summary>The authority's clock may be so much ahead.</summary>
    internal static TimeSpan Skew { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the algorithm is one that this SAM would sign with. No SHA-1: an answer that somebody else had signed could be turned into another.</summary>
    internal static bool IsStrong(string algorithmOid) => SignatureAlgorithm.All.Any(a => a.Oid == algorithmOid);

    /// <summary>Whether a signature verifies. The library throws at some that are not by the key they are tried with, such as one whose number is beyond an RSA key's modulus: that is a no, too.</summary>
    internal static bool Verifies(Func<bool> verify)
    {
        try
        {
            return verify();
        }
        catch (Exception no) when (no is CryptoException or GeneralSecurityException or OcspException)
        {
            return false;
        }
    }

    /// <summary>A certificate without a keyUsage may do everything.</summary>
    internal static bool Allows(X509Certificate certificate, params ReadOnlySpan<int> usages)
    {
        if (certificate.GetKeyUsage() is not { } allowed)
        {
            return true;
        }

        foreach (int usage in usages)
        {
            if (usage < allowed.Length && allowed[usage])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The library's times are UTC, and not all say so.</summary>
    internal static DateTimeOffset Utc(DateTime time) => new(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
