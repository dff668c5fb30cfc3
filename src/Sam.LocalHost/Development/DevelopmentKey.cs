using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Sam.LocalHost.Development;

/// <summary>
/// The one key of a development host: its issuer signs with it, and its officers' keys and the one-time secret are derived from it. So hosts that share the file have the same officers, and
/// there is nothing else to keep.
/// </summary>
internal sealed class DevelopmentKey
{
    // The order of P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3).
    private static readonly BigInteger _order = BigInteger.Parse("0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly byte[] _pkcs8;

    internal DevelopmentKey(byte[] pkcs8) => _pkcs8 = pkcs8;

    /// <summary>The issuer's private key, PKCS#8.</summary>
    internal byte[] Pkcs8 => _pkcs8;

    /// <summary>A P-256 key of this name: the same each time.</summary>
    internal ECDsa DeriveKey(string name)
    {
        // 128 bits more than the order has, so that the remainder is as good as uniform (FIPS 186-5 appendix A.2.1).
        BigInteger candidate = new(Derive($"key of {name}", 48), isUnsigned: true, isBigEndian: true);
        byte[] d = ((candidate % (_order - 1)) + 1).ToByteArray(isUnsigned: true, isBigEndian: true);
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = [.. new byte[32 - d.Length], .. d] });
    }

    /// <summary>A text of this name: 32 hexadecimal digits, the same each time.</summary>
    internal string DeriveText(string name) => Convert.ToHexStringLower(Derive($"text of {name}", 16));

    private byte[] Derive(string what, int length)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(_pkcs8, out _);
        byte[] secret = key.ExportParameters(includePrivateParameters: true).D!;
        try
        {
            return HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, length, info: Encoding.UTF8.GetBytes("FunctionsSam development: " + what));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
