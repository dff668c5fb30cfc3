using Sam.Api.Pipeline;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary><c>credentials/authorize</c> (CSC API 2.0 clause 11.6), mode explicit. The hashes are required, because a SAD is bound to them.</summary>
internal static class CredentialsAuthorizeHandler
{
    /// <summary>The id of the one authentication object: the signer's PIN.</summary>
    internal const string PinId = "PIN";

    private const int MaxDescriptionLength = 500;
    private const int MaxPinLength = 256;

    internal static async Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (Parse(request.Body, request.Caller).IsRefused(out Refusal? malformed, out AuthorizeRequest? parsed))
        {
            return SamResponse.Refuse(malformed);
        }

        Result<IssuedSad> issued = await (await request.GetModuleAsync(cancellationToken)).AuthorizeAsync(parsed, cancellationToken);
        return issued.IsRefused(out Refusal? refusal, out IssuedSad? sad)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new AuthorizeAnswer(sad.Sad.Reveal(), (int)sad.ExpiresIn.TotalSeconds), CscJson.Web.AuthorizeAnswer);
    }

    private static Result<AuthorizeRequest> Parse(JsonBody body, Caller caller)
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
            || ReadPin(authData).IsRefused(out refusal, out SecretText? pin))
        {
            return refusal;
        }

        return new AuthorizeRequest(caller, credential, numSignatures, digests, pin);
    }

    /// <summary>Exactly the one object that credentials/info announces: a factor that is there twice, or that nobody asked for, is a mistake to be told.</summary>
    private static Result<SecretText> ReadPin(IReadOnlyList<JsonBody> authData) =>
        authData.Count == 1
        && !authData[0].RequiredString("id").IsRefused(out _, out string? id) && id == PinId
        && !authData[0].RequiredString("value").IsRefused(out _, out string? value) && value.Length is > 0 and <= MaxPinLength
            ? new SecretText(value)
            : SamErrorCode.AuthDataInvalid;
}
