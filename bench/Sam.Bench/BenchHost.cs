using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sam.Api.Composition;
using Sam.Api.Factors;
using Sam.Core;
using Sam.Core.Algorithms;
using Sam.Core.Encryption;
using Sam.Core.Rows;
using Sam.KeyBackends.Pkcs11;
using Sam.LocalHost.Development;
using Sam.Storage.Tables;
using Sam.Testing.InMemory;

namespace Sam.Bench;

/// <summary>
/// The API on Kestrel as the local host has it, in a process of its own, with stores in memory or by Azurite. Beside it: an empty POST, the raw rate of the token, and what the process used so far.
/// </summary>
internal static class BenchHost
{
    internal const string InMemory = "memory";

    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        string store = arguments[0];
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.Configuration["Sam:Encryption:Demand"] = nameof(EncryptionDemand.None);
        builder.Services.AddSamApi(builder.Configuration, builder.Environment, DevelopmentRoutes.All);
        builder.Services.AddDevelopmentServices(builder.Configuration);
        builder.Services.AddSingleton(provider => new ModuleProvider(
            cancellationToken => OpenAsync(store, builder.Configuration, provider.GetRequiredService<IOptions<ActivationModuleOptions>>().Value, cancellationToken),
            TimeProvider.System));

        await using WebApplication app = builder.Build();
        app.MapDevelopmentIssuer();
        app.MapPost("/bench/empty", () => Results.Ok());
        app.MapGet("/bench/usage", () => Usage.OfThisProcess());
        app.MapPost("/bench/raw", async (string key, int threads, double seconds) =>
        {
            _ = KeyAlgorithm.TryFromName(key, out KeyAlgorithm? algorithm);
            return await RawSigning.MeasureAsync(Hsm(builder.Configuration), algorithm!, threads, TimeSpan.FromSeconds(seconds));
        });
        app.MapSam();
        _ = await app.Services.GetRequiredService<ModuleProvider>().GetAsync(CancellationToken.None);
        await app.RunAsync();
        return 0;
    }

    private static async Task<ActivationModule> OpenAsync(string store, IConfiguration configuration, ActivationModuleOptions options, CancellationToken cancellationToken)
    {
        IRowStore rows;
        IRowStore audit;
        if (store == InMemory)
        {
            rows = new RecentRows(new InMemoryRowStore(TimeProvider.System), SamTable.Transactions, kept: 10_000);
            audit = new RecentRows(new InMemoryRowStore(TimeProvider.System), SamTable.Audit, kept: 1_000);
        }
        else
        {
            rows = await TableRowStore.OpenAsync(
                new TableStoreOptions { ConnectionString = store, TablePrefix = "bench" }, TimeProvider.System, cancellationToken);
            audit = await TableRowStore.OpenAsync(
                new TableStoreOptions { ConnectionString = store, TablePrefix = "bench", Tables = TableStoreOptions.AuditTables }, TimeProvider.System, cancellationToken);
        }

        Pkcs11KeyBackend hsm = await Pkcs11KeyBackend.OpenAsync(Hsm(configuration), TimeProvider.System, cancellationToken);
        return await ActivationModule.OpenAsync(rows, audit, hsm, new Argon2idHash(), options, TimeProvider.System, cancellationToken);
    }

    private static Pkcs11Options Hsm(IConfiguration configuration) => configuration.GetRequiredSection("Sam:Pkcs11").Get<Pkcs11Options>()!;
}

/// <summary>What a process used since it started.</summary>
/// <param name="CpuMilliseconds">All its threads, user and system.</param>
/// <param name="AllocatedBytes">Managed allocations.</param>
/// <param name="WorkingSetBytes">Resident memory now.</param>
internal sealed record Usage(double CpuMilliseconds, long AllocatedBytes, long WorkingSetBytes)
{
    // USER_HZ, which Linux fixes at 100 for what it shows in /proc.
    private const double MillisecondsPerTick = 10;

    internal static Usage OfThisProcess()
    {
        using Process self = Process.GetCurrentProcess();
        return new Usage(CpuOf(self.Id), GC.GetTotalAllocatedBytes(), self.WorkingSet64);
    }

    internal static double CpuOf(int process) => Ticks($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat") * MillisecondsPerTick;

    private static long Ticks(string stat)
    {
        // The name in parentheses may hold blanks; utime and stime are fields 14 and 15.
        string text = File.ReadAllText(stat);
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }
}
