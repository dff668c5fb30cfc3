using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Net;
using Azure.Core.Diagnostics;
using Sam.Testing.Csc;
using Xunit;

[assembly: AssemblyFixture(typeof(Sam.IntegrationTests.Run.RunLog))]

namespace Sam.IntegrationTests.Run;

/// <summary>
/// The log of the whole run at Trace: every host's output, and what the Azure SDK tells in this process. When the last test is done it is searched for every secret that the run made.
/// A finding fails the run; so does a host's log in which the planted canary is not found, because then nothing else would be found either.
/// </summary>
public sealed class RunLog : IAsyncLifetime
{
    private const string CanaryKind = "canary";

    private static readonly ConcurrentDictionary<string, bool> _planted = new(StringComparer.Ordinal);

    private readonly Lock _lock = new();
    private AzureEventSourceListener? _azure;
    private StreamWriter? _own;

    /// <summary>The folder: one file per host, and one for this process.</summary>
    public static DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("functionssam-run-");

    private static string Canary { get; } = $"canary-{Guid.NewGuid():n}";

    /// <summary>Makes a host log the canary: a path is logged. From then on its log is expected to hold it.</summary>
    public static async Task PlantCanaryAsync(HttpClient host, string log)
    {
        using HttpResponseMessage notFound = await host.GetAsync(Canary, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, notFound.StatusCode);
        _planted[log] = true;
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
        SecretSearch search = new(SecretLedger.All.Append(KeyValuePair.Create(Canary, CanaryKind)));
        List<string> faults = [];
        foreach (FileInfo file in Folder.EnumerateFiles("*.log"))
        {
            IReadOnlyList<SecretFinding> findings = search.Find(file);
            faults.AddRange(findings.Where(f => f.Kind != CanaryKind).Take(20).Select(f => $"a secret: {f}"));
            if (_planted.ContainsKey(file.Name) && findings.All(f => f.Kind != CanaryKind))
            {
                faults.Add($"no canary: {file.Name}");
            }
        }

        Assert.True(faults.Count == 0, $"{Folder.FullName}\n{string.Join('\n', faults)}");
        Folder.Delete(recursive: true);
    }
}
