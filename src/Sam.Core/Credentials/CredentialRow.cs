using Sam.Core.Algorithms;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Signers;

namespace Sam.Core.Credentials;

/// <summary>
/// The one combined state row of signer and credential (security decision 6): all that decides whether this key may be used, in one version.
/// A SAD is bound to that version, so any change of it stops every live SAD.
/// </summary>
/// <param name="Signer">The signer as of now.</param>
/// <param name="Status">Whether the credential may be used.</param>
/// <param name="Description">Shown to users; null if there is none.</param>
/// <param name="Key">The key's name in the HSM.</param>
/// <param name="Algorithm">The key's kind, by name.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo, DER.</param>
/// <param name="Level">The guideline's level: 1 to 3.</param>
/// <param name="Authorization">By which factors its use is authorized, by name.</param>
/// <param name="Multisign">How many signatures one authorization may cover: 1 to 1,000.</param>
/// <param name="Certificate">The certificate; null until there is one.</param>
/// <param name="IsConfirmed">Whether its signer has confirmed it.</param>
/// <param name="IsImported">Whether the key was made elsewhere.</param>
/// <param name="Binding">The SAM's signature over key, credential and signer (<see cref="KeyBinding"/>).</param>
/// <param name="Destruction">What is known of the key's destruction; null before it.</param>
/// <param name="Suspensions">Who keeps it suspended.</param>
/// <param name="Stops">How often it was suspended, revoked or destroyed: a row that knows of fewer stops than were made was written back (<see cref="StandingStops"/>).</param>
internal sealed record CredentialRow(
    SignerRow Signer,
    CredentialStatus Status,
    string? Description,
    string Key,
    string Algorithm,
    byte[] PublicKey,
    int Level,
    string Authorization,
    int Multisign,
    CertificateRow? Certificate,
    bool IsConfirmed,
    bool IsImported,
    byte[] Binding,
    DestructionRow? Destruction,
    Suspensions Suspensions = Suspensions.None,
    int Stops = 0)
{
    internal KeyAlgorithm KeyAlgorithm => KeyAlgorithm.TryFromName(Algorithm, out KeyAlgorithm? algorithm)
        ? algorithm
        : throw new InvalidOperationException("The row names an unknown key algorithm.");

    internal KeyAuthorization KeyAuthorization => KeyAuthorization.TryFromName(Authorization, out KeyAuthorization? authorization)
        ? authorization
        : throw new InvalidOperationException("The row names unknown factors.");

    /// <summary>The key in the HSM with the public half its certificate was checked against.</summary>
    internal SigningKey SigningKey => new(KeyReference.Parse(Key), KeyAlgorithm, PublicKey);

    internal bool IsUsable => Signer.Status == SignerStatus.Active && Status == CredentialStatus.Active && Certificate is not null;
}

/// <summary>That a key is destroyed.</summary>
/// <param name="IsProven">Whether the HSM neither finds the key nor signs with it any more: seen, not concluded.</param>
/// <param name="KeptUntil">Until when the HSM keeps it for its administrators to recover; null: it is gone for good.</param>
internal sealed record DestructionRow(bool IsProven, DateTimeOffset? KeptUntil);

/// <summary>A credential's certificate. What requests need of it is kept beside it, so that they need not parse it.</summary>
/// <param name="Chain">DER, end entity first.</param>
/// <param name="NotBefore">The end entity certificate's first second.</param>
/// <param name="NotAfter">The end entity certificate's last second.</param>
internal sealed record CertificateRow(IReadOnlyList<byte[]> Chain, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    internal bool IsValidAt(DateTimeOffset time) => NotBefore <= time && time <= NotAfter;
}
