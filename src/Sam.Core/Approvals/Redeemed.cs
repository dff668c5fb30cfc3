using Sam.Core.Activation;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>What a client is told of an approval that it asked for.</summary>
/// <param name="Credential">The credential.</param>
/// <param name="Sad">The SAD; null while the signer has not decided.</param>
public sealed record Redeemed(CredentialId Credential, IssuedSad? Sad);
