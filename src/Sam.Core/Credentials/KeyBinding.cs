using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// Ties a key to its credential and signer by the SAM's own signature in the HSM, made in the same step as the key (REG-3, T-REG-1; security decision 17): whoever holds a process's data key
/// can seal a row that names another key, or lets it be used with fewer factors, and cannot sign it. Checked at every use.
/// </summary>
internal sealed class KeyBinding
{
    private readonly ModuleIdentity _identity;
    private readonly SeenStatements _seen;

    internal KeyBinding(ModuleIdentity identity)
    {
        _identity = identity;
        _seen = new SeenStatements(identity);
    }

    internal Task<byte[]> SignAsync(CredentialId credential, CredentialRow row, CancellationToken cancellationToken) =>
        _identity.SignAsync(Statement(credential, row), cancellationToken);

    internal bool IsGenuine(CredentialId credential, CredentialRow row) => _seen.Verify(Statement(credential, row), row.Binding);

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
