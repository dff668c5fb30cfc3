using Sam.Api.Pipeline;
using Sam.Core.Algorithms;
using Sam.Core.Results;

namespace Sam.Api.Csc;

/// <summary>
/// The parameters <c>signAlgo</c>, <c>signAlgoParams</c> and <c>hashAlgorithmOID</c> of signHash: one algorithm of the closed table, or a refusal.
/// The API lets a service ignore a hash algorithm beside a <c>signAlgo</c> that implies one; a contradiction is refused here, because only one of the two can be what was meant.
/// </summary>
internal static class SignAlgo
{
    // An ASN.1 NULL: what an AlgorithmIdentifier of PKCS#1 v1.5 carries, and some clients copy.
    private static readonly byte[] _derNull = [0x05, 0x00];

    internal static Result<SignatureAlgorithm> Read(JsonBody body)
    {
        if (body.RequiredString("signAlgo").IsRefused(out Refusal? refusal, out string? oid)
            || body.OptionalString("signAlgoParams").IsRefused(out refusal, out OptionalText parameters)
            || ReadHash(body).IsRefused(out refusal, out OptionalHash hash))
        {
            return refusal;
        }

        Result<SignatureAlgorithm> found = oid switch
        {
            AlgorithmOids.RsaPss => FromPssParameters(parameters.Value),
            AlgorithmOids.Rsa => FromHash(hash.Algorithm, parameters.Value),
            _ => FromOid(oid, parameters.Value),
        };
        return !found.IsRefused(out _, out SignatureAlgorithm? algorithm) && hash.Algorithm is { } named && named != algorithm.Hash
            ? SamErrorCode.HashAlgorithmInvalid
            : found;
    }

    private static Result<OptionalHash> ReadHash(JsonBody body)
    {
        if (body.OptionalString("hashAlgorithmOID").IsRefused(out Refusal? refusal, out OptionalText oid))
        {
            return refusal;
        }

        HashAlgorithm? algorithm = null;
        return oid.Value is null || HashAlgorithm.TryFromOid(oid.Value, out algorithm) ? new OptionalHash(algorithm) : SamErrorCode.HashAlgorithmInvalid;
    }

    private static Result<SignatureAlgorithm> FromPssParameters(string? parameters)
    {
        if (string.IsNullOrEmpty(parameters))
        {
            return SamErrorCode.SignAlgoParamsMissing;
        }

        return Base64Text.Decode(parameters) is { } der && PssParameters.TryParse(der, out SignatureAlgorithm? algorithm)
            ? algorithm
            : SamErrorCode.SignAlgoParamsInvalid;
    }

    private static Result<SignatureAlgorithm> FromHash(HashAlgorithm? hash, string? parameters) =>
        hash is null
            ? SamErrorCode.HashAlgorithmMissing
            : WithoutParameters(SignatureAlgorithm.All.First(a => a.Scheme == SignatureScheme.RsaPkcs1 && a.Hash == hash), parameters);

    private static Result<SignatureAlgorithm> FromOid(string oid, string? parameters) =>
        SignatureAlgorithm.All.FirstOrDefault(a => a.Oid == oid) is { } algorithm ? WithoutParameters(algorithm, parameters) : SamErrorCode.SignAlgoInvalid;

    /// <summary>Parameters that would be ignored could be ones that the client relies on.</summary>
    private static Result<SignatureAlgorithm> WithoutParameters(SignatureAlgorithm algorithm, string? parameters) =>
        string.IsNullOrEmpty(parameters) || (algorithm.Scheme == SignatureScheme.RsaPkcs1 && Base64Text.Decode(parameters).AsSpan().SequenceEqual(_derNull))
            ? algorithm
            : SamErrorCode.SignAlgoParamsInvalid;

    private readonly record struct OptionalHash(HashAlgorithm? Algorithm);
}
