using Sam.Api.Pipeline;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary><c>credentials/extendTransaction</c> (CSC API 2.0 clause 11.9): the next SAD of a transaction.</summary>
internal static class CredentialsExtendTransactionHandler
{
    internal static async Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (Parse(request).IsRefused(out Refusal? malformed, out ExtendRequest? parsed))
        {
            return SamResponse.Refuse(malformed);
        }

        Result<IssuedSad> issued = await (await request.GetModuleAsync(cancellationToken)).ExtendAsync(parsed, cancellationToken);
        return issued.IsRefused(out Refusal? refusal, out IssuedSad? sad)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new AuthorizeAnswer(sad.Sad.Reveal(), (int)sad.ExpiresIn.TotalSeconds, sad.Digests?.Select(d => Convert.ToBase64String(d.Value)).ToArray()), CscJson.Web.AuthorizeAnswer);
    }

    private static Result<ExtendRequest> Parse(SamRequest request)
    {
        JsonBody body = request.Body;
        if (body.RequiredString("SAD").IsRefused(out Refusal? refusal, out string? sad)
            || body.RequiredString("credentialID").IsRefused(out refusal, out string? id)
            || ReadDigests(body).IsRefused(out refusal, out OptionalDigests digests)
            || ClientData.Read(body).IsRefused(out refusal, out _)
            || IdempotencyKey.Read(request).IsRefused(out refusal, out OptionalMark mark))
        {
            return refusal;
        }

        return CredentialId.TryParse(id, out CredentialId credential)
            ? new ExtendRequest(request.Caller, credential, new SecretText(sad), digests.Value, mark.Value)
            : SamErrorCode.CredentialUnknown;
    }

    private static Result<OptionalDigests> ReadDigests(JsonBody body)
    {
        if (!body.Has("hashes"))
        {
            return new OptionalDigests(null);
        }

        if (HashList.Read(body).IsRefused(out Refusal? refusal, out IReadOnlyList<byte[]>? values)
            || body.OptionalString("hashAlgorithmOID").IsRefused(out refusal, out OptionalText oid))
        {
            return refusal;
        }

        if (oid.Value is null)
        {
            return SamErrorCode.HashAlgorithmMissing;
        }

        return !HashAlgorithm.TryFromOid(oid.Value, out HashAlgorithm? algorithm) ? SamErrorCode.HashAlgorithmInvalid
            : HashList.ToDigests(values, algorithm).IsRefused(out refusal, out IReadOnlyList<Digest>? digests) ? refusal
            : new OptionalDigests(digests);
    }

    /// <summary>The digests, or null.</summary>
    private readonly record struct OptionalDigests(IReadOnlyList<Digest>? Value);
}
