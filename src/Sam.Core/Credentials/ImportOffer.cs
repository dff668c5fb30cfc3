using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>What a key is wrapped for and signs.</summary>
/// <param name="Credential">What the credential will be called.</param>
/// <param name="Challenge">Names all that the key will be; good once.</param>
/// <param name="ExchangeKey">The HSM's RSA key that the key is wrapped for: SubjectPublicKeyInfo, DER.</param>
/// <param name="ExpiresAt">Until when it is taken.</param>
public sealed record ImportOffer(CredentialId Credential, SecretText Challenge, ReadOnlyMemory<byte> ExchangeKey, DateTimeOffset ExpiresAt);
