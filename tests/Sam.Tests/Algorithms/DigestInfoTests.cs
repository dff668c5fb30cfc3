using System.Numerics;
using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Sam.Testing.Vectors;
using Xunit;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Tests.Algorithms;

public sealed class DigestInfoTests
{
    public static TheoryData<string> EncodingVectors => [.. TestVector.NamesIn("digest-info")];

    public static TheoryData<string> Hashes => [.. HashAlgorithm.All.Select(a => a.Oid)];

    [Theory]
    [MemberData(nameof(EncodingVectors))]
    public void The_encoding_is_that_of_RFC_8017(string name)
    {
        TestVector vector = TestVector.Read("digest-info", name);
        Assert.True(HashAlgorithm.TryFromOid(vector.Text("oid"), out HashAlgorithm? algorithm));
        Assert.True(Digest.TryCreate(algorithm, vector.Bytes("digest"), out Digest? digest));

        Assert.Equal(vector.Bytes("expect"), DigestInfo.Encode(digest!));
    }

    /// <summary>What an RSA signature of the BCL holds, taken out with the public key: a backend that pads our encoding gives the same signature.</summary>
    [Theory]
    [MemberData(nameof(Hashes))]
    public void The_BCL_pads_the_same_bytes(string oid)
    {
        Assert.True(HashAlgorithm.TryFromOid(oid, out HashAlgorithm? algorithm));
        Digest digest = Digests.Of(algorithm, "contract");
        using RSA key = RSA.Create(2048);
        RSAParameters parameters = key.ExportParameters(includePrivateParameters: false);
        BigInteger signature = new(key.SignHash(digest.Value, algorithm.BclName, RSASignaturePadding.Pkcs1), isUnsigned: true, isBigEndian: true);
        BigInteger modulus = new(parameters.Modulus, isUnsigned: true, isBigEndian: true);

        byte[] padded = BigInteger.ModPow(signature, new BigInteger(parameters.Exponent, isUnsigned: true, isBigEndian: true), modulus)
            .ToByteArray(isUnsigned: true, isBigEndian: true);

        Assert.Equal(DigestInfo.Encode(digest), padded[(Array.IndexOf(padded, (byte)0) + 1)..]);
    }
}
