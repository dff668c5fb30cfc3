using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary>
/// <c>credentials/authorize</c> (CSC API 2.0 clause 11.6), mode explicit. The hashes are required, because a SAD is bound to them. What the signer decides on their device is answered with 202 and
/// a handle.
/// </summary>
internal static class CredentialsAuthorizeHandler
{
    private const int Accepted = 202;
    private const int MaxDescriptionLength = 500;

    internal static async Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (Parse(request.Body, request.Caller).IsRefused(out Refusal? malformed, out Parsed? parsed))
        {
            return SamResponse.Refuse(malformed);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        if (parsed.OnDevice)
        {
            return (await module.AskForApprovalAsync(parsed.Request, cancellationToken)).IsRefused(out Refusal? unasked, out SecretText? handle)
                ? SamResponse.Refuse(unasked)
                : SamResponse.Ok(new HandleAnswer(handle.Reveal()), CscJson.Web.HandleAnswer, Accepted);
        }

        return (await module.AuthorizeAsync(parsed.Request, cancellationToken)).IsRefused(out Refusal? refusal, out IssuedSad? sad)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new AuthorizeAnswer(sad.Sad.Reveal(), (int)sad.ExpiresIn.TotalSeconds), CscJson.Web.AuthorizeAnswer);
    }

    private static Result<Parsed> Parse(JsonBody body, Caller caller)
    {
        if (body.RequiredString("credentialID").IsRefused(out Refusal? refusal, out string? id)
            || body.RequiredInteger("numSignatures").IsRefused(out refusal, out int numSignatures)
            || HashList.Read(body).IsRefused(out refusal, out IReadOnlyList<byte[]>? values)
            || body.RequiredString("hashAlgorithmOID").IsRefused(out refusal, out string? oid)
            || body.OptionalObjects("authData").IsRefused(out refusal, out IReadOnlyList<JsonBody>? authData)
            || body.OptionalString("description").IsRefused(out refusal, out OptionalText description)
            || ClientData.Read(body).IsRefused(out refusal, out _))
        {
            return refusal;
        }

        if (!CredentialId.TryParse(id, out CredentialId credential))
        {
            return SamErrorCode.CredentialUnknown;
        }

        if (!HashAlgorithm.TryFromOid(oid, out HashAlgorithm? algorithm))
        {
            return SamErrorCode.HashAlgorithmInvalid;
        }

        if (description.Value?.Length > MaxDescriptionLength)
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "description");
        }

        if (HashList.ToDigests(values, algorithm).IsRefused(out refusal, out IReadOnlyList<Digest>? digests)
            || AuthData.Read(authData).IsRefused(out refusal, out AuthData? factors))
        {
            return refusal;
        }

        return new Parsed(new AuthorizeRequest(caller, credential, numSignatures, digests, factors.Pin, factors.DeviceAnswer, description.Value, factors.OneTimePassword, factors.Encrypted), factors.OnDevice);
    }

    private sealed record Parsed(AuthorizeRequest Request, bool OnDevice);
}
