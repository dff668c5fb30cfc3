using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sam.Api.Authentication;
using Sam.Api.Composition;
using Sam.Functions;

try
{
    using IHost app = Build(args);
    await app.RunAsync();
    return 0;
}
catch (Exception cannotStart) when (StartFailure.Is(cannotStart))
{
    await Console.Error.WriteLineAsync(StartFailure.Describe(cannotStart));
    return 1;
}

static IHost Build(string[] args)
{
    const int PlatformBodyLimit = 1_048_576;

    FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();

    // At Debug it quotes what it cannot read: pieces of tokens, and of bodies that stand where a request was to begin.
    builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Information);

    // Kestrel's own limit is 30 MB. Not the pipeline's limit, though: beyond Kestrel's the connection is cut while the platform still sends, and its client
    // gets 500 in place of the pipeline's 413. So it is what the platform lets through (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT).
    builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<SamApiOptions>>((kestrel, api) =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Math.Max(PlatformBodyLimit, api.Value.MaxBodyBytes);
    });

    builder.Services.AddSamApi(builder.Configuration, builder.Environment);
    builder.Services.AddApplicationInsights(builder.Configuration);
    builder.Services.AddOptions<SamAuthenticationOptions>()
        .Validate(options => options.Mode != AuthenticationMode.Development, "Sam:Authentication:Mode is Development: this host has no development issuer.");

    // Checked now, opened with the first request that needs it: the platform gives a worker 30 seconds to start, and an HSM that is away must not take them.
    builder.Services.AddHostModule(FunctionsModule.Check(builder.Configuration));
    if (FunctionsModule.ReadWitness(builder.Configuration) is { } witness)
    {
        builder.Services.AddSingleton(witness);
    }

    return builder.Build();
}
