namespace Sam.Core.Sealing;

/// <summary>The row that names the SAM's own keys.</summary>
/// <param name="WrappingKey">The HSM key that wraps the data key.</param>
/// <param name="MacKey">The HSM key that vouches for this row.</param>
/// <param name="DataKeyId">The data key's id, 8 bytes.</param>
/// <param name="WrappedDataKey">The data key, wrapped: by AES-KWP, or by RSA-OAEP where the HSM has no AES keys.</param>
/// <param name="SealedNames">A <see cref="KeyringNames"/> under the data key.</param>
/// <param name="Tag">The MAC over all of it. Unwrapping alone proves nothing of who wrapped: with RSA that is everybody.</param>
internal sealed record KeyringRow(string WrappingKey, string MacKey, byte[] DataKeyId, byte[] WrappedDataKey, byte[] SealedNames, byte[] Tag)
{
    /// <summary>What the tag is over. No other MAC under a key of the SAM begins like it.</summary>
    internal byte[] Tagged() => AssociatedData.Of("sam-keyring/1", WrappingKey, MacKey, Convert.ToHexStringLower(DataKeyId), Convert.ToBase64String(WrappedDataKey), Convert.ToBase64String(SealedNames));
}

/// <summary>What the keyring names beside the data key.</summary>
/// <param name="Deployment">The deployment's random id: 16 bytes, hexadecimal.</param>
/// <param name="Pepper">The HSM's MAC key for PIN verifiers.</param>
/// <param name="Identity">The HSM's P-256 key that the SAM signs with in its own name.</param>
/// <param name="IdentityPublicKey">Its public half: SubjectPublicKeyInfo, DER.</param>
/// <param name="Epoch">The deployment epoch.</param>
internal sealed record KeyringNames(string Deployment, string Pepper, string Identity, byte[] IdentityPublicKey, uint Epoch);
