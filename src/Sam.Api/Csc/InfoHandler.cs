using Sam.Api.Composition;
using Sam.Api.Pipeline;
using Sam.Core.Algorithms;

namespace Sam.Api.Csc;

/// <summary><c>info</c> (CSC API 2.0 clause 11.1). It answers without HSM and storage, too: then it names no keys for factors.</summary>
internal static class InfoHandler
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    internal static async Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken)
    {
        InfoOptions options = request.Options.Info;
        ServiceInfo info = new(
            Specs: "2.0.0.2",
            options.Name,
            options.Logo ?? $"{request.BaseAddress}{LogoHandler.Path}",
            options.Region,
            ServiceLanguage.Tag,
            options.Description,

            // oauth2code: a user's own token of the same issuer is taken, too.
            AuthType: ["oauth2client", "oauth2code"],
            options.OAuth2Issuer ?? $"{request.BaseAddress}/dev",
            CscMethods.Offered,
            AsynchronousOperationMode: false,
            ValidationInfo: false,
            SupportedHashTypes: ["dtbsr"],
            Algorithms,
            new SignatureFormats(
                Formats: ["C", "X", "P", "J"],
                EnvelopeProperties: [["Detached", "Attached", "Parallel"], ["Enveloped", "Enveloping", "Detached"], ["Certification", "Revision"], ["Detached", "Attached", "Parallel"]]),
            ConformanceLevels: ["AdES-B-B"])
        {
            // A module that is still to be opened is not waited for: a serverless host's first answer is often this one.
            FactorKeys = request.Modules.Opened is { } module ? await module.FactorKeys.PublishAsync(_patience) : null,
        };
        return SamResponse.Ok(info, CscJson.Web.ServiceInfo);
    }

    /// <summary>Index by index. RSASSA-PSS stands there once, with the parameters for SHA-256: clients keep these lists in dictionaries.</summary>
    private static SignAlgorithms Algorithms { get; } = Describe();

    private static SignAlgorithms Describe()
    {
        List<SignatureAlgorithm> algorithms = [.. SignatureAlgorithm.All.DistinctBy(a => a.Oid)];
        return new SignAlgorithms(
            [.. algorithms.Select(a => a.Oid), AlgorithmOids.Rsa],
            [.. algorithms.Select(a => a.Scheme == SignatureScheme.RsaPss ? Convert.ToBase64String(PssParameters.Encode(a)) : string.Empty), string.Empty]);
    }
}
