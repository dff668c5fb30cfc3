using System.Numerics;
using System.Security.Cryptography;
using Sam.Core.Keys;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Keys;

/// <summary>Keys that verify and can be broken all the same.</summary>
[Trait("Requirement", "T-IMP-1")]
public sealed class WeakKeysTests
{
    [Theory]
    [InlineData(2048)]
    [InlineData(3072)]
    public void An_ordinary_key_is_not_weak(int bits)
    {
        using RSA key = RSA.Create(bits);
        Assert.False(WeakKeys.Has(key.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public void A_key_of_a_curve_is_not_weak()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(WeakKeys.Has(key.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public void Another_exponent_is_refused()
    {
        using RSA key = StrangeKeys.WithExponent3();
        Assert.True(WeakKeys.Has(key.ExportSubjectPublicKeyInfo()));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(16_381)]
    public void A_small_factor_is_found(int factor)
    {
        BigInteger modulus = (BigInteger.One << 2048) - 1;
        modulus -= modulus % factor;
        modulus -= modulus.IsEven ? factor : 0;
        Assert.True(WeakKeys.Has(Encode(modulus)));
    }

    [Fact]
    public void Two_close_primes_are_found()
    {
        using RSA source = RSA.Create(2048);
        BigInteger p = new(source.ExportParameters(includePrivateParameters: true).P, isUnsigned: true, isBigEndian: true);

        // Whether the second is a prime makes no difference to the search.
        Assert.True(WeakKeys.Has(Encode(p * (p + 5_000))));
    }

    /// <summary>Primes as the library of CVE-2017-15361 makes them: k·M + (65537^a mod M), M the product of the first 39 primes for keys of 512 to 960 bits.</summary>
    [Fact]
    public void The_primes_of_ROCA_are_found()
    {
        int[] primes = [.. Enumerable.Range(2, 16_382).Where(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0))];
        BigInteger m = primes.Where(prime => prime < 168).Aggregate(BigInteger.One, (product, prime) => product * prime);

        // Without small factors, so that nothing else is found in them.
        BigInteger p = First(a => (m << 700) + BigInteger.ModPow(65537, a, m));
        BigInteger q = First(a => (m << 701) + BigInteger.ModPow(65537, a, m));
        Assert.True(WeakKeys.Has(Encode(p * q)));

        // The same number but for what it is modulo 11, where 65537 has no powers but 1 and 10.
        Assert.False(WeakKeys.Has(Encode(First(k => (p * q) + (m / 11 * k) is var n && (int)(n % 11) is 1 or 10 ? 2 : n))));

        BigInteger First(Func<int, BigInteger> candidates) =>
            Enumerable.Range(1_000_000, 100_000).Select(candidates).First(n => primes.All(prime => !(n % prime).IsZero));
    }

    private static byte[] Encode(BigInteger modulus)
    {
        using RSA key = RSA.Create(new RSAParameters { Modulus = modulus.ToByteArray(isUnsigned: true, isBigEndian: true), Exponent = [1, 0, 1] });
        return key.ExportSubjectPublicKeyInfo();
    }
}
