using Sam.Core.Algorithms;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>What clients may know of a credential (CSC API 2.0 clause 11.5).</summary>
/// <param name="Id">Its id.</param>
/// <param name="Description">Shown to users; null if there is none.</param>
/// <param name="KeyAlgorithm">The key's kind.</param>
/// <param name="IsUsable">Whether signer and credential are active and there is a certificate.</param>
/// <param name="Certificates">DER, end entity first; empty while there is no certificate.</param>
/// <param name="IsInValidity">Whether the certificate's dates hold now.</param>
/// <param name="Multisign">How many signatures one authorization may cover.</param>
public sealed record CredentialView(
    CredentialId Id,
    string? Description,
    KeyAlgorithm KeyAlgorithm,
    bool IsUsable,
    IReadOnlyList<byte[]> Certificates,
    bool IsInValidity,
    int Multisign);
