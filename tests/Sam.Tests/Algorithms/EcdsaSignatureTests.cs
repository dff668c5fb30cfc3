using System.Formats.Asn1;
using System.Security.Cryptography;
using CsCheck;
using Sam.Core.Algorithms;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.Tests.Algorithms;

public sealed class EcdsaSignatureTests
{
    public static TheoryData<string> DerVectors => [.. TestVector.NamesIn("ecdsa-der")];

    public static TheoryData<string> Curves => [.. KeyAlgorithm.All.Where(a => !a.IsRsa).Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(DerVectors))]
    public void DER_is_read_in_its_one_spelling(string name)
    {
        TestVector vector = TestVector.Read("ecdsa-der", name);
        KeyAlgorithm curve = Curve(vector.Text("curve"));
        byte[] der = vector.Bytes("der");

        if (vector.Expect == "accepted")
        {
            byte[] fixedLength = EcdsaSignature.ToFixedLength(der, curve);
            Assert.Equal(vector.Bytes("fixed"), fixedLength);
            Assert.Equal(der, EcdsaSignature.ToDer(fixedLength));
            return;
        }

        CryptographicException refused = Assert.Throws<CryptographicException>(() => EcdsaSignature.ToFixedLength(der, curve));
        Assert.Equal(vector.Expect, refused.InnerException is AsnContentException ? "malformed" : "out-of-range");
    }

    [Fact]
    public void Any_two_halves_survive_the_way_to_DER_and_back() =>
        Gen.Int[0, 2].Select(i => new[] { KeyAlgorithm.P256, KeyAlgorithm.P384, KeyAlgorithm.P521 }[i])
            .SelectMany(curve => Gen.Select(Half(curve), Half(curve), (r, s) => (Curve: curve, R: r, S: s)))
            .Sample(t =>
            {
                byte[] fixedLength = [.. t.R, .. t.S];
                return EcdsaSignature.ToFixedLength(EcdsaSignature.ToDer(fixedLength), t.Curve).AsSpan().SequenceEqual(fixedLength);
            });

    [Fact]
    public void What_is_read_from_mutated_DER_has_that_DER_as_its_only_spelling() =>
        Gen.Select(Half(KeyAlgorithm.P256), Half(KeyAlgorithm.P256), Gen.Int[0, 200], Gen.Byte)
            .Sample((r, s, at, change) =>
            {
                byte[] der = EcdsaSignature.ToDer([.. r, .. s]);
                der[at % der.Length] ^= change;
                try
                {
                    return EcdsaSignature.ToDer(EcdsaSignature.ToFixedLength(der, KeyAlgorithm.P256)).AsSpan().SequenceEqual(der);
                }
                catch (CryptographicException)
                {
                    return true;
                }
            });

    [Theory]
    [MemberData(nameof(Curves))]
    public void The_BCL_verifies_what_was_converted(string name)
    {
        KeyAlgorithm curve = Curve(name);
        using ECDsa key = ECDsa.Create(curve.ToCurve());
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        byte[] fixedLength = key.SignHash(digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

        byte[] der = EcdsaSignature.ToDer(fixedLength);

        Assert.True(key.VerifyHash(digest, der, DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal(fixedLength, EcdsaSignature.ToFixedLength(der, curve));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(65)]
    public void Halves_of_different_length_are_refused(int length) =>
        Assert.Throws<CryptographicException>(() => EcdsaSignature.ToDer(Enumerable.Repeat((byte)0x11, length).ToArray()));

    [Fact]
    public void A_zero_half_is_refused()
    {
        byte[] zeros = new byte[32];
        byte[] one = [.. new byte[31], 1];
        Assert.Throws<CryptographicException>(() => EcdsaSignature.ToDer([.. zeros, .. one]));
        Assert.Throws<CryptographicException>(() => EcdsaSignature.ToDer([.. one, .. zeros]));
        _ = EcdsaSignature.ToDer([.. one, .. one]);
    }

    private static KeyAlgorithm Curve(string name) =>
        KeyAlgorithm.TryFromName(name, out KeyAlgorithm? curve) ? curve : throw new ArgumentException("Not a curve.", nameof(name));

    // Short values, with leading zeros and with a high first bit, must be as frequent as the full width: that is where the two encodings differ.
    private static Gen<byte[]> Half(KeyAlgorithm curve) =>
        Gen.Select(Gen.Int[1, curve.SizeInBytes], Gen.Byte[1, 255], Gen.Byte.Array[curve.SizeInBytes], (length, first, bytes) =>
        {
            byte[] half = new byte[curve.SizeInBytes];
            bytes.AsSpan(0, length).CopyTo(half.AsSpan(^length..));
            half[^length] = first;
            return half;
        });
}
