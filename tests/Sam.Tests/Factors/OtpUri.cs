using System.Text;

namespace Sam.Tests.Factors;

/// <summary>As an authenticator app reads it.</summary>
internal static class OtpUri
{
    internal static byte[] SecretOf(string uri) => FromBase32(uri.Split("secret=")[1][..32]);

    private static byte[] FromBase32(string text)
    {
        StringBuilder bits = new();
        foreach (char letter in text)
        {
            _ = bits.Append(Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0'));
        }

        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.ToString(i * 8, 8), 2))];
    }
}
