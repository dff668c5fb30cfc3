using System.Security.Cryptography;
using Sam.Core.Results;
using Sam.Core.Values;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Core.Activation;

/// <summary>The digests of an authorization, each as often as it was authorized.</summary>
internal static class DigestMultiset
{
    internal static byte[] Pack(IReadOnlyList<Digest> digests)
    {
        byte[] packed = new byte[digests.Sum(d => d.Value.Length)];
        int at = 0;
        foreach (Digest digest in digests)
        {
            digest.Value.CopyTo(packed.AsSpan(at));
            at += digest.Value.Length;
        }

        return packed;
    }

    internal static byte[] HashOf(IReadOnlyList<Digest> digests) => SHA256.HashData(Pack(digests));

    /// <summary>
    /// Null when the named digests are a part of the authorized ones; otherwise HashesEmpty, HashAlgorithmInvalid, TooManyHashes, HashNotAuthorized or HashRepeated.
    /// Neither list is touched: the order of the request is the order of the signatures.
    /// </summary>
    internal static SamErrorCode? FindExcess(TransactionRow transaction, IReadOnlyList<Digest> named)
    {
        if (named.Count == 0)
        {
            return SamErrorCode.HashesEmpty;
        }

        if (!HashAlgorithm.TryFromOid(transaction.HashAlgorithm, out HashAlgorithm? algorithm) || named.Any(d => d.Algorithm != algorithm))
        {
            return SamErrorCode.HashAlgorithmInvalid;
        }

        Dictionary<Digest, int> left = Count(Unpack(algorithm, transaction.Signable));
        foreach (Digest digest in named)
        {
            if (!left.TryGetValue(digest, out int count))
            {
                return named.Count > transaction.Signable.Length / algorithm.SizeInBytes ? SamErrorCode.TooManyHashes : SamErrorCode.HashNotAuthorized;
            }

            if (count == 0)
            {
                return SamErrorCode.HashRepeated;
            }

            left[digest] = count - 1;
        }

        return null;
    }

    /// <summary>The first list without the second, each digest as often as it stands there; the order stays. Both hold digests of this algorithm.</summary>
    internal static IReadOnlyList<Digest> Without(HashAlgorithm algorithm, byte[] packed, byte[] taken)
    {
        Dictionary<Digest, int> gone = Count(Unpack(algorithm, taken));
        List<Digest> left = [];
        foreach (Digest digest in Unpack(algorithm, packed))
        {
            if (gone.TryGetValue(digest, out int count) && count > 0)
            {
                gone[digest] = count - 1;
            }
            else
            {
                left.Add(digest);
            }
        }

        return left;
    }

    private static Dictionary<Digest, int> Count(IEnumerable<Digest> digests) => digests.GroupBy(d => d).ToDictionary(g => g.Key, g => g.Count());

    private static IEnumerable<Digest> Unpack(HashAlgorithm algorithm, byte[] packed)
    {
        for (int at = 0; at < packed.Length; at += algorithm.SizeInBytes)
        {
            yield return Digest.TryCreate(algorithm, packed.AsSpan(at, algorithm.SizeInBytes), out Digest? digest)
                ? digest
                : throw new InvalidOperationException("The packed digests have another length.");
        }
    }
}
