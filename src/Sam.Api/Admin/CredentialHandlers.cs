using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Credentials;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Api.Admin;

/// <summary>Keys of signers, as registration officers see to them.</summary>
internal static class CredentialHandlers
{
    private const int Created = 201;

    internal static async Task<SamResponse> CreateAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadSigner(request).IsRefused(out Refusal? refusal, out SignerId signer)
            || SignerBodies.ReadCredentialRequest(request.Body).IsRefused(out refusal, out CredentialRequest? wanted))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        Creation creating = new(
            CredentialId.New(signer).Value,
            async (id, token) => (await module.Credentials.CreateAsync(signer, wanted, request.Officer.Actor, token, Parse(id))).Refusal is { } refused ? refused : id,
            async id => (await module.Credentials.ViewAsync(Parse(id), CancellationToken.None)).Refusal is null);
        return (await IdempotencyKey.MakeOnceAsync(request, creating, cancellationToken)).IsRefused(out refusal, out string? made)
            ? SamResponse.Refuse(refusal)
            : await AnswerAsync(module, Parse(made), Created);
    }

    internal static async Task<SamResponse> OfferImportAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadSigner(request).IsRefused(out Refusal? refusal, out SignerId signer)
            || SignerBodies.ReadCredentialRequest(request.Body).IsRefused(out refusal, out CredentialRequest? wanted))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Imports.OfferAsync(signer, wanted, request.Officer.Actor, cancellationToken)).IsRefused(out refusal, out ImportOffer? offer)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                new ImportAnswer
                {
                    CredentialID = offer.Credential.Value,
                    Challenge = offer.Challenge.Reveal(),
                    ExchangeKey = Convert.ToBase64String(offer.ExchangeKey.Span),
                    ExpiresAt = offer.ExpiresAt,
                },
                AdminJson.Web.ImportAnswer,
                Created);
    }

    internal static async Task<SamResponse> ImportAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadSigner(request).IsRefused(out Refusal? refusal, out SignerId signer)
            || SignerBodies.ReadDelivery(request.Body).IsRefused(out refusal, out ImportDelivery? delivery))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Imports.TakeAsync(signer, delivery, request.Officer.Actor, cancellationToken)).IsRefused(out refusal, out CredentialId credential)
            ? SamResponse.Refuse(refusal)
            : await AnswerAsync(module, credential, Created);
    }

    internal static async Task<SamResponse> ListAsync(SamRequest request, CancellationToken cancellationToken)
    {
        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        if (SignerBodies.ReadSigner(request).IsRefused(out Refusal? refusal, out SignerId signer)
            || (await module.Signers.ViewAsync(signer, cancellationToken)).IsRefused(out refusal, out _))
        {
            return SamResponse.Refuse(refusal);
        }

        IReadOnlyList<CredentialView> found = await module.Credentials.ListAsync(signer, cancellationToken);
        return SamResponse.Ok(new CredentialsAnswer([.. found.Select(c => CredentialAnswer.Of(c))]), AdminJson.Web.CredentialsAnswer);
    }

    internal static async Task<SamResponse> FindAsync(SamRequest request, CancellationToken cancellationToken) =>
        SignerBodies.ReadCredential(request).IsRefused(out Refusal? refusal, out CredentialId credential)
            ? SamResponse.Refuse(refusal)
            : await AnswerAsync(await request.GetModuleAsync(cancellationToken), credential);

    internal static async Task<SamResponse> SetCertificateAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadCredential(request).IsRefused(out Refusal? refusal, out CredentialId credential)
            || IfMatch.Read(request).IsRefused(out refusal, out RowETag expected)
            || SignerBodies.ReadCertificates(request.Body).IsRefused(out refusal, out IReadOnlyList<byte[]>? chain))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Credentials.SetCertificateAsync(credential, chain, request.Officer.Actor, expected, cancellationToken)).IsRefused(out refusal, out _)
            ? SamResponse.Refuse(refusal)
            : await AnswerAsync(module, credential);
    }

    internal static Task<SamResponse> SuspendAsync(SamRequest request, CancellationToken cancellationToken) => ActAsync(
        request, async (all, credential, by, reason, etag) => (await all.SuspendAsync(credential, by, reason, etag, cancellationToken)).Refusal, cancellationToken);

    internal static Task<SamResponse> ResumeAsync(SamRequest request, CancellationToken cancellationToken) => ActAsync(
        request, async (all, credential, by, reason, etag) => (await all.ResumeAsync(credential, by, reason, etag, cancellationToken)).Refusal, cancellationToken);

    internal static Task<SamResponse> RevokeAsync(SamRequest request, CancellationToken cancellationToken) => ActAsync(
        request, async (all, credential, by, reason, etag) => (await all.RevokeAsync(credential, by, reason, etag, cancellationToken)).Refusal, cancellationToken);

    internal static Task<SamResponse> DestroyAsync(SamRequest request, CancellationToken cancellationToken) => ActAsync(
        request, async (all, credential, by, reason, etag) => (await all.DestroyAsync(credential, by, reason, etag, cancellationToken)).Refusal, cancellationToken);

    private static CredentialId Parse(string id) => CredentialId.TryParse(id, out CredentialId credential) ? credential : throw new InvalidOperationException($"{id} is no credential's id.");

    private static async Task<SamResponse> ActAsync(
        SamRequest request, Func<CredentialRegistry, CredentialId, Actor, string, RowETag, Task<Refusal?>> act, CancellationToken cancellationToken)
    {
        if (SignerBodies.ReadCredential(request).IsRefused(out Refusal? refusal, out CredentialId credential)
            || IfMatch.Read(request).IsRefused(out refusal, out RowETag expected)
            || request.Body.RequiredString("reason").IsRefused(out refusal, out string? reason))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return await act(module.Credentials, credential, request.Officer.Actor, reason, expected) is { } refused ? SamResponse.Refuse(refused) : await AnswerAsync(module, credential);
    }

    private static async Task<SamResponse> AnswerAsync(ActivationModule module, CredentialId credential, int status = 200) =>
        (await module.Credentials.ViewAsync(credential, CancellationToken.None)).IsRefused(out Refusal? refusal, out CredentialView? view)
        || (await module.Credentials.ListHistoryAsync(credential, CancellationToken.None)).IsRefused(out refusal, out IReadOnlyList<ChangeView>? history)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                CredentialAnswer.Of(view, history),
                AdminJson.Web.CredentialAnswer,
                status,
                IfMatch.ToHeader(view.ETag),
                status == Created ? $"{AdminSurface.Root}/credentials/{credential}" : null);
}
