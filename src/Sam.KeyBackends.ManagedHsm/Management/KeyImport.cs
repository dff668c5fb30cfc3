namespace Sam.KeyBackends.ManagedHsm.Management;

/// <summary>
/// A key that was made in another HSM and comes wrapped for this one ("bring your own key"). What was asked for must be compared with what came: the blob is not ours.
/// </summary>
/// <param name="Name">Its name, which no key has yet.</param>
/// <param name="KeyType"><c>RSA-HSM</c> or <c>EC-HSM</c>.</param>
/// <param name="Curve">As <see cref="KeyCreation.Curve"/>.</param>
/// <param name="Operations">All it may be used for.</param>
/// <param name="TransferBlob">
/// The file of the other HSM's tool: JSON that names the exchange key of this HSM (<c>header.kid</c>, a key whose one operation is <c>import</c>) and holds the key
/// wrapped with it (CKM_RSA_AES_KEY_WRAP). No secret to whoever has not that key.
/// </param>
public sealed record KeyImport(string Name, string KeyType, string? Curve, IReadOnlyList<string> Operations, ReadOnlyMemory<byte> TransferBlob);
