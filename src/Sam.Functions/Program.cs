using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
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
    FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();

    // At Debug it quotes what it cannot read: pieces of tokens, and of bodies that stand where a request was to begin.
    builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Information);

    // Kestrel's own limit is 30 MB, and the pipeline lowers it only where a route reads a body.
    builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<SamApiOptions>>((kestrel, api) =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = api.Value.MaxBodyBytes;
    });

    builder.Services.AddSamApi(builder.Configuration, builder.Environment);

    // Checked now, opened with the first request that needs it: the platform gives a worker 30 seconds to start, and an HSM that is away must not take them.
    builder.Services.AddHostModule(FunctionsModule.Check(builder.Configuration));
    return builder.Build();
}
