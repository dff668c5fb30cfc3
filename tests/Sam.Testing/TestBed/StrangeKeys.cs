using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace Sam.Testing.TestBed;

/// <summary>Keys that no HSM of ours would make.</summary>
public static class StrangeKeys
{
    private static readonly Lazy<RSAParameters> _exponent3 = new(MakeWithExponent3);

    /// <summary>RSA-2048 with the public exponent 3.</summary>
    public static RSA WithExponent3() => RSA.Create(_exponent3.Value);

    /// <summary>PKCS#8 with the private key of one and the public key of another P-256 key, as RFC 5915 lets anybody write it.</summary>
    public static byte[] WithPublicKeyOf(ECDsa owner, ECDsa other)
    {
        ECParameters mine = owner.ExportParameters(includePrivateParameters: true);
        ECPoint theirs = other.ExportParameters(includePrivateParameters: false).Q;
        AsnWriter inner = new(AsnEncodingRules.DER);
        using (inner.PushSequence())
        {
            inner.WriteInteger(1);
            inner.WriteOctetString(mine.D);
            using (inner.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            {
                inner.WriteBitString([0x04, .. theirs.X!, .. theirs.Y!]);
            }
        }

        AsnWriter outer = new(AsnEncodingRules.DER);
        using (outer.PushSequence())
        {
            outer.WriteInteger(0);
            using (outer.PushSequence())
            {
                outer.WriteObjectIdentifier("1.2.840.10045.2.1");
                outer.WriteObjectIdentifier("1.2.840.10045.3.1.7");
            }

            outer.WriteOctetString(inner.Encode());
        }

        return outer.Encode();
    }

    private static RSAParameters MakeWithExponent3()
    {
        // Of the primes of ordinary keys those with which 3 can be an exponent: one in two.
        List<BigInteger> primes = [];
        while (primes.Count < 2)
        {
            using RSA source = RSA.Create(2048);
            RSAParameters p = source.ExportParameters(includePrivateParameters: true);
            primes.AddRange(new[] { Number(p.P!), Number(p.Q!) }.Where(prime => (prime - 1) % 3 != 0));
        }

        (BigInteger larger, BigInteger smaller) = (BigInteger.Max(primes[0], primes[1]), BigInteger.Min(primes[0], primes[1]));
        BigInteger totient = (larger - 1) * (smaller - 1);
        BigInteger d = Inverse(3, totient);
        return new RSAParameters
        {
            Modulus = Bytes(larger * smaller, 256),
            Exponent = [3],
            D = Bytes(d, 256),
            P = Bytes(larger, 128),
            Q = Bytes(smaller, 128),
            DP = Bytes(d % (larger - 1), 128),
            DQ = Bytes(d % (smaller - 1), 128),
            InverseQ = Bytes(BigInteger.ModPow(smaller, larger - 2, larger), 128),
        };
    }

    // 1/3: one of these is a multiple of three, since the modulus is none.
    private static BigInteger Inverse(int three, BigInteger modulus) => (1 + (modulus % three == 2 ? modulus : 2 * modulus)) / three;

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Bytes(BigInteger number, int length)
    {
        byte[] bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[length - bytes.Length], .. bytes];
    }
}
