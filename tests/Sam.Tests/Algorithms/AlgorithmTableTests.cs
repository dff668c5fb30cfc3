using Sam.Core.Algorithms;
using Xunit;

namespace Sam.Tests.Algorithms;

/// <summary>The closed table as it is written down: names stand in rows and audit records, identifiers in requests.</summary>
public sealed class AlgorithmTableTests
{
    [Fact]
    public void The_hash_algorithms_are_these() => Assert.Equal(
        """
        SHA-256 2.16.840.1.101.3.4.2.1 32 SHA256
        SHA-384 2.16.840.1.101.3.4.2.2 48 SHA384
        SHA-512 2.16.840.1.101.3.4.2.3 64 SHA512
        """,
        string.Join('\n', HashAlgorithm.All.Select(a => $"{a} {a.Oid} {a.SizeInBytes} {a.BclName}")));

    [Fact]
    public void The_key_algorithms_are_these() => Assert.Equal(
        """
        rsa2048 rsa 2048 256 256
        rsa3072 rsa 3072 384 384
        rsa4096 rsa 4096 512 512
        p256 1.2.840.10045.3.1.7 256 32 64
        p384 1.3.132.0.34 384 48 96
        p521 1.3.132.0.35 521 66 132
        """,
        string.Join('\n', KeyAlgorithm.All.Select(a => $"{a} {a.CurveOid ?? "rsa"} {a.SizeInBits} {a.SizeInBytes} {a.SignatureSizeInBytes}")));

    [Fact]
    public void The_signature_algorithms_are_these_and_go_with_these_keys() => Assert.Equal(
        """
        RS256 1.2.840.113549.1.1.11 RsaPkcs1 SHA-256: rsa2048 rsa3072 rsa4096
        RS384 1.2.840.113549.1.1.12 RsaPkcs1 SHA-384: rsa2048 rsa3072 rsa4096
        RS512 1.2.840.113549.1.1.13 RsaPkcs1 SHA-512: rsa2048 rsa3072 rsa4096
        PS256 1.2.840.113549.1.1.10 RsaPss SHA-256: rsa2048 rsa3072 rsa4096
        PS384 1.2.840.113549.1.1.10 RsaPss SHA-384: rsa2048 rsa3072 rsa4096
        PS512 1.2.840.113549.1.1.10 RsaPss SHA-512: rsa2048 rsa3072 rsa4096
        ES256 1.2.840.10045.4.3.2 Ecdsa SHA-256: p256
        ES384 1.2.840.10045.4.3.3 Ecdsa SHA-384: p384
        ES512 1.2.840.10045.4.3.4 Ecdsa SHA-512: p521
        """,
        string.Join('\n', SignatureAlgorithm.All.Select(a => $"{a} {a.Oid} {a.Scheme} {a.Hash}: {string.Join(' ', KeyAlgorithm.All.Where(a.Fits))}")));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1.3.14.3.2.26")]
    [InlineData("2.16.840.1.101.3.4.2.4")]
    [InlineData(" 2.16.840.1.101.3.4.2.1")]
    [InlineData("2.16.840.1.101.3.4.2.1.0")]
    [InlineData("SHA-256")]
    public void Another_hash_algorithm_is_not_found(string? oid)
    {
        Assert.False(HashAlgorithm.TryFromOid(oid, out HashAlgorithm? algorithm));
        Assert.Null(algorithm);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("RSA3072")]
    [InlineData("rsa1024")]
    [InlineData("p256k1")]
    public void Another_key_algorithm_is_not_found(string? name)
    {
        Assert.False(KeyAlgorithm.TryFromName(name, out KeyAlgorithm? algorithm));
        Assert.Null(algorithm);
    }

    [Fact]
    public void Each_member_is_found_by_its_own_name()
    {
        Assert.All(HashAlgorithm.All, a => Assert.Same(a, HashAlgorithm.TryFromOid(a.Oid, out HashAlgorithm? found) ? found : null));
        Assert.All(KeyAlgorithm.All, a => Assert.Same(a, KeyAlgorithm.TryFromName(a.Name, out KeyAlgorithm? found) ? found : null));
    }

    [Fact]
    public void An_RSA_key_has_no_curve() => Assert.Throws<InvalidOperationException>(() => KeyAlgorithm.Rsa3072.ToCurve());
}
