using System.Diagnostics.CodeAnalysis;

namespace Sam.Core.Algorithms;

/// <summary>
/// The accepted <c>signAlgoParams</c> of RSASSA-PSS (RFC 8017 appendix A.2.3): hash, MGF1 with the same hash, salt as long as the digest.
/// A closed table instead of a parser: twelve byte strings are all there is. The default trailerField may be spelled out, as some clients do, and the NULL after the
/// hash's identifier may be absent, as it is from .NET (RFC 4055 section 2.1: both MUST be accepted).
/// </summary>
public static class PssParameters
{
    private static readonly (SignatureAlgorithm Algorithm, byte[] Der)[] _accepted =
    [
        .. Encodings(SignatureAlgorithm.PssSha256, 1, 0x20),
        .. Encodings(SignatureAlgorithm.PssSha384, 2, 0x30),
        .. Encodings(SignatureAlgorithm.PssSha512, 3, 0x40),
    ];

    /// <summary>Finds the algorithm that these DER bytes stand for; false for any others.</summary>
    public static bool TryParse(ReadOnlySpan<byte> der, [NotNullWhen(true)] out SignatureAlgorithm? algorithm)
    {
        foreach ((SignatureAlgorithm candidate, byte[] accepted) in _accepted)
        {
            if (der.SequenceEqual(accepted))
            {
                algorithm = candidate;
                return true;
            }
        }

        algorithm = null;
        return false;
    }

    /// <summary>The DER encoding, without the default trailerField.</summary>
    /// <exception cref="ArgumentException">The algorithm is not RSASSA-PSS.</exception>
    public static byte[] Encode(SignatureAlgorithm algorithm) => Array.Find(_accepted, accepted => accepted.Algorithm == algorithm).Der?.ToArray()
        ?? throw new ArgumentException("Not RSASSA-PSS.", nameof(algorithm));

    private static IEnumerable<(SignatureAlgorithm Algorithm, byte[] Der)> Encodings(SignatureAlgorithm algorithm, byte hash, byte salt)
    {
        byte[] hashOid = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, hash];
        byte[] mgf1Oid = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];
        byte[] saltLength = Tagged(0xa2, [0x02, 0x01, salt]);
        byte[] trailerField = Tagged(0xa3, [0x02, 0x01, 0x01]);
        foreach (byte[] none in (byte[][])[[0x05, 0x00], []])
        {
            byte[] hashIdentifier = Tagged(0x30, [.. hashOid, .. none]);
            byte[] body = [.. Tagged(0xa0, hashIdentifier), .. Tagged(0xa1, Tagged(0x30, [.. mgf1Oid, .. hashIdentifier])), .. saltLength];
            yield return (algorithm, Tagged(0x30, body));
            yield return (algorithm, Tagged(0x30, [.. body, .. trailerField]));
        }
    }

    // Nothing here reaches 128 bytes, so one byte holds every length.
    private static byte[] Tagged(byte tag, byte[] content) => [tag, checked((byte)content.Length), .. content];
}
