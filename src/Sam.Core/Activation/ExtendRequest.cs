using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>A parsed <c>credentials/extendTransaction</c> (CSC API 2.0 clause 11.9).</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Credential">The credential.</param>
/// <param name="Sad">The transaction's present SAD, used or not.</param>
/// <param name="Digests">What the next SAD is to be for: some of what is left, or at level 1 others; null for all that is left.</param>
/// <param name="Retry">By which the same request, sent again, is known; null for a client that does not ask for that.</param>
public sealed record ExtendRequest(Caller Caller, CredentialId Credential, SecretText Sad, IReadOnlyList<Digest>? Digests, RetryMark? Retry = null);
