using Sam.Core.Algorithms;
using Sam.Functions.Tests.Host;
using Sam.IntegrationTests.Hosts;
using Sam.Testing.Csc;
using Xunit;

namespace Sam.Functions.Tests;

/// <summary>
/// The SAM as functions. A second host of the same deployment, on Kestrel, does what functions have no endpoint for: it registers signers, and is the issuer that the worker trusts.
/// </summary>
internal sealed class FunctionsSam : SamUnderTest, IAsyncDisposable
{
    private readonly LocalHostProcess _registrar;

    private FunctionsSam(LocalHostProcess registrar, FunctionsHost host)
    {
        _registrar = registrar;
        Host = host;
    }

    /// <summary>The functions.</summary>
    internal FunctionsHost Host { get; }

    /// <summary>The issuer, for more workers.</summary>
    internal Uri Issuer => IssuerOf(_registrar);

    /// <inheritdoc/>
    public override HttpClient Http => Host.Http;

    /// <summary>Starts both on a deployment.</summary>
    internal static async Task<FunctionsSam> StartAsync(Deployment deployment, params (string Key, string Value)[] changes)
    {
        LocalHostProcess registrar = await deployment.StartAsync();
        try
        {
            return new FunctionsSam(registrar, await FunctionsHost.StartAsync(WorkerSettings(deployment, IssuerOf(registrar), changes)));
        }
        catch
        {
            await registrar.DisposeAsync();
            throw;
        }
    }

    /// <summary>The settings of a worker that trusts this issuer.</summary>
    internal static Dictionary<string, string> WorkerSettings(Deployment deployment, Uri issuer, params (string Key, string Value)[] changes)
    {
        // Development for one thing only: an issuer by http on loopback.
        Dictionary<string, string> settings = new(deployment.Settings(
            [
                ("AZURE_FUNCTIONS_ENVIRONMENT", "Development"),
                ("Sam__Authentication__Mode", "Oidc"),
                ("Sam__Authentication__Audience", "sam"),
                ("Sam__Encryption__Demand", "None"),
                ("Sam__Authentication__Oidc__Authority", issuer.AbsoluteUri),
                .. changes,
            ]), StringComparer.Ordinal);
        foreach (string key in settings.Keys.Where(key => key.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || key.StartsWith("Sam__Development__", StringComparison.Ordinal)).ToArray())
        {
            settings.Remove(key);
        }

        return settings;
    }

    /// <inheritdoc/>
    public override Task<string> GetTokenAsync(string client, string? user = null) => _registrar.GetTokenAsync(client, user);

    /// <inheritdoc/>
    public override Task<TestSigner> MakeSignerAsync(params IReadOnlyList<string> clients) => _registrar.MakeSignerAsync(clients);

    /// <inheritdoc/>
    public override Task SetPinAsync(TestSigner signer) => _registrar.SetPinAsync(signer);

    /// <inheritdoc/>
    public override Task<TestCredential> MakeCredentialAsync(
        TestSigner signer, KeyAlgorithm algorithm, int? multisign = null, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null, int? level = null) =>
        _registrar.MakeCredentialAsync(signer, algorithm, multisign, notBefore, notAfter, level);

    /// <inheritdoc/>
    public override async Task<TestPhone> MakePhoneAsync(TestSigner signer) => (await _registrar.MakePhoneAsync(signer)).At(Http);

    /// <inheritdoc/>
    public override Task<IReadOnlyDictionary<string, long>> CountRefusalsAsync() => Host.Worker.CountRefusalsAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _registrar.DisposeAsync();
    }

    private static Uri IssuerOf(LocalHostProcess registrar) => new(registrar.Http.BaseAddress!, "dev");
}
