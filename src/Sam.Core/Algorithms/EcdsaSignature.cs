using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Sam.Core.Algorithms;

/// <summary>
/// The two encodings of an ECDSA signature. HSMs give R‖S at fixed length; CSC clients put DER (RFC 3279 section 2.2.3) into CMS unchanged.
/// Strict both ways: one signature has one encoding here.
/// </summary>
public static class EcdsaSignature
{
    /// <summary>R‖S, both of the curve's length, as DER.</summary>
    /// <exception cref="CryptographicException">The length is odd or zero, or R or S is zero.</exception>
    public static byte[] ToDer(ReadOnlySpan<byte> fixedLength)
    {
        // The length is checked before anything is split: a short R must not shift S.
        int half = fixedLength.Length / 2;
        if (half == 0 || fixedLength.Length % 2 != 0)
        {
            throw new CryptographicException("An ECDSA signature has two halves of one length.");
        }

        if (!fixedLength[..half].ContainsAnyExcept((byte)0) || !fixedLength[half..].ContainsAnyExcept((byte)0))
        {
            throw new CryptographicException("Neither half of an ECDSA signature is zero.");
        }

        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(WithoutLeadingZeros(fixedLength[..half]));
            writer.WriteIntegerUnsigned(WithoutLeadingZeros(fixedLength[half..]));
        }

        return writer.Encode();
    }

    /// <summary>DER as R‖S, both of the curve's length.</summary>
    /// <exception cref="CryptographicException">Not DER, trailing bytes, or a half that is negative, zero or too long for the curve.</exception>
    public static byte[] ToFixedLength(ReadOnlySpan<byte> der, KeyAlgorithm curve)
    {
        byte[] result = new byte[curve.SignatureSizeInBytes];
        int half = curve.SizeInBytes;
        try
        {
            AsnReader outer = new(der.ToArray(), AsnEncodingRules.DER);
            AsnReader inner = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            Place(inner.ReadIntegerBytes().Span, result.AsSpan(0, half));
            Place(inner.ReadIntegerBytes().Span, result.AsSpan(half));
            inner.ThrowIfNotEmpty();
            return result;
        }
        catch (AsnContentException malformed)
        {
            throw new CryptographicException("The ECDSA signature is not DER.", malformed);
        }
    }

    private static void Place(ReadOnlySpan<byte> integer, Span<byte> target)
    {
        if (integer[0] >= 0x80)
        {
            throw new CryptographicException("Neither half of an ECDSA signature is negative.");
        }

        ReadOnlySpan<byte> value = WithoutLeadingZeros(integer);
        if (value.IsEmpty || value.Length > target.Length)
        {
            throw new CryptographicException("A half of the ECDSA signature is zero or too long for the curve.");
        }

        value.CopyTo(target[^value.Length..]);
    }

    private static ReadOnlySpan<byte> WithoutLeadingZeros(ReadOnlySpan<byte> value) => value.TrimStart((byte)0);
}
