using Sam.Core.Certificates;
using Sam.Core.Credentials;
using Sam.Core.Signers;

namespace Sam.Api.Admin;

/// <summary>A signer.</summary>
internal sealed record SignerAnswer(
    string Id,
    string UserID,
    string Issuer,
    string Subject,
    string Status,
    IReadOnlyList<string> Clients,
    bool AnyClient,
    SubjectName Identity,
    string Proofing,
    IReadOnlyList<DeviceAnswer> Devices,
    IReadOnlyList<ChangeAnswer> History)
{
    /// <summary>A new secret of the signer's authenticator app, told once: with its enrolment and never again.</summary>
    public TotpAnswer? Totp { get; init; }

    internal static SignerAnswer Of(SignerView signer) => new(
        signer.Id.Value,
        signer.UserId,
        signer.Issuer,
        signer.Subject,
        Names.ToName(signer.Status),
        signer.Clients.Ids,
        signer.Clients.Any,
        signer.Identity,
        signer.Proofing,
        [.. signer.Devices.Select(d => new DeviceAnswer(d.Id, d.Name))],
        [.. signer.History.Select(ChangeAnswer.Of)]);
}

/// <summary>A secret for an authenticator app. A class: a record would print it.</summary>
internal sealed class TotpAnswer
{
    /// <summary>The <c>otpauth:</c> URI.</summary>
    public required string Uri { get; init; }
}

/// <summary>A device of a signer.</summary>
internal sealed record DeviceAnswer(string Id, string Name);

/// <summary>One change: when, who, what and why.</summary>
internal sealed record ChangeAnswer(DateTimeOffset At, string By, string What, string? Reason)
{
    internal static ChangeAnswer Of(ChangeView change) => new(change.At, change.By, change.What, change.Reason);
}

/// <summary>A page of signers.</summary>
/// <param name="Items">The signers.</param>
/// <param name="Next">What <c>page</c> is for the next ones; absent with the last page.</param>
internal sealed record SignersAnswer(IReadOnlyList<SignerAnswer> Items, string? Next);

/// <summary>A signer's enrolment code, told once. A class: a record would print it.</summary>
internal sealed class SignerCodeAnswer
{
    /// <summary>The code.</summary>
    public required string Code { get; init; }

    /// <summary>Until when it is good.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A credential.</summary>
internal sealed record CredentialAnswer(
    string CredentialID,
    string Signer,
    string Status,
    string Key,
    string PublicKey,
    bool Imported,
    int Level,
    string Authorization,
    int Multisign,
    string? Description,
    IReadOnlyList<byte[]> Certificates,
    bool KeyDestroyed,
    DateTimeOffset? DestroyPendingUntil,
    IReadOnlyList<ChangeAnswer>? History)
{
    internal static CredentialAnswer Of(CredentialView credential, IReadOnlyList<ChangeView>? history = null) => new(
        credential.Id.Value,
        credential.Id.Signer.Value,
        Names.ToName(credential.Status),
        credential.KeyAlgorithm.Name,
        Convert.ToBase64String(credential.PublicKey.Span),
        credential.IsImported,
        credential.Level,
        credential.Authorization.Name,
        credential.Multisign,
        credential.Description,
        credential.Certificates,
        credential.IsDestroyed && credential.KeptUntil is null,
        credential.KeptUntil,
        history is null ? null : [.. history.Select(ChangeAnswer.Of)]);
}

/// <summary>All credentials of a signer: so few that there are no pages.</summary>
internal sealed record CredentialsAnswer(IReadOnlyList<CredentialAnswer> Items);

/// <summary>A challenge that a stop answers.</summary>
internal sealed class ChallengeAnswer
{
    /// <summary>The challenge, opaque.</summary>
    public required string Challenge { get; init; }

    /// <summary>Until when it is good.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What a key is wrapped for, to be imported, and signs.</summary>
internal sealed class ImportAnswer
{
    /// <summary>What the credential will be called.</summary>
    public required string CredentialID { get; init; }

    /// <summary>The challenge, opaque.</summary>
    public required string Challenge { get; init; }

    /// <summary>SubjectPublicKeyInfo of the HSM's exchange key, DER, base64.</summary>
    public required string ExchangeKey { get; init; }

    /// <summary>Until when the key is taken.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
