using System.Numerics;
using System.Security.Cryptography;

namespace Sam.Core.Keys;

/// <summary>
/// RSA keys whose private half is found without breaking RSA: small factors, two primes close to each other (Fermat), and the primes of CVE-2017-15361 (ROCA).
/// Curves by name have no weak points: whether a point is on its curve, the reading of it says.
/// </summary>
internal static class WeakKeys
{
    // As many as public certificate authorities try: a prime beyond them is none by accident.
    private const int SmallPrimesBelow = 1 << 14;
    private const int FermatRounds = 100;
    private const int RocaGenerator = 65537;
    private const int RocaPrimesBelow = 168;

    private static readonly int[] _primes = Sieve(SmallPrimesBelow);
    private static readonly BigInteger _product = _primes.Aggregate(BigInteger.One, static (product, prime) => product * prime);
    private static readonly (int Prime, bool[] Residues)[] _roca = [.. _primes.Where(prime => prime is > 2 and < RocaPrimesBelow).Select(prime => (prime, PowersModulo(prime)))];

    /// <summary>Whether this SubjectPublicKeyInfo is of a weak RSA key, or of one whose exponent is not 65537. False for a key of a curve.</summary>
    internal static bool Has(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        using RSA rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        }
        catch (CryptographicException)
        {
            return false;
        }

        RSAParameters key = rsa.ExportParameters(includePrivateParameters: false);
        BigInteger modulus = new(key.Modulus, isUnsigned: true, isBigEndian: true);
        return key.Exponent is not [1, 0, 1] || !BigInteger.GreatestCommonDivisor(modulus, _product).IsOne || IsOfRoca(modulus) || HasClosePrimes(modulus);
    }

    /// <summary>Such a modulus is a power of 65537 modulo each of the small primes: of the others, one in 10^27 is.</summary>
    private static bool IsOfRoca(BigInteger modulus) => _roca.All(small => small.Residues[(int)(modulus % small.Prime)]);

    private static bool HasClosePrimes(BigInteger modulus)
    {
        BigInteger a = Root(modulus);
        a += a * a < modulus ? BigInteger.One : BigInteger.Zero;
        for (int round = 0; round < FermatRounds; round++, a++)
        {
            BigInteger square = (a * a) - modulus;
            BigInteger b = Root(square);
            if (b * b == square)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The integer square root, by Newton.</summary>
    private static BigInteger Root(BigInteger number)
    {
        if (number.IsZero)
        {
            return number;
        }

        BigInteger root = BigInteger.One << (int)((number.GetBitLength() + 1) / 2);
        while (true)
        {
            BigInteger next = (root + (number / root)) >> 1;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }

    private static bool[] PowersModulo(int prime)
    {
        bool[] residues = new bool[prime];
        for (int power = 1; !residues[power]; power = (int)((long)power * RocaGenerator % prime))
        {
            residues[power] = true;
        }

        return residues;
    }

    private static int[] Sieve(int limit)
    {
        bool[] composite = new bool[limit];
        for (int i = 2; i * i < limit; i++)
        {
            for (int multiple = i * i; !composite[i] && multiple < limit; multiple += i)
            {
                composite[multiple] = true;
            }
        }

        return [.. Enumerable.Range(2, limit - 2).Where(number => !composite[number])];
    }
}
