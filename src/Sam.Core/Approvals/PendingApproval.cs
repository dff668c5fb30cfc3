using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>An approval as its signer's device is shown it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Client">Who asks.</param>
/// <param name="Credential">For which credential.</param>
/// <param name="Digests">The digests, at least one, all of one algorithm.</param>
/// <param name="Label">What the client says of the documents; empty if nothing. The client's word, and no more.</param>
/// <param name="NeedsPin">Whether the PIN is asked for, too.</param>
/// <param name="ExpiresAt">Until when it can be decided.</param>
public sealed record PendingApproval(ApprovalId Id, ClientId Client, CredentialId Credential, IReadOnlyList<Digest> Digests, string Label, bool NeedsPin, DateTimeOffset ExpiresAt);
