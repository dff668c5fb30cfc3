using Azure.Core.Diagnostics;
using Sam.Api.Composition;
using Sam.Api.Pipeline;
using Sam.Core.Encryption;
using Sam.LocalHost;
using Sam.LocalHost.Development;

try
{
    await using WebApplication app = Build(args);
    using AzureEventSourceListener azureSdk = AzureSdkLog.Start(app.Services.GetRequiredService<ILoggerFactory>());

    // Before the first request: a wrong PIN, module, token label or address stops the start here, and is tried once.
    _ = await app.Services.GetRequiredService<ModuleProvider>().GetAsync(CancellationToken.None);
    await app.RunAsync();
    return 0;
}
catch (Exception cannotStart) when (StartFailure.Is(cannotStart))
{
    await Console.Error.WriteLineAsync(StartFailure.Describe(cannotStart));
    return 1;
}

static WebApplication Build(string[] args)
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);

    // At Debug it quotes what it cannot read: pieces of tokens, and of bodies that stand where a request was to begin.
    builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Information);
    if (builder.Configuration[WebHostDefaults.ServerUrlsKey] is null)
    {
        // Loopback unless told otherwise: a SAM that listens to the world does so because somebody wrote it down.
        builder.WebHost.UseUrls("http://127.0.0.1:7180");
    }

    bool isDevelopment = builder.Environment.IsDevelopment();
    IReadOnlyList<SamRoute> hostRoutes = isDevelopment ? DevelopmentRoutes.All : [];
    if (isDevelopment)
    {
        // For curl, and for applications that are being written: nobody's PIN is worth anything here.
        builder.Configuration["Sam:Encryption:Demand"] ??= nameof(EncryptionDemand.None);
    }

    builder.Services.AddSamApi(builder.Configuration, builder.Environment, hostRoutes);
    builder.Services.AddLocalModule();
    if (isDevelopment)
    {
        // A page whose name was re-pointed to this machine must not find the development endpoints.
        builder.Configuration["AllowedHosts"] ??= "localhost;127.0.0.1;[::1]";
        builder.Services.AddDevelopmentServices(builder.Configuration);
    }

    WebApplication app = builder.Build();
    if (isDevelopment)
    {
        app.UseLoopbackOnly();
        app.MapDevelopmentIssuer();
    }

    app.MapSam();
    return app;
}
