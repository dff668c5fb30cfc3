using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Sam.Testing.TestBed;

/// <summary>Other ways to write one public key.</summary>
public static class PublicKeyEncodings
{
    /// <summary>Under the OID of RSASSA-PSS.</summary>
    public static byte[] AsPss(RSA key) => Wrapped(key.ExportRSAPublicKey(), "1.2.840.113549.1.1.10", withNull: false);

    /// <summary>Without the NULL that RFC 3279 wants.</summary>
    public static byte[] WithoutParameters(RSA key) => Wrapped(key.ExportRSAPublicKey(), "1.2.840.113549.1.1.1", withNull: false);

    /// <summary>For a modulus of 2048 bits: with one zero more than DER has.</summary>
    public static byte[] WithLeadingZeros(RSA key)
    {
        RSAParameters parameters = key.ExportParameters(includePrivateParameters: false);
        byte[] modulus = [0x02, 0x82, 0x01, 0x02, 0, 0, .. parameters.Modulus!];
        byte[] content = [.. modulus, 0x02, 0x03, 1, 0, 1];
        return Wrapped([0x30, 0x82, (byte)(content.Length >> 8), (byte)(content.Length & 0xff), .. content], "1.2.840.113549.1.1.1", withNull: true);
    }

    /// <summary>P-256, with x and a bit for y.</summary>
    public static byte[] Compressed(ECDsa key)
    {
        ECPoint q = key.ExportParameters(includePrivateParameters: false).Q;
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.10045.2.1");
                writer.WriteObjectIdentifier("1.2.840.10045.3.1.7");
            }

            writer.WriteBitString([(byte)(2 + (q.Y![^1] & 1)), .. q.X!]);
        }

        return writer.Encode();
    }

    private static byte[] Wrapped(byte[] key, string algorithm, bool withNull)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(algorithm);
                if (withNull)
                {
                    writer.WriteNull();
                }
            }

            writer.WriteBitString(key);
        }

        return writer.Encode();
    }
}
