namespace Sam.Core.Sealing;

/// <summary>The row that names the SAM's own keys.</summary>
/// <param name="WrappingKey">The HSM key that wraps the data key.</param>
/// <param name="DataKeyId">The data key's id, 8 bytes.</param>
/// <param name="WrappedDataKey">The data key under AES-KWP.</param>
/// <param name="SealedNames">A <see cref="KeyringNames"/> under the data key.</param>
internal sealed record KeyringRow(string WrappingKey, byte[] DataKeyId, byte[] WrappedDataKey, byte[] SealedNames);

/// <summary>What the keyring names beside the data key.</summary>
/// <param name="Pepper">The HSM's MAC key for PIN verifiers.</param>
/// <param name="Epoch">The deployment epoch.</param>
internal sealed record KeyringNames(string Pepper, uint Epoch);
