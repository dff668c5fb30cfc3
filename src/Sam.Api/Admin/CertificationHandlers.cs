using Sam.Api.Certificates;
using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Certificates;
using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Admin;

/// <summary>A certification request, as it leaves.</summary>
/// <param name="Request">CMS SignedData by the SAM around the PKCS#10, DER.</param>
/// <param name="Matches">Whether the request says what was registered, for the key that was assigned, signed by it.</param>
/// <param name="Registered">Who was registered.</param>
/// <param name="InRequest">Whom the request names.</param>
internal sealed record RequestAnswer(byte[] Request, bool Matches, IReadOnlyList<NamePart> Registered, IReadOnlyList<NamePart> InRequest);

/// <summary>The SAM's own certificate.</summary>
/// <param name="Certificate">DER.</param>
internal sealed record IdentityAnswer(byte[] Certificate);

/// <summary>The way to a certificate: the request under the SAM's own signature (CSR-1, CSR-2), and the certificate by which that is known.</summary>
internal static class CertificationHandlers
{
    internal static async Task<SamResponse> RequestAsync(SamRequest request, CancellationToken cancellationToken)
    {
        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        if (SignerBodies.ReadCredential(request).IsRefused(out Refusal? refusal, out CredentialId credential)
            || (await module.Identity.GetCertificateAsync(cancellationToken)).IsRefused(out refusal, out byte[]? identity)
            || (await module.Credentials.RequestCertificateAsync(credential, request.Officer.Actor, cancellationToken)).IsRefused(out refusal, out MadeRequest? made))
        {
            return SamResponse.Refuse(refusal);
        }

        byte[] cms = await RequestEnvelope.SealAsync(
            made.Request, identity, await module.Identity.GetTimeAsync(cancellationToken), module.Identity.SignDigestAsync, cancellationToken);
        return SamResponse.Ok(
            new RequestAnswer(cms, made.Comparison.IsAsRegistered, made.Comparison.Registered, made.Comparison.InRequest), AdminJson.Web.RequestAnswer);
    }

    internal static async Task<SamResponse> GetIdentityAsync(SamRequest request, CancellationToken cancellationToken) =>
        (await (await request.GetModuleAsync(cancellationToken)).Identity.GetCertificateAsync(cancellationToken)).IsRefused(out Refusal? refusal, out byte[]? certificate)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new IdentityAnswer(certificate), AdminJson.Web.IdentityAnswer);
}
