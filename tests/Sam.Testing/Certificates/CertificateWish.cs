using System.Security.Cryptography.X509Certificates;

namespace Sam.Testing.Certificates;

/// <summary>What a <see cref="TestAuthority"/> is to write into a certificate. As it stands: one for signatures.</summary>
/// <param name="SubjectPublicKeyInfo">The key, DER.</param>
/// <param name="Subject">The name.</param>
/// <param name="NotBefore">The first second.</param>
/// <param name="NotAfter">The last second.</param>
public sealed record CertificateWish(ReadOnlyMemory<byte> SubjectPublicKeyInfo, X500DistinguishedName Subject, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>The keyUsage; null for a certificate without one.</summary>
    public X509KeyUsageFlags? KeyUsage { get; init; } = X509KeyUsageFlags.NonRepudiation;

    /// <summary>The purposes of an extendedKeyUsage, dotted; without any there is no such extension.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    /// <summary>Whether it is an authority's.</summary>
    public bool IsAuthority { get; init; }

    /// <summary>Where its CRL is to be had; null if nowhere.</summary>
    public string? CrlAddress { get; init; }

    /// <summary>Where its OCSP responder is; null if nowhere.</summary>
    public string? OcspAddress { get; init; }

    /// <summary>More extensions.</summary>
    public IReadOnlyList<X509Extension> Extensions { get; init; } = [];
}
