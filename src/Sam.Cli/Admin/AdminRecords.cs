using System.Text.Json;
using Sam.Core.Officers;

namespace Sam.Cli.Admin;

// What answers hold. What a SAM must send is required: an answer without it is no answer of a SAM. What holds a secret is a class, because a record prints its members.

internal sealed record StatusRecord(string Deployment, bool Initialized, byte[] PublicKey);

/// <summary>The SAM's own certificate, DER.</summary>
internal sealed record IdentityCertificateRecord(byte[] Certificate);

internal sealed record OfficerRecord(string Id, string Name, string Role, string Issuer, string Subject, bool Disabled, bool Enrolled);

internal sealed record ClientRecord(string Client, bool Approved);

internal sealed record ProposalRecord(
    string Id, string Status, byte[] SignedChange, string ChangeDigest, string ProposedBy, DateTimeOffset ProposedAt, DateTimeOffset ExpiresAt, string? ClosedBy = null)
{
    /// <summary>What is shown is what an approval names: the digest is made of it here, not taken over.</summary>
    /// <exception cref="CommandFailure">It is another one's.</exception>
    internal string ToShownChange() => ProposalView.DigestOf(SignedChange) == ChangeDigest
        ? JsonElement.Parse(SignedChange).GetRawText()
        : throw new CommandFailure($"The change of the proposal {Printable.OneLine(Id)} is not the one that its digest says: it is neither shown nor approved.");
}

internal sealed record ChangeRecord(DateTimeOffset At, string By, string What, string? Reason = null);

internal sealed record SignerRecord(
    string Id,
    string UserID,
    string Issuer,
    string Subject,
    string Status,
    IReadOnlyList<string> Clients,
    bool AnyClient,
    IdentityRecord Identity,
    string Proofing,
    IReadOnlyList<DeviceRecord> Devices,
    IReadOnlyList<ChangeRecord> History,
    TotpRecord? Totp = null);

/// <summary>A new secret of a signer's authenticator app, as it reads it: told once.</summary>
internal sealed record TotpRecord(Secret Uri);

/// <summary>A device of a signer's.</summary>
internal sealed record DeviceRecord(string Id, string Name);

/// <summary>Who somebody was proofed to be; what is null is not part of the name.</summary>
internal sealed record IdentityRecord(
    string CommonName,
    string? GivenName = null,
    string? Surname = null,
    string? SerialNumber = null,
    string? Organization = null,
    string? OrganizationalUnit = null,
    string? OrganizationIdentifier = null,
    string? Country = null,
    string? Email = null);

internal sealed record CredentialRecord(
    string CredentialID,
    string Signer,
    string Status,
    string Key,
    byte[] PublicKey,
    bool Imported,
    int Level,
    string Authorization,
    int Multisign,
    IReadOnlyList<byte[]> Certificates,
    bool KeyDestroyed,
    string? Description = null,
    DateTimeOffset? DestroyPendingUntil = null,
    IReadOnlyList<ChangeRecord>? History = null);

internal sealed record NamePartRecord(string Name, string Value);

/// <summary>A certification request: CMS around the PKCS#10, and what the SAM says of it.</summary>
internal sealed record RequestRecord(byte[] Request, bool Matches, IReadOnlyList<NamePartRecord> Registered, IReadOnlyList<NamePartRecord> InRequest);

/// <summary>A signer, to themselves.</summary>
internal sealed record OwnRecord(SignerRecord Signer, IReadOnlyList<CredentialRecord> Credentials);

/// <summary>A list, or a page of one; <paramref name="Next"/> names the next page.</summary>
internal sealed record ListRecord<T>(IReadOnlyList<T> Items, string? Next = null);

/// <summary>A privileged user's enrolment code, told once.</summary>
internal sealed class OfficerCode
{
    public required OfficerRecord Officer { get; init; }

    public required Secret Code { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class InitializationCodes
{
    public required IReadOnlyList<OfficerCode> Codes { get; init; }
}

/// <summary>A change that was made, and the code that it gave, if it gave one.</summary>
internal sealed class ApprovalResult
{
    public required ProposalRecord Proposal { get; init; }

    public OfficerCode? Code { get; init; }
}

/// <summary>A signer's enrolment code, told once.</summary>
internal sealed class SignerCode
{
    public required Secret Code { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class ChallengeText
{
    public required Secret Challenge { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What a key that was made elsewhere is wrapped for.</summary>
internal sealed class ImportRecord
{
    public required string CredentialID { get; init; }

    public required Secret Challenge { get; init; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public required byte[] ExchangeKey { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A refusal (RFC 9457).</summary>
internal sealed record ProblemRecord(string? Code = null, string? Title = null, string? Parameter = null);
