using Sam.Api.Pipeline;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary>The parameter <c>hashes</c> of authorize and signHash: base64 by RFC 4648 section 4, padded, without line breaks, in its one spelling.</summary>
internal static class HashList
{
    /// <summary>The decoded values, whose lengths are still to be judged. Refused with ArrayParameterMissing, HashesEmpty or HashNotBase64.</summary>
    internal static Result<IReadOnlyList<byte[]>> Read(JsonBody body)
    {
        // The API renamed the parameter and kept "hash" in its texts (clause 11.10).
        if (body.RequiredStrings("hashes", nameInTexts: "hash").IsRefused(out Refusal? missing, out IReadOnlyList<string>? texts))
        {
            return missing;
        }

        if (texts.Count == 0)
        {
            return SamErrorCode.HashesEmpty;
        }

        List<byte[]> values = new(texts.Count);
        foreach (string text in texts)
        {
            if (Base64Text.Decode(text) is not { } value)
            {
                return SamErrorCode.HashNotBase64;
            }

            values.Add(value);
        }

        return values;
    }

    /// <summary>The values as digests of one algorithm. Refused with DigestLengthInvalid.</summary>
    internal static Result<IReadOnlyList<Digest>> ToDigests(IReadOnlyList<byte[]> values, HashAlgorithm algorithm)
    {
        List<Digest> digests = new(values.Count);
        foreach (byte[] value in values)
        {
            if (!Digest.TryCreate(algorithm, value, out Digest? digest))
            {
                return SamErrorCode.DigestLengthInvalid;
            }

            digests.Add(digest);
        }

        return digests;
    }
}
