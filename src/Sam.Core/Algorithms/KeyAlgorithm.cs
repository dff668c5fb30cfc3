using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Sam.Core.Algorithms;

/// <summary>The kinds of signing keys. The set is closed.</summary>
public sealed class KeyAlgorithm
{
    private KeyAlgorithm(string name, int sizeInBits, string? curveOid)
    {
        Name = name;
        SizeInBits = sizeInBits;
        CurveOid = curveOid;
    }

    /// <summary>RSA with a modulus of 2048 bits, e = 65537.</summary>
    public static KeyAlgorithm Rsa2048 { get; } = new("rsa2048", 2048, null);

    /// <summary>RSA with a modulus of 3072 bits, e = 65537.</summary>
    public static KeyAlgorithm Rsa3072 { get; } = new("rsa3072", 3072, null);

    /// <summary>RSA with a modulus of 4096 bits, e = 65537.</summary>
    public static KeyAlgorithm Rsa4096 { get; } = new("rsa4096", 4096, null);

    /// <summary>NIST P-256.</summary>
    public static KeyAlgorithm P256 { get; } = new("p256", 256, "1.2.840.10045.3.1.7");

    /// <summary>NIST P-384.</summary>
    public static KeyAlgorithm P384 { get; } = new("p384", 384, "1.3.132.0.34");

    /// <summary>NIST P-521.</summary>
    public static KeyAlgorithm P521 { get; } = new("p521", 521, "1.3.132.0.35");

    /// <summary>All members.</summary>
    public static IReadOnlyList<KeyAlgorithm> All { get; } = [Rsa2048, Rsa3072, Rsa4096, P256, P384, P521];

    /// <summary>The name in requests, rows and audit records: <c>rsa3072</c>, <c>p256</c>.</summary>
    public string Name { get; }

    /// <summary>The size of the modulus or of the curve's field, in bits.</summary>
    public int SizeInBits { get; }

    /// <summary>The curve's object identifier, dotted; null for RSA.</summary>
    public string? CurveOid { get; }

    /// <summary>True for RSA, false for elliptic curves.</summary>
    public bool IsRsa => CurveOid is null;

    /// <summary>The bytes of the modulus, or of one coordinate.</summary>
    public int SizeInBytes => (SizeInBits + 7) / 8;

    /// <summary>The bytes of a signature as the HSM gives it: the modulus, or R‖S at fixed length.</summary>
    public int SignatureSizeInBytes => IsRsa ? SizeInBytes : 2 * SizeInBytes;

    /// <summary>Finds the algorithm by its name; false for any other text.</summary>
    public static bool TryFromName(string? name, [NotNullWhen(true)] out KeyAlgorithm? algorithm)
    {
        algorithm = All.FirstOrDefault(a => a.Name == name);
        return algorithm is not null;
    }

    /// <summary>The curve as the BCL names it.</summary>
    /// <exception cref="InvalidOperationException">The algorithm is RSA.</exception>
    public ECCurve ToCurve() => CurveOid is null
        ? throw new InvalidOperationException("An RSA key has no curve.")
        : ECCurve.CreateFromValue(CurveOid);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
