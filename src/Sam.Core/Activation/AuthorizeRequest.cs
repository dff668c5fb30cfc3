using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>A parsed <c>credentials/authorize</c> (CSC API 2.0 clause 11.6).</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Credential">The credential.</param>
/// <param name="NumSignatures">How many signatures are to be authorized.</param>
/// <param name="Digests">The digests, at least one, all of one algorithm.</param>
/// <param name="Pin">The PIN; null when the request brought none.</param>
public sealed record AuthorizeRequest(Caller Caller, CredentialId Credential, int NumSignatures, IReadOnlyList<Digest> Digests, SecretText? Pin);

/// <summary>The answer: a SAD.</summary>
/// <param name="Sad">Good once.</param>
/// <param name="ExpiresIn">Its life from now.</param>
public sealed record IssuedSad(SecretText Sad, TimeSpan ExpiresIn);
