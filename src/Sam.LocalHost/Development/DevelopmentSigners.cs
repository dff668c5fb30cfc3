using Sam.Api.Authentication;
using Sam.Core;
using Sam.Core.Certificates;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.LocalHost.Development;

/// <summary>The life of a signer in short, for whoever asks a development host: officer, signer and identity provider in one.</summary>
internal static class DevelopmentSigners
{
    private const string Reason = "asked for at a development endpoint";

    /// <summary>Who did it: nobody who could be held to it.</summary>
    internal static Actor Nobody => Actor.Sam;

    /// <summary>Registers a signer whose login is that of the development issuer, or finds them, and sets their PIN as they would: with a code and this login.</summary>
    internal static async Task<Result<SignerId>> EnrolAsync(ActivationModule module, string name, SecretText pin, LinkedClients clients, CancellationToken cancellationToken)
    {
        if (!LoginName.TryCreate(DevelopmentTrust.IssuerName, name, out LoginName? login))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "name");
        }

        if (SubjectName.Create(name[..Math.Min(name.Length, 64)].Trim()).IsRefused(out _, out SubjectName? identity))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "name");
        }

        Result<SignerId> signer = await module.Signers.RegisterAsync(new SignerRegistration(name, login, identity, "development", clients), Nobody, cancellationToken);
        if (signer.Refusal is { } refusal)
        {
            signer = refusal.Code is SamErrorCode.UserIdTaken or SamErrorCode.RowConflict ? await module.Signers.FindAsync(name, cancellationToken)
                : refusal.Parameter == "userID" ? new Refusal(SamErrorCode.ParameterInvalid, "name")
                : refusal;
        }

        return signer.IsRefused(out Refusal? unknown, out SignerId found)
            || (await module.Enrolment.IssueCodeAsync(found, Nobody, cancellationToken)).IsRefused(out unknown, out (SecretText Code, DateTimeOffset ExpiresAt) issued)
            ? unknown
            : await module.Enrolment.EnrolAsync(login, issued.Code, pin, cancellationToken);
    }

    /// <summary>Gives a credential its certificate, whoever issued it, and confirms it without its signer.</summary>
    internal static async Task<Result<CredentialId>> CertifyAsync(ActivationModule module, CredentialId credential, IReadOnlyList<byte[]> chain, CancellationToken cancellationToken)
    {
        Result<CredentialId> certified = await module.Credentials.CertifyForDevelopmentAsync(credential, chain, cancellationToken);

        // In the words of these endpoints, which have one for both.
        return certified.Refusal?.Code is SamErrorCode.CertificateUnreadable or SamErrorCode.CertificateOfAnotherKey ? new Refusal(SamErrorCode.ParameterInvalid, "certificates") : certified;
    }

    internal static async Task<Result<CredentialId>> SetSuspendedAsync(ActivationModule module, CredentialId credential, bool suspended, CancellationToken cancellationToken)
    {
        Result<CredentialId> changed = suspended
            ? await module.Credentials.SuspendAsync(credential, Nobody, Reason, expected: null, cancellationToken)
            : await module.Credentials.ResumeAsync(credential, Nobody, Reason, expected: null, cancellationToken);
        return changed.Refusal?.Code == SamErrorCode.CredentialStateWrong ? credential : changed;
    }
}
