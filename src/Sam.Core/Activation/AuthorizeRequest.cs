using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>A parsed <c>credentials/authorize</c> (CSC API 2.0 clause 11.6).</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Credential">The credential.</param>
/// <param name="NumSignatures">How many signatures are to be authorized.</param>
/// <param name="Digests">The digests, at least one, all of one algorithm.</param>
/// <param name="Pin">The PIN; null when the request brought none.</param>
/// <param name="DeviceAnswer">A device's answer to a challenge that this client asked for; null when the request brought none.</param>
/// <param name="Label">What the client says of the documents, to be shown on the signer's device: one line of up to 500 characters; null for nothing.</param>
/// <param name="OneTimePassword">A one-time password; null when the request brought none.</param>
/// <param name="Encrypted">PIN, one-time password or both, as a JWE that the signer's page made; null when the request brought none.</param>
public sealed record AuthorizeRequest(
    Caller Caller, CredentialId Credential, int NumSignatures, IReadOnlyList<Digest> Digests, SecretText? Pin, SecretText? DeviceAnswer = null, string? Label = null, SecretText? OneTimePassword = null,
    SecretText? Encrypted = null);

/// <summary>The answer: a SAD.</summary>
/// <param name="Sad">Good once.</param>
/// <param name="ExpiresIn">Its life from now.</param>
/// <param name="Digests">What it is for, where its client named nothing and so may not know: after a fault in the middle of many, these are left. Null otherwise.</param>
public sealed record IssuedSad(SecretText Sad, TimeSpan ExpiresIn, IReadOnlyList<Digest>? Digests = null);
