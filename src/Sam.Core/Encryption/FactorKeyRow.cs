using System.Globalization;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Core.Encryption;

/// <summary>A key that the SAM made for factors. It carries the SAM's signature by its own key in the HSM: who holds a process's data key cannot put a key of their own here (security decision 17).</summary>
/// <param name="Key">Its name in the HSM.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo, DER.</param>
/// <param name="MadeAt">When it was made, by the store's clock, in seconds since 1970.</param>
/// <param name="Signature">The SAM's, over all of it.</param>
internal sealed record FactorKeyRow(string Key, byte[] PublicKey, long MadeAt, byte[] Signature)
{
    /// <summary>The partition. The rows are numbered, so that of two that are made at once one is the next.</summary>
    internal const string Partition = "factor-keys";

    internal static RowAddress Address(int number) => new(SamTable.Registry, Partition, number.ToString("d8", CultureInfo.InvariantCulture));

    /// <summary>What the SAM signs.</summary>
    internal byte[] Statement(RowAddress address) => AssociatedData.Of(
        "sam-factor-key/1", address.RowKey, Key, Convert.ToBase64String(PublicKey), MadeAt.ToString(CultureInfo.InvariantCulture));
}
