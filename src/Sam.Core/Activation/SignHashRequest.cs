using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>A parsed <c>signatures/signHash</c> (CSC API 2.0 clause 11.10).</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Credential">The credential.</param>
/// <param name="Sad">The SAD.</param>
/// <param name="Digests">What to sign, at least one, in the order in which the signatures are to come back.</param>
/// <param name="Algorithm">How.</param>
/// <param name="Retry">By which the same request, sent again, is known; null for a client that does not ask for that.</param>
public sealed record SignHashRequest(Caller Caller, CredentialId Credential, SecretText Sad, IReadOnlyList<Digest> Digests, SignatureAlgorithm Algorithm, RetryMark? Retry = null)
{
    /// <summary>Told where the release is recorded, before it leaves: the receipt, for a client that asks for one. Null for who does not.</summary>
    public Action<ChainHead>? Recorded { get; init; }
}
