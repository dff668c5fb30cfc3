using Sam.Core.Keys;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>A key as it is brought.</summary>
/// <param name="Challenge">What it was asked for with.</param>
/// <param name="Blob">The wrapped key, in the form of <see cref="IKeyImport"/>: up to 8,192 bytes.</param>
/// <param name="PublicKey">Its public key: SubjectPublicKeyInfo, DER.</param>
/// <param name="Possession">The key's own signature over <see cref="KeyPossession.Statement"/>.</param>
public sealed record ImportDelivery(SecretText Challenge, ReadOnlyMemory<byte> Blob, ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> Possession);
