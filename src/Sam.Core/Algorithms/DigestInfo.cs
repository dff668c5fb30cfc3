using Sam.Core.Values;

namespace Sam.Core.Algorithms;

/// <summary>The <c>DigestInfo</c> that RSASSA-PKCS1-v1_5 pads (RFC 8017 section 9.2). Clients send bare digests; the wrapping is ours.</summary>
public static class DigestInfo
{
    /// <summary>The DER encoding: a fixed prefix per hash, then the digest.</summary>
    public static byte[] Encode(Digest digest) => [.. digest.Algorithm.DigestInfoPrefix.Span, .. digest.Value];
}
