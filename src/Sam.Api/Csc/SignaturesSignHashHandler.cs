using Sam.Api.Pipeline;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary><c>signatures/signHash</c> (CSC API 2.0 clause 11.10), synchronous.</summary>
internal static class SignaturesSignHashHandler
{
    internal static async Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (Parse(request).IsRefused(out Refusal? malformed, out SignHashRequest? parsed))
        {
            return SamResponse.Refuse(malformed);
        }

        if (request.Body.OptionalBoolean("receipt").IsRefused(out malformed, out bool wantsReceipt))
        {
            return SamResponse.Refuse(malformed);
        }

        string? receipt = null;
        parsed = wantsReceipt ? parsed with { Recorded = head => receipt = head.ToLine() } : parsed;
        Result<IReadOnlyList<byte[]>> signed = await (await request.GetModuleAsync(cancellationToken)).SignHashAsync(parsed, cancellationToken);
        return signed.IsRefused(out Refusal? refusal, out IReadOnlyList<byte[]>? signatures)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new SignHashAnswer([.. signatures.Select(Convert.ToBase64String)], receipt), CscJson.Web.SignHashAnswer);
    }

    /// <summary>In the order of the API's table of errors: SAD, credential, hashes, algorithm.</summary>
    private static Result<SignHashRequest> Parse(SamRequest request)
    {
        JsonBody body = request.Body;
        if (body.RequiredString("SAD").IsRefused(out Refusal? refusal, out string? sad)
            || body.RequiredString("credentialID").IsRefused(out refusal, out string? id)
            || HashList.Read(body).IsRefused(out refusal, out IReadOnlyList<byte[]>? values)
            || SignAlgo.Read(body).IsRefused(out refusal, out SignatureAlgorithm? algorithm)
            || HashList.ToDigests(values, algorithm.Hash).IsRefused(out refusal, out IReadOnlyList<Digest>? digests)
            || ClientData.Read(body).IsRefused(out refusal, out _))
        {
            return refusal;
        }

        if (body.OptionalString("operationMode").IsRefused(out _, out OptionalText mode) || mode.Value is not (null or "S"))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "operationMode");
        }

        if (IdempotencyKey.Read(request).IsRefused(out refusal, out OptionalMark mark))
        {
            return refusal;
        }

        return CredentialId.TryParse(id, out CredentialId credential)
            ? new SignHashRequest(request.Caller, credential, new SecretText(sad), digests, algorithm, mark.Value)
            : SamErrorCode.CredentialUnknown;
    }
}
