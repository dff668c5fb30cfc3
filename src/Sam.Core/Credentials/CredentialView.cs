using Sam.Core.Algorithms;
using Sam.Core.Factors;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>What may be known of a credential (CSC API 2.0 clause 11.5), and of its life.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Description">Shown to users; null if there is none.</param>
/// <param name="KeyAlgorithm">The key's kind.</param>
/// <param name="IsUsable">Whether signer and credential are active and there is a certificate.</param>
/// <param name="Certificates">DER, end entity first; empty while there is no certificate.</param>
/// <param name="IsInValidity">Whether the certificate's dates hold now.</param>
/// <param name="Multisign">How many signatures one authorization may cover.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo, DER.</param>
/// <param name="IsImported">Whether the key was made elsewhere.</param>
/// <param name="IsDestroyed">Whether the HSM was seen not to have the key any more.</param>
/// <param name="KeptUntil">Until when the HSM keeps a destroyed key for its administrators to recover; null where it does not.</param>
/// <param name="Level">The guideline's level: 1 to 3.</param>
/// <param name="Authorization">By which factors its use is authorized.</param>
/// <param name="ETag">The version: what a change names in <c>If-Match</c>.</param>
public sealed record CredentialView(
    CredentialId Id,
    string? Description,
    KeyAlgorithm KeyAlgorithm,
    bool IsUsable,
    IReadOnlyList<byte[]> Certificates,
    bool IsInValidity,
    int Multisign,
    CredentialStatus Status,
    ReadOnlyMemory<byte> PublicKey,
    bool IsImported,
    bool IsDestroyed,
    DateTimeOffset? KeptUntil,
    int Level,
    KeyAuthorization Authorization,
    RowETag ETag)
{
    internal static CredentialView Of(CredentialId id, SealedRow<CredentialRow> row, DateTimeOffset now) => new(
        id,
        row.Value.Description,
        row.Value.KeyAlgorithm,
        row.Value.IsUsable,
        row.Value.Certificate?.Chain ?? [],
        row.Value.Certificate?.IsValidAt(now) ?? false,
        row.Value.Multisign,
        row.Value.Status,
        row.Value.PublicKey,
        row.Value.IsImported,
        row.Value.Destruction is { IsProven: true },
        row.Value.Destruction?.KeptUntil,
        row.Value.Level,
        row.Value.KeyAuthorization,
        row.ETag);
}
