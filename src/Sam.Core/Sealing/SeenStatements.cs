using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Sam.Core.Sealing;

/// <summary>
/// What the SAM itself signed, verified once per process and row: it costs as much as the signer's own signature, and is asked at every use. What is kept is no permission and says nothing
/// but that this signature was seen to hold for this statement, which each caller makes anew from the row that it read.
/// </summary>
internal sealed class SeenStatements
{
    // Lost without harm: each is verified once more.
    private const int MaxSeen = 10_000;

    private const int SignatureSize = 64;

    private readonly ModuleIdentity _identity;
    private readonly ConcurrentDictionary<UInt128, bool> _seen = new();

    internal SeenStatements(ModuleIdentity identity) => _identity = identity;

    /// <summary>Whether the SAM said this.</summary>
    internal bool Verify(byte[] statement, byte[] signature)
    {
        // One length, so that no byte of the one passes for a byte of the other. Before the signature is there nobody knows it, so nobody chooses a statement for its hash.
        if (signature.Length != SignatureSize)
        {
            return false;
        }

        UInt128 both = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData([.. signature, .. statement]));
        if (_seen.ContainsKey(both))
        {
            return true;
        }

        if (!_identity.Verify(statement, signature))
        {
            return false;
        }

        if (_seen.Count >= MaxSeen)
        {
            _seen.Clear();
        }

        return _seen[both] = true;
    }
}
