namespace Sam.Core.Approvals;

/// <summary>A device of a signer: what approves in their name.</summary>
/// <param name="Id">The <see cref="Values.DeviceId"/>.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="PublicKey">Its key's SubjectPublicKeyInfo, P-256, DER.</param>
/// <param name="Binding">The SAM's signature over key, device and signer (<see cref="DeviceBinding"/>).</param>
internal sealed record DeviceRow(string Id, string Name, byte[] PublicKey, byte[] Binding);
