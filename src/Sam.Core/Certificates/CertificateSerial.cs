using Sam.Core.Randomness;

namespace Sam.Core.Certificates;

/// <summary>Serial numbers of certificates.</summary>
internal static class CertificateSerial
{
    /// <summary>16 random bytes, positive and without a leading zero (RFC 5280 section 4.1.2.2).</summary>
    internal static byte[] New()
    {
        byte[] serial = RandomSource.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }
}
