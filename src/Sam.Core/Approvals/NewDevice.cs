using System.Security.Cryptography;
using System.Text;
using Sam.Core.Officers;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>A device as it enrols.</summary>
/// <param name="Name">What its owner calls it: 1 to 100 characters.</param>
/// <param name="PublicKey">Its key: SubjectPublicKeyInfo of P-256, DER.</param>
/// <param name="Possession">The key's own signature (ES256, R‖S) over <see cref="Statement"/>: that the device has it.</param>
public sealed record NewDevice(string Name, ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> Possession)
{
    private const int LongestName = 100;

    /// <summary>What the key signs: <c>sam-device-enrolment/1</c>, the deployment's id, SHA-256 of the enrolment code in hexadecimal, and the name, each ended by a line feed.</summary>
    public static byte[] Statement(string deployment, SecretText code, string name) =>
        Encoding.UTF8.GetBytes($"sam-device-enrolment/1\n{deployment}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code.Reveal())))}\n{name}\n");

    /// <summary>The name of the part that will not do; null if all are well.</summary>
    internal string? FindFault(string deployment, SecretText code) =>
        !PlainText.IsLine(Name, LongestName) ? "name"
        : !OfficerKey.IsUsable(PublicKey.Span) ? "publicKey"
        : !DeviceSignature.IsBy(PublicKey.Span, Statement(deployment, code, Name), Possession.Span) ? "possession"
        : null;
}
