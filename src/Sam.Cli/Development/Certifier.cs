using System.Security.Cryptography.X509Certificates;

namespace Sam.Cli.Development;

/// <summary>An authority: gives a certificate, and the chain behind it, for the name and the key of a certification request that was checked.</summary>
/// <param name="subject">The name.</param>
/// <param name="publicKey">SubjectPublicKeyInfo, DER.</param>
/// <returns>DER, end entity first.</returns>
internal delegate IReadOnlyList<byte[]> Certifier(X500DistinguishedName subject, byte[] publicKey);
