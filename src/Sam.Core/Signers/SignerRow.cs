using Sam.Core.Factors;

namespace Sam.Core.Signers;

/// <summary>A signer: the master copy of what each of their credentials' rows repeats.</summary>
/// <param name="UserId">The name that clients use (CSC <c>userID</c>) and the subject of the signer's own tokens.</param>
/// <param name="Status">Whether they may sign.</param>
/// <param name="Clients">Who may act for them.</param>
/// <param name="Pin">Their PIN's verifier; null until one is set.</param>
internal sealed record SignerRow(string UserId, SignerStatus Status, LinkedClients Clients, PinVerifier? Pin);

/// <summary>From a user id to its signer.</summary>
internal sealed record LoginRow(string Signer);

/// <summary>A client, in the list of all that were ever approved.</summary>
internal sealed record ListedClientRow(string Client);

/// <summary>An SCA client and its approval.</summary>
internal sealed record ClientRow(string Client, bool Approved);
