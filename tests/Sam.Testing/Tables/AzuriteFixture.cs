using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Xunit;

namespace Sam.Testing.Tables;

/// <summary>
/// One Azurite table service for a whole test run, on a free port of this machine, in memory, with an account of its own.
/// Tests keep apart by table prefix (<see cref="NewPrefix"/>). Use it as an assembly fixture.
/// </summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private const string Account = "samtest";
    private const string Started = "successfully";
    private const int MaxStarts = 5;

    // Azurite ends with the test run also where nobody could dispose it: a killed run closes the pipe to its standard input.
    private const string EndWithStandardInput = "--import=data:text/javascript,process.stdin.on('end',()=>process.exit()).resume()";

    private readonly string _service;
    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
    private Process? _process;
    private Task _drained = Task.CompletedTask;

    /// <summary>A table service.</summary>
    public AzuriteFixture()
        : this("table")
    {
    }

    /// <summary>Another service of Azurite's: <c>blob</c>.</summary>
    internal AzuriteFixture(string service) => _service = service;

    /// <summary>The account's endpoint.</summary>
    public Uri Endpoint { get; private set; } = new("http://127.0.0.1");

    /// <summary>The process, for whoever measures what it uses.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("Azurite has not been started.");

    /// <summary>The connection string.</summary>
    public string ConnectionString => ConnectionStringFor(Endpoint);

    /// <summary>A table prefix that no other test has.</summary>
    public static string NewPrefix() => "t" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    /// <summary>Starts a proxy before this service.</summary>
    public Task<TableProxy> StartProxyAsync() => TableProxy.StartAsync(Endpoint);

    /// <summary>The connection string by way of a proxy.</summary>
    public string ConnectionStringFor(TableProxy proxy) => ConnectionStringFor(proxy.Endpoint);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        string executable = FindExecutable().Replace("azurite-table", $"azurite-{_service}", StringComparison.Ordinal);
        for (int starts = 1; ; starts++)
        {
            int port = FindFreePort();
            Process process = Start(executable, port);
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = await ReadUntilStartedAsync(process.StandardOutput);
            if (output.Contains(Started, StringComparison.Ordinal))
            {
                _process = process;

                // What it says later is of no interest, but a pipe that nobody reads fills up and stops it.
                _drained = Task.WhenAll(errors, process.StandardOutput.ReadToEndAsync());
                Endpoint = new Uri($"http://127.0.0.1:{port}/{Account}");
                return;
            }

            output += await errors;
            process.Dispose();

            // Between finding and taking it, somebody else may have taken the port.
            if (starts == MaxStarts)
            {
                throw new InvalidOperationException($"Azurite ({executable}) did not start: {output}");
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            await _drained;
            _process.Dispose();
        }
    }

    private string ConnectionStringFor(Uri endpoint) => $"AccountName={Account};AccountKey={_key};{(_service == "table" ? "Table" : "Blob")}Endpoint={endpoint};";

    private static string FindExecutable()
    {
        string path = Environment.GetEnvironmentVariable("SAM_AZURITE") is { Length: > 0 } named
            ? named
            : Path.Combine(RepositoryRoot(), ".dev", "azurite", "node_modules", ".bin", "azurite-table");
        return File.Exists(path)
            ? path
            : throw new InvalidOperationException($"These tests need Azurite, and there is none at {path}. Run ./dev test, which installs it, or set SAM_AZURITE to an azurite-table.");
    }

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FunctionsSam.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is in no clone of this repository.");
    }

    private static int FindFreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process Start(string executable, int port)
    {
        bool script = executable.EndsWith(".js", StringComparison.Ordinal);
        ProcessStartInfo start = new(script ? "node" : executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
            Environment = { ["AZURITE_ACCOUNTS"] = $"{Account}:{_key}", ["NODE_OPTIONS"] = EndWithStandardInput },
        };
        string[] arguments =
        [
            "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--silent",
            $"--{_service}Host", "127.0.0.1", $"--{_service}Port", $"{port}",
        ];
        foreach (string argument in script ? [executable, .. arguments] : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{executable} could not be started.");
    }

    /// <summary>Returns when it says so, or is gone.</summary>
    private static async Task<string> ReadUntilStartedAsync(StreamReader said)
    {
        string output = "";
        while (!output.Contains(Started, StringComparison.Ordinal) && await said.ReadLineAsync() is { } line)
        {
            output += line + Environment.NewLine;
        }

        return output;
    }
}
