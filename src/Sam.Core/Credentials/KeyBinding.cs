using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// Ties a key to its credential and signer by the SAM's own signature in the HSM, made in the same step as the key (REG-3, T-REG-1; security decision 17): whoever holds a process's data key
/// can seal a row that names another key, or lets it be used with fewer factors, and cannot sign it. Checked at every use.
/// </summary>
internal sealed class KeyBinding
{
    // A signature is verified once per process and row: it costs as much as the signer's own. What is kept says nothing but that it was seen to hold.
    private const int MaxKnown = 10_000;

    private readonly ModuleIdentity _identity;
    private readonly ConcurrentDictionary<UInt128, bool> _genuine = new();

    internal KeyBinding(ModuleIdentity identity) => _identity = identity;

    internal Task<byte[]> SignAsync(CredentialId credential, CredentialRow row, CancellationToken cancellationToken) =>
        _identity.SignAsync(Statement(credential, row), cancellationToken);

    internal bool IsGenuine(CredentialId credential, CredentialRow row)
    {
        byte[] statement = Statement(credential, row);
        UInt128 seen = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData([.. row.Binding, .. statement]));
        if (_genuine.ContainsKey(seen))
        {
            return true;
        }

        if (!_identity.Verify(statement, row.Binding))
        {
            return false;
        }

        if (_genuine.Count >= MaxKnown)
        {
            _genuine.Clear();
        }

        return _genuine[seen] = true;
    }

    private static byte[] Statement(CredentialId credential, CredentialRow row) => AssociatedData.Of(
        "sam-key/2",
        credential.Signer.Value,
        credential.Value,
        row.Key,
        row.Algorithm,
        Convert.ToBase64String(row.PublicKey),
        row.IsImported ? "imported" : "generated",
        row.Level.ToString(System.Globalization.CultureInfo.InvariantCulture),
        row.Authorization);
}
