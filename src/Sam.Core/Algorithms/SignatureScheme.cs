namespace Sam.Core.Algorithms;

/// <summary>How a digest becomes a signature.</summary>
public enum SignatureScheme
{
    /// <summary>RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).</summary>
    RsaPkcs1,

    /// <summary>RSASSA-PSS, MGF1 with the same hash, salt as long as the digest (RFC 8017 section 8.1).</summary>
    RsaPss,

    /// <summary>ECDSA (FIPS 186-5).</summary>
    Ecdsa,
}
