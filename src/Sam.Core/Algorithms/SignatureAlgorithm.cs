namespace Sam.Core.Algorithms;

/// <summary>
/// A scheme with its hash. The table is closed; an ECDSA hash goes with the curve of its strength, because cloud HSMs offer no other pairing
/// and a key that signs here must sign there.
/// </summary>
public sealed class SignatureAlgorithm
{
    private SignatureAlgorithm(string name, SignatureScheme scheme, HashAlgorithm hash, string oid, KeyAlgorithm? curve)
    {
        Name = name;
        Scheme = scheme;
        Hash = hash;
        Oid = oid;
        Curve = curve;
    }

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256.</summary>
    public static SignatureAlgorithm RsaSha256 { get; } = new("RS256", SignatureScheme.RsaPkcs1, HashAlgorithm.Sha256, "1.2.840.113549.1.1.11", null);

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-384.</summary>
    public static SignatureAlgorithm RsaSha384 { get; } = new("RS384", SignatureScheme.RsaPkcs1, HashAlgorithm.Sha384, "1.2.840.113549.1.1.12", null);

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-512.</summary>
    public static SignatureAlgorithm RsaSha512 { get; } = new("RS512", SignatureScheme.RsaPkcs1, HashAlgorithm.Sha512, "1.2.840.113549.1.1.13", null);

    /// <summary>RSASSA-PSS with SHA-256, salt of 32 bytes.</summary>
    public static SignatureAlgorithm PssSha256 { get; } = new("PS256", SignatureScheme.RsaPss, HashAlgorithm.Sha256, AlgorithmOids.RsaPss, null);

    /// <summary>RSASSA-PSS with SHA-384, salt of 48 bytes.</summary>
    public static SignatureAlgorithm PssSha384 { get; } = new("PS384", SignatureScheme.RsaPss, HashAlgorithm.Sha384, AlgorithmOids.RsaPss, null);

    /// <summary>RSASSA-PSS with SHA-512, salt of 64 bytes.</summary>
    public static SignatureAlgorithm PssSha512 { get; } = new("PS512", SignatureScheme.RsaPss, HashAlgorithm.Sha512, AlgorithmOids.RsaPss, null);

    /// <summary>ECDSA on P-256 with SHA-256.</summary>
    public static SignatureAlgorithm EcdsaSha256 { get; } = new("ES256", SignatureScheme.Ecdsa, HashAlgorithm.Sha256, "1.2.840.10045.4.3.2", KeyAlgorithm.P256);

    /// <summary>ECDSA on P-384 with SHA-384.</summary>
    public static SignatureAlgorithm EcdsaSha384 { get; } = new("ES384", SignatureScheme.Ecdsa, HashAlgorithm.Sha384, "1.2.840.10045.4.3.3", KeyAlgorithm.P384);

    /// <summary>ECDSA on P-521 with SHA-512.</summary>
    public static SignatureAlgorithm EcdsaSha512 { get; } = new("ES512", SignatureScheme.Ecdsa, HashAlgorithm.Sha512, "1.2.840.10045.4.3.4", KeyAlgorithm.P521);

    /// <summary>All members.</summary>
    public static IReadOnlyList<SignatureAlgorithm> All { get; } =
        [RsaSha256, RsaSha384, RsaSha512, PssSha256, PssSha384, PssSha512, EcdsaSha256, EcdsaSha384, EcdsaSha512];

    /// <summary>The name in RFC 7518: <c>PS256</c>. Used in rows and audit records.</summary>
    public string Name { get; }

    /// <summary>The scheme.</summary>
    public SignatureScheme Scheme { get; }

    /// <summary>The hash.</summary>
    public HashAlgorithm Hash { get; }

    /// <summary>The object identifier that names it in <c>key.algo</c> and <c>signAlgo</c>, dotted. RSASSA-PSS has one for all hashes.</summary>
    public string Oid { get; }

    /// <summary>The one curve it goes with; null for RSA.</summary>
    internal KeyAlgorithm? Curve { get; }

    /// <summary>Tells whether a key of this kind can make such a signature.</summary>
    public bool Fits(KeyAlgorithm key) => Curve is null ? key.IsRsa : ReferenceEquals(Curve, key);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
