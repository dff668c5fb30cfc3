using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Sam.IntegrationTests.Run;

namespace Sam.Functions.Tests.Host;

/// <summary>The worker in a process of its own, as the platform starts it, with its log in the run's folder.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(60);
    private static int _count;

    private readonly string _home = Directory.CreateTempSubdirectory("functionssam-worker-").FullName;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly StreamWriter _log;
    private readonly Stopwatch _sinceStart;
    private readonly Process _process;
    private readonly Task _output;

    /// <param name="settings">The app settings.</param>
    /// <param name="host">Where the host's gRPC service listens.</param>
    internal WorkerProcess(IReadOnlyDictionary<string, string> settings, Uri host)
    {
        LogName = $"worker-{Interlocked.Increment(ref _count).ToString("d3", CultureInfo.InvariantCulture)}.log";
        _log = new StreamWriter(Path.Combine(RunLog.Folder.FullName, LogName));
        ProcessStartInfo start = new("dotnet",
        [
            Path.Combine(Folder, "Sam.Functions.dll"),
            "--functions-uri", host.AbsoluteUri,
            "--functions-worker-id", Guid.NewGuid().ToString(),
            "--functions-request-id", Guid.NewGuid().ToString(),
            "--functions-grpc-max-message-length", int.MaxValue.ToString(CultureInfo.InvariantCulture),
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        foreach ((string key, string value) in settings)
        {
            start.Environment[key] = value;
        }

        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = Folder;
        start.Environment["HOME"] = _home;
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(WorkerProcess).Assembly.Location;
        start.Environment[StartupHook.FileVariable] = RefusalFile;
        _sinceStart = Stopwatch.StartNew();
        _process = Process.Start(start)!;
        _output = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    /// <summary>What was built: the worker, and beside it what the platform reads.</summary>
    internal static string Folder { get; } =
        typeof(WorkerProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "WorkerFolder").Value!;

    /// <summary>Its log's name in the run's folder.</summary>
    internal string LogName { get; }

    /// <summary>How long ago it was started.</summary>
    internal TimeSpan Age => _sinceStart.Elapsed;

    /// <summary>What it wrote and logged so far.</summary>
    internal IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    private string RefusalFile => Path.Combine(_home, "refusals");

    /// <summary>The refusals that it counted.</summary>
    internal async Task<IReadOnlyDictionary<string, long>> CountRefusalsAsync(CancellationToken cancellationToken) => File.Exists(RefusalFile)
        ? (await File.ReadAllLinesAsync(RefusalFile, cancellationToken)).CountBy(cause => cause).ToDictionary(c => c.Key, c => (long)c.Value)
        : new Dictionary<string, long>();

    /// <summary>Waits for its end; gives its exit code.</summary>
    internal async Task<int> WaitForEndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(_endLimit);
        await _output;
        return _process.ExitCode;
    }

    /// <summary>Takes a line of its log that came another way.</summary>
    internal void Record(string line)
    {
        lock (_lock)
        {
            _log.WriteLine(line);
            if (_lines.Count < 500)
            {
                _lines.Add(line);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        await _output;
        await _log.DisposeAsync();
        _process.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Record(line);
        }
    }
}
