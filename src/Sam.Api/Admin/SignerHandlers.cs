using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Api.Admin;

/// <summary>Signers, as registration officers see to them.</summary>
internal static class SignerHandlers
{
    private const int Created = 201;

    internal static async Task<SamResponse> RegisterAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadRegistration(request.Body).IsRefused(out Refusal? refusal, out SignerRegistration? registration))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        Creation registering = new(
            SignerId.New().Value,
            async (id, token) => (await module.Signers.RegisterAsync(registration, request.Officer.Actor, token, Parse(id))).IsRefused(out Refusal? refused, out SignerId made) ? refused : made.Value,
            id => module.Signers.IsRegisteredAsync(Parse(id), CancellationToken.None));
        return (await IdempotencyKey.MakeOnceAsync(request, registering, cancellationToken)).IsRefused(out refusal, out string? signer)
            ? SamResponse.Refuse(refusal)
            : await AnswerAsync(module, Parse(signer), Created);
    }

    internal static async Task<SamResponse> ListAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (Paging.Read(request).IsRefused(out Refusal? refusal, out Paging? paging))
        {
            return SamResponse.Refuse(refusal);
        }

        if (paging.After is not null && !SignerId.TryParse(paging.After, out _))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "page"));
        }

        (IReadOnlyList<SignerView> found, string? next) = await (await request.GetModuleAsync(cancellationToken)).Signers.ListAsync(paging.After, paging.Limit, cancellationToken);
        return SamResponse.Ok(new SignersAnswer([.. found.Select(SignerAnswer.Of)], next), AdminJson.Web.SignersAnswer);
    }

    internal static async Task<SamResponse> FindAsync(SamRequest request, CancellationToken cancellationToken) =>
        SignerBodies.ReadSigner(request).IsRefused(out Refusal? refusal, out SignerId signer)
            ? SamResponse.Refuse(refusal)
            : await AnswerAsync(await request.GetModuleAsync(cancellationToken), signer);

    internal static async Task<SamResponse> SetClientsAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadSigner(request).IsRefused(out Refusal? refusal, out SignerId signer)
            || IfMatch.Read(request).IsRefused(out refusal, out RowETag expected)
            || SignerBodies.ReadClients(request.Body).IsRefused(out refusal, out LinkedClients? clients))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Signers.SetClientsAsync(signer, clients, request.Officer.Actor, expected, cancellationToken)).IsRefused(out refusal, out _)
            ? SamResponse.Refuse(refusal)
            : await AnswerAsync(module, signer);
    }

    internal static async Task<SamResponse> IssueCodeAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadSigner(request).IsRefused(out Refusal? refusal, out SignerId signer))
        {
            return SamResponse.Refuse(refusal);
        }

        Enrolment enrolment = (await request.GetModuleAsync(cancellationToken)).Enrolment;
        SignerCodeAnswer? answer = null;
        Creation issuing = new(
            signer.Value,
            async (id, token) =>
            {
                if ((await enrolment.IssueCodeAsync(signer, request.Officer.Actor, token)).IsRefused(out Refusal? refused, out (SecretText Code, DateTimeOffset ExpiresAt) issued))
                {
                    return refused;
                }

                answer = new SignerCodeAnswer { Code = issued.Code.Reveal(), ExpiresAt = issued.ExpiresAt };
                return id;
            },
            _ => Task.FromResult(false))
        {
            IsToldOnce = true,
        };
        return (await IdempotencyKey.MakeOnceAsync(request, issuing, cancellationToken)).IsRefused(out refusal, out _)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(answer!, AdminJson.Web.SignerCodeAnswer, Created);
    }

    internal static Task<SamResponse> SuspendAsync(SamRequest request, CancellationToken cancellationToken) =>
        ActAsync(request, (signers, signer, by, reason, etag) => signers.SuspendAsync(signer, by, reason, etag, cancellationToken), cancellationToken);

    internal static Task<SamResponse> ResumeAsync(SamRequest request, CancellationToken cancellationToken) =>
        ActAsync(request, (signers, signer, by, reason, etag) => signers.ResumeAsync(signer, by, reason, etag, cancellationToken), cancellationToken);

    internal static Task<SamResponse> CloseAsync(SamRequest request, CancellationToken cancellationToken) =>
        ActAsync(request, (signers, signer, by, reason, etag) => signers.CloseAsync(signer, by, reason, etag, cancellationToken), cancellationToken);

    internal static Task<SamResponse> UnlockAsync(SamRequest request, CancellationToken cancellationToken) =>
        ActAsync(request, (signers, signer, by, reason, etag) => signers.UnlockAsync(signer, by, reason, etag, cancellationToken), cancellationToken);

    internal static async Task<SamResponse> RemoveDeviceAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadSigner(request).IsRefused(out Refusal? refusal, out SignerId signer)
            || IfMatch.Read(request).IsRefused(out refusal, out RowETag expected)
            || request.Body.RequiredString("device").IsRefused(out refusal, out string? text)
            || request.Body.RequiredString("reason").IsRefused(out refusal, out string? reason))
        {
            return SamResponse.Refuse(refusal);
        }

        if (!DeviceId.TryParse(text, out DeviceId device))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "device"));
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Signers.RemoveDeviceAsync(signer, device, request.Officer.Actor, reason, expected, cancellationToken)).IsRefused(out refusal, out _)
            ? SamResponse.Refuse(refusal)
            : await AnswerAsync(module, signer);
    }

    /// <summary>A signer sets their own factors: the code came from an officer, the login is in the token.</summary>
    internal static async Task<SamResponse> EnrolAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("code").IsRefused(out Refusal? refusal, out string? code)
            || SignerBodies.ReadFactors(request.Body).IsRefused(out refusal, out NewFactors? factors))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Enrolment.EnrolAsync(request.Login, new SecretText(code), factors, cancellationToken)).IsRefused(out refusal, out Enrolled? enrolled)
            || (await module.Signers.ViewAsync(enrolled.Signer, CancellationToken.None)).IsRefused(out refusal, out SignerView? view)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                SignerAnswer.Of(view) with { Totp = enrolled.TotpUri is null ? null : new TotpAnswer { Uri = enrolled.TotpUri.Reveal() } },
                AdminJson.Web.SignerAnswer,
                etag: IfMatch.ToHeader(view.ETag));
    }

    /// <summary>A signer and all their credentials, as they are to themselves.</summary>
    internal static async Task<SamResponse> FindOwnAsync(SamRequest request, CancellationToken cancellationToken)
    {
        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        if ((await module.Signers.FindAsync(request.Login, cancellationToken)).IsRefused(out Refusal? refusal, out SignerId signer)
            || (await module.Signers.ViewAsync(signer, cancellationToken)).IsRefused(out refusal, out SignerView? view))
        {
            return SamResponse.Refuse(refusal.Code is SamErrorCode.UserIdUnknown or SamErrorCode.SignerUnknown ? SamErrorCode.NotTheSigner : refusal);
        }

        // The row has the last word.
        return view.Issuer == request.Login.Issuer && view.Subject == request.Login.Subject
            ? SamResponse.Ok(
                new OwnAnswer(SignerAnswer.Of(view), [.. (await module.Credentials.ListAsync(signer, cancellationToken)).Select(c => CredentialAnswer.Of(c))]), AdminJson.Web.OwnAnswer)
            : SamResponse.Refuse(SamErrorCode.NotTheSigner);
    }

    private static SignerId Parse(string id) => SignerId.TryParse(id, out SignerId signer) ? signer : throw new InvalidOperationException($"{id} is no signer's id.");

    private static async Task<SamResponse> ActAsync(
        SamRequest request, Func<SignerRegistry, SignerId, Actor, string, RowETag, Task<Result<SignerId>>> act, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadSigner(request).IsRefused(out Refusal? refusal, out SignerId signer)
            || IfMatch.Read(request).IsRefused(out refusal, out RowETag expected)
            || request.Body.RequiredString("reason").IsRefused(out refusal, out string? reason))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await act(module.Signers, signer, request.Officer.Actor, reason, expected)).IsRefused(out refusal, out _)
            ? SamResponse.Refuse(refusal)
            : await AnswerAsync(module, signer);
    }

    private static async Task<SamResponse> AnswerAsync(ActivationModule module, SignerId signer, int status = 200) =>
        (await module.Signers.ViewAsync(signer, CancellationToken.None)).IsRefused(out Refusal? refusal, out SignerView? view)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                SignerAnswer.Of(view), AdminJson.Web.SignerAnswer, status, IfMatch.ToHeader(view.ETag), status == Created ? $"{AdminSurface.Root}/signers/{signer}" : null);
}
