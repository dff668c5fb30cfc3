using System.Security.Cryptography.X509Certificates;
using Sam.Core;
using Sam.Core.Algorithms;
using Sam.Core.Certificates;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Testing.TestBed;

/// <summary>The steps of a signer's life in short, for tests whose subject is something else: an officer and the signer in one.</summary>
public static class SignerSteps
{
    private const string Name = "Test signer";
    private const string Reason = "a test";

    /// <summary>The name of every signer that these steps register, as certificates have it.</summary>
    public static X500DistinguishedName RegisteredName { get; } = new($"CN={Name}");

    /// <summary>What a test registers.</summary>
    public static SignerRegistration Registration(string userId, LinkedClients clients) =>
        new(userId, SamTestBed.Login(userId), SubjectName.Create(Name).Value, "case 1", clients);

    /// <summary>Registers a signer whose login has the user id as its subject.</summary>
    public static Task<Result<SignerId>> RegisterAsync(this ActivationModule sam, string userId, LinkedClients clients, CancellationToken cancellationToken) =>
        sam.Signers.RegisterAsync(Registration(userId, clients), Actor.Sam, cancellationToken);

    /// <summary>Sets a PIN as the signer does it: with a code of an officer, and their own login.</summary>
    public static async Task<Result<SignerId>> SetPinAsync(this ActivationModule sam, SignerId signer, SecretText pin, CancellationToken cancellationToken)
    {
        if ((await sam.Signers.ViewAsync(signer, cancellationToken)).IsRefused(out Refusal? refusal, out SignerView? view)
            || (await sam.Enrolment.IssueCodeAsync(signer, Actor.Sam, cancellationToken)).IsRefused(out refusal, out (SecretText Code, DateTimeOffset ExpiresAt) issued))
        {
            return refusal;
        }

        _ = LoginName.TryCreate(view.Issuer, view.Subject, out LoginName? login);
        return await sam.Enrolment.EnrolAsync(login!, issued.Code, pin, cancellationToken);
    }

    /// <summary>Makes a credential.</summary>
    public static Task<Result<(CredentialId Credential, SigningKey Key)>> CreateCredentialAsync(
        this ActivationModule sam, SignerId signer, KeyAlgorithm algorithm, int multisign, string? description, CancellationToken cancellationToken) =>
        sam.Credentials.CreateAsync(signer, new CredentialRequest(algorithm, multisign, description), Actor.Sam, cancellationToken);

    /// <summary>Sets a certificate, as an officer does, and confirms the credential in its signer's place, the first time.</summary>
    public static async Task<Result<CredentialId>> SetCertificateAsync(
        this ActivationModule sam, CredentialId credential, IReadOnlyList<byte[]> chain, CancellationToken cancellationToken)
    {
        Result<CredentialId> certified = await sam.Credentials.SetCertificateAsync(credential, chain, Actor.Sam, expected: null, cancellationToken);
        if (certified.Refusal is not null)
        {
            return certified;
        }

        // A renewed certificate needs no confirmation, and a suspended credential gets none.
        Result<CredentialId> confirmed = await sam.Credentials.ConfirmAsync(credential, Actor.Sam, cancellationToken);
        return confirmed.Refusal is { } refusal && refusal.Code != SamErrorCode.CredentialStateWrong ? refusal : credential;
    }

    /// <summary>Suspends or resumes a credential.</summary>
    public static Task<Result<CredentialId>> SetSuspendedAsync(this ActivationModule sam, CredentialId credential, bool suspended, CancellationToken cancellationToken) => suspended
        ? sam.Credentials.SuspendAsync(credential, Actor.Sam, Reason, expected: null, cancellationToken)
        : sam.Credentials.ResumeAsync(credential, Actor.Sam, Reason, expected: null, cancellationToken);
}
