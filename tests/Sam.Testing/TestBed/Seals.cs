using Sam.Core.Audit;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Testing.TestBed;

/// <summary>Seals under a data key of the test's choice, where no whole SAM is needed.</summary>
internal static class Seals
{
    internal static ReadOnlySpan<byte> KeyId => "key-id-8"u8;

    internal static byte[] Secret => [.. Enumerable.Range(0, DataKey.SizeInBytes).Select(i => (byte)i)];

#pragma warning disable CA2000 // The envelope keeps the key for its life, and a test's key is no secret.
    internal static Envelope NewEnvelope(ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> secret) => new(new DataKey(keyId, secret));
#pragma warning restore CA2000

    /// <summary>Another process's envelope under the same key.</summary>
    internal static Envelope NewEnvelope() => NewEnvelope(KeyId, Secret);

    internal static RowSealer NewSealer() => new(NewEnvelope());

    internal static SealedRows RowsOver(IRowStore store) => new(store, NewSealer());

    /// <summary>The ratchet of a new chain, from a key of zeros.</summary>
    internal static AuditRatchet NewRatchet() => AuditRatchet.Of(OperationId.New().Value, new byte[AuditFormat.HashSize]);
}
