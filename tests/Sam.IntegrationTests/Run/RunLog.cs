using System.Diagnostics.Tracing;
using System.Net;
using Azure.Core.Diagnostics;
using Sam.Testing.Csc;
using Xunit;

[assembly: AssemblyFixture(typeof(Sam.IntegrationTests.Run.RunLog))]

namespace Sam.IntegrationTests.Run;

/// <summary>
/// The log of the whole run at Trace: every host's output, and what the Azure SDK tells in this process. When the last test is done it is searched for every secret that the run made.
/// A finding fails the run; so does a log in which the planted canary is not found, because then nothing else would be found either.
/// </summary>
public sealed class RunLog : IAsyncLifetime
{
    private static volatile bool _isPlanted;

    private readonly Lock _lock = new();
    private AzureEventSourceListener? _azure;
    private StreamWriter? _own;

    /// <summary>The folder: one file per host, and one for this process.</summary>
    public static DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("functionssam-run-");

    private static string Canary { get; } = $"canary-{Guid.NewGuid():n}";

    /// <summary>Makes a host log the canary: a path is logged.</summary>
    public static async Task PlantCanaryAsync(HttpClient host)
    {
        using HttpResponseMessage notFound = await host.GetAsync(Canary, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, notFound.StatusCode);
        _isPlanted = true;
    }

    public ValueTask InitializeAsync()
    {
        _own = new StreamWriter(Path.Combine(Folder.FullName, "tests.log"));
        _azure = new AzureEventSourceListener(
            (_, text) =>
            {
                lock (_lock)
                {
                    _own.WriteLine(text);
                }
            },
            EventLevel.Verbose);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _azure!.Dispose();
        await _own!.DisposeAsync();
        IReadOnlyDictionary<string, string> secrets = SecretLedger.All;
        SecretSearch search = new(secrets.Append(KeyValuePair.Create(Canary, "canary")));
        List<SecretFinding> findings = [];
        foreach (FileInfo file in Folder.EnumerateFiles("*.log"))
        {
            findings.AddRange(search.Find(file));
        }

        // Of a run in which no host listened there is nothing to tell.
        Assert.True(!_isPlanted || findings.Exists(f => f.Kind == "canary"), $"The canary is not in the log: {Folder.FullName}");
        string leaks = string.Join('\n', findings.Where(f => f.Kind != "canary").Take(20));
        Assert.True(leaks.Length == 0, $"{Folder.FullName} holds secrets:\n{leaks}");
        Folder.Delete(recursive: true);
    }
}
