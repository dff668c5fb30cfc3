using System.Diagnostics.CodeAnalysis;

namespace Sam.Core.Algorithms;

/// <summary>
/// The accepted <c>signAlgoParams</c> of RSASSA-PSS (RFC 8017 appendix A.2.3): hash, MGF1 with the same hash, salt as long as the digest.
/// A closed table instead of a parser: six byte strings are all there is, with and without the default trailerField that some clients spell out.
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
        byte[] hashIdentifier = [0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, hash, 0x05, 0x00];
        byte[] mgf1 = [0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, .. hashIdentifier];
        byte[] body =
        [
            0xa0, (byte)hashIdentifier.Length, .. hashIdentifier,
            0xa1, (byte)mgf1.Length, .. mgf1,
            0xa2, 0x03, 0x02, 0x01, salt,
        ];
        byte[] trailer = [0xa3, 0x03, 0x02, 0x01, 0x01];
        yield return (algorithm, [0x30, (byte)body.Length, .. body]);
        yield return (algorithm, [0x30, (byte)(body.Length + trailer.Length), .. body, .. trailer]);
    }
}
