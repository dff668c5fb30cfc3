using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Admin;

/// <summary>A signer and their credentials, as they are to themselves.</summary>
internal sealed record OwnAnswer(SignerAnswer Signer, IReadOnlyList<CredentialAnswer> Credentials);

/// <summary>What signers do with credentials of their own: their login is in the token, their factors in the body.</summary>
internal static class OwnHandlers
{
    internal static async Task<SamResponse> ConfirmAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadCredential(request).IsRefused(out Refusal? refusal, out CredentialId credential)
            || request.Body.RequiredString("pin").IsRefused(out refusal, out string? pin))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Own.ConfirmAsync(request.Login, credential, new SecretText(pin), cancellationToken)).IsRefused(out refusal, out _)
            || (await module.Credentials.ViewAsync(credential, CancellationToken.None)).IsRefused(out refusal, out CredentialView? view)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(CredentialAnswer.Of(view), AdminJson.Web.CredentialAnswer, etag: IfMatch.ToHeader(view.ETag));
    }

    internal static async Task<SamResponse> ChallengeAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadCredential(request).IsRefused(out Refusal? refusal, out CredentialId credential)
            || SignerBodies.ReadAct(request.Body).IsRefused(out refusal, out CredentialAct act)
            || (await (await request.GetModuleAsync(cancellationToken)).Own.ChallengeAsync(request.Login, credential, act, cancellationToken))
                .IsRefused(out refusal, out (SecretText Challenge, DateTimeOffset ExpiresAt) made))
        {
            return SamResponse.Refuse(refusal);
        }

        return SamResponse.Ok(new ChallengeAnswer { Challenge = made.Challenge.Reveal(), ExpiresAt = made.ExpiresAt }, AdminJson.Web.ChallengeAnswer, status: 201);
    }

    internal static async Task<SamResponse> StopAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadCredential(request).IsRefused(out Refusal? refusal, out CredentialId credential)
            || SignerBodies.ReadAct(request.Body).IsRefused(out refusal, out CredentialAct act)
            || request.Body.RequiredString("challenge").IsRefused(out refusal, out string? challenge)
            || request.Body.RequiredString("pin").IsRefused(out refusal, out string? pin)
            || request.Body.RequiredString("reason").IsRefused(out refusal, out string? reason))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Own.StopAsync(request.Login, credential, act, new SecretText(challenge), new SecretText(pin), reason, cancellationToken)).IsRefused(out refusal, out CredentialView? view)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(CredentialAnswer.Of(view), AdminJson.Web.CredentialAnswer, etag: IfMatch.ToHeader(view.ETag));
    }
}
