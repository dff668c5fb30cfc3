using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>
/// Ties a device's key to its signer by the SAM's own signature in the HSM (security decision 17): whoever holds a process's data key can seal a row that names a device of their own, and
/// cannot sign it.
/// </summary>
internal sealed class DeviceBinding
{
    private readonly ModuleIdentity _identity;
    private readonly SeenStatements _seen;

    internal DeviceBinding(ModuleIdentity identity)
    {
        _identity = identity;
        _seen = new SeenStatements(identity);
    }

    internal async Task<DeviceRow> BindAsync(SignerId signer, DeviceRow device, CancellationToken cancellationToken) =>
        device with { Binding = await _identity.SignAsync(Statement(signer, device), cancellationToken) };

    internal bool IsGenuine(SignerId signer, DeviceRow device) => _seen.Verify(Statement(signer, device), device.Binding);

    private static byte[] Statement(SignerId signer, DeviceRow device) =>
        AssociatedData.Of("sam-device/1", signer.Value, device.Id, device.Name, Convert.ToBase64String(device.PublicKey));
}
