using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Algorithms;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.LocalHost.Development;

/// <summary>
/// The <c>/dev</c> endpoints: signers, keys and certificates for whoever asks, through the domain services that registration uses. They exist in Development only.
/// </summary>
internal static class DevelopmentRoutes
{
    // Enough for a batch of documents; a test that wants another number says so.
    private const int DefaultMultisign = 256;

    private static readonly string[] _post = ["POST"];
    private static readonly string[] _get = ["GET"];

    internal static IReadOnlyList<SamRoute> All { get; } =
    [
        new("dev-signers", _post, "/dev/signers", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: true, MakeSignerAsync),
        new("dev-credentials", _post, "/dev/credentials", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: true, MakeCredentialAsync),
        new("dev-credentials-certificate", _post, "/dev/credentials/certificate", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: true, SetCertificateAsync),
        new("dev-credentials-suspended", _post, "/dev/credentials/suspended", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: true, SetSuspendedAsync),
        new("dev-clients-approved", _post, "/dev/clients/approved", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: true, SetApprovedAsync),
        new("dev-refusals", _get, "/dev/refusals", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, CountRefusalsAsync),
    ];

    private static async Task<SamResponse> MakeSignerAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("name").IsRefused(out Refusal? refusal, out string? name)
            || request.Body.RequiredString("pin").IsRefused(out refusal, out string? pin)
            || ReadClients(request.Body).IsRefused(out refusal, out LinkedClients? clients))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await DevelopmentSigners.EnrolAsync(module, name, new SecretText(pin), clients, cancellationToken)).IsRefused(out refusal, out SignerId signer)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new SignerAnswer(signer.Value, name), DevelopmentJson.Web.SignerAnswer);
    }

    private static async Task<SamResponse> MakeCredentialAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("userID").IsRefused(out Refusal? refusal, out string? userId)
            || request.Body.RequiredString("key").IsRefused(out refusal, out string? key)
            || request.Body.OptionalInteger("multisign").IsRefused(out refusal, out OptionalNumber multisign)
            || request.Body.OptionalString("description").IsRefused(out refusal, out OptionalText description))
        {
            return SamResponse.Refuse(refusal);
        }

        if (!KeyAlgorithm.TryFromName(key, out KeyAlgorithm? algorithm))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "key"));
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Signers.FindAsync(userId, cancellationToken)).IsRefused(out refusal, out SignerId signer)
            || (await module.Credentials.CreateAsync(
                signer, new CredentialRequest(algorithm, multisign.Value ?? DefaultMultisign, description.Value), DevelopmentSigners.Nobody, cancellationToken))
                .IsRefused(out refusal, out (CredentialId Credential, SigningKey Key) made)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                new CredentialAnswer(made.Credential.Value, Convert.ToBase64String(made.Key.SubjectPublicKeyInfo.Span)), DevelopmentJson.Web.CredentialAnswer);
    }

    private static async Task<SamResponse> SetCertificateAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (ReadCredential(request.Body).IsRefused(out Refusal? refusal, out CredentialId credential)
            || request.Body.RequiredStrings("certificates").IsRefused(out refusal, out IReadOnlyList<string>? texts))
        {
            return SamResponse.Refuse(refusal);
        }

        List<byte[]> chain = [];
        foreach (string text in texts)
        {
            byte[] der = new byte[text.Length];
            if (!Convert.TryFromBase64String(text, der, out int length))
            {
                return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "certificates"));
            }

            chain.Add(der[..length]);
        }

        return Done(await DevelopmentSigners.CertifyAsync(await request.GetModuleAsync(cancellationToken), credential, chain, cancellationToken));
    }

    private static async Task<SamResponse> SetSuspendedAsync(SamRequest request, CancellationToken cancellationToken) =>
        ReadCredential(request.Body).IsRefused(out Refusal? refusal, out CredentialId credential)
        || request.Body.RequiredBoolean("suspended").IsRefused(out refusal, out bool suspended)
            ? SamResponse.Refuse(refusal)
            : Done(await DevelopmentSigners.SetSuspendedAsync(await request.GetModuleAsync(cancellationToken), credential, suspended, cancellationToken));

    private static async Task<SamResponse> SetApprovedAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("client").IsRefused(out Refusal? refusal, out string? text)
            || request.Body.RequiredBoolean("approved").IsRefused(out refusal, out bool approved))
        {
            return SamResponse.Refuse(refusal);
        }

        return ClientId.TryParse(text, out ClientId client)
            ? Done(await (await request.GetModuleAsync(cancellationToken)).Clients.SetApprovedAsync(client, approved, cancellationToken))
            : SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "client"));
    }

    private static Task<SamResponse> CountRefusalsAsync(SamRequest request, CancellationToken cancellationToken) => Task.FromResult(SamResponse.Ok(
        request.Http.RequestServices.GetRequiredService<RefusalCounts>().Snapshot(), DevelopmentJson.Web.IReadOnlyDictionaryStringInt64));

    private static SamResponse Done<T>(Result<T> result)
        where T : notnull => result.IsRefused(out Refusal? refusal, out _) ? SamResponse.Refuse(refusal) : new SamResponse.Empty();

    private static Result<CredentialId> ReadCredential(JsonBody body)
    {
        if (body.RequiredString("credentialID").IsRefused(out Refusal? refusal, out string? text))
        {
            return refusal;
        }

        return CredentialId.TryParse(text, out CredentialId credential) ? credential : SamErrorCode.CredentialUnknown;
    }

    /// <summary>Without a list, any approved client may act for the signer: what a test from outside expects that knows no client yet.</summary>
    private static Result<LinkedClients> ReadClients(JsonBody body)
    {
        if (!body.Has("clients"))
        {
            return LinkedClients.AnyApproved;
        }

        if (body.RequiredStrings("clients").IsRefused(out Refusal? refusal, out IReadOnlyList<string>? texts))
        {
            return refusal;
        }

        List<ClientId> clients = [];
        foreach (string text in texts)
        {
            if (!ClientId.TryParse(text, out ClientId client))
            {
                return new Refusal(SamErrorCode.ParameterInvalid, "clients");
            }

            clients.Add(client);
        }

        return LinkedClients.Of(clients);
    }
}
