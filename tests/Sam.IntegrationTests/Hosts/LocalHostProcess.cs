using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sam.Cli;
using Sam.Cli.Development;
using Sam.Cli.Http;
using Sam.Core.Algorithms;
using Sam.IntegrationTests.Run;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>
/// The real host in a process of its own, on a free port of loopback, logging at Trace into the run's log. It ends with the test that started it.
/// </summary>
public sealed partial class LocalHostProcess : SamUnderTest, IAsyncDisposable
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(60);
    private static int _count;

    private readonly Process _process;
    private readonly Task _output;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _logName;
    private readonly StreamWriter _log;
    private readonly Lock _logLock = new();
    private readonly Lock _officeLock = new();
    private HttpClient? _http;
    private SamClient? _client;
    private Task<DevelopmentOffice>? _office;

    private LocalHostProcess(IReadOnlyDictionary<string, string> settings)
    {
        _logName = $"host-{Interlocked.Increment(ref _count).ToString("d3", CultureInfo.InvariantCulture)}.log";
        _log = new StreamWriter(Path.Combine(RunLog.Folder.FullName, _logName));
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Sam.LocalHost.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = RunLog.Folder.FullName,
        };
        foreach ((string key, string value) in settings)
        {
            start.Environment[key] = value;
        }

        _process = Process.Start(start)!;
        _output = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    /// <inheritdoc/>
    public override HttpClient Http => _http!;

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>What the process wrote so far, for a test of what it says when it does not start.</summary>
    public string Output { get; private set; } = string.Empty;

    /// <summary>Starts a host, and waits until it listens.</summary>
    public static async Task<LocalHostProcess> StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        LocalHostProcess host = new(settings);
        Task<Uri> listening = host._listening.Task;
        Task first = await Task.WhenAny(listening, host._output).WaitAsync(_startLimit);
        Assert.True(first == listening, $"The host ended before it listened:\n{host.Output}");
        host._http = new HttpClient { BaseAddress = await listening };
        await RunLog.PlantCanaryAsync(host._http, host._logName);
        return host;
    }

    /// <summary>Starts a host that is expected to end by itself; gives its exit code, with its output.</summary>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(IReadOnlyDictionary<string, string> settings)
    {
        await using LocalHostProcess host = new(settings);
        await host._process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(_startLimit);
        await host._output;
        return (host._process.ExitCode, host.Output);
    }

    /// <summary>Ends the process as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends the process as its operator would, and gives its exit code: it closes what it has open at the HSM.</summary>
    public async Task<int> StopAsync()
    {
        await Tool.RunAsync("sh", ["-c", $"kill -TERM {Id}"], environment: null, TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(_startLimit);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public override async Task<string> GetTokenAsync(string client, string? user = null)
    {
        List<KeyValuePair<string, string>> form = [new("grant_type", "client_credentials"), new("client_id", client)];
        if (user is not null)
        {
            form.Add(new("sub", user));
        }

        using FormUrlEncodedContent content = new(form);
        using HttpResponseMessage response = await Http.PostAsync("dev/token", content, TestContext.Current.CancellationToken);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return SecretLedger.Note("token", answer.GetProperty("access_token").GetString()!);
    }

    /// <inheritdoc/>
    public override async Task<TestSigner> MakeSignerAsync(params IReadOnlyList<string> clients)
    {
        // With a comma: where names are written in one line, it has to be told from those that part them.
        TestSigner signer = new($"Signer, {Guid.NewGuid():n}", SecretLedger.Note("PIN", RandomNumberGenerator.GetHexString(24, lowercase: true)));
        await (await FindAsync(signer, clients)).EnrolAsync(TestContext.Current.CancellationToken);
        return signer;
    }

    /// <inheritdoc/>
    public override async Task SetPinAsync(TestSigner signer)
    {
        try
        {
            await (await FindAsync(signer, [])).EnrolAsync(TestContext.Current.CancellationToken);
        }
        catch (CommandFailure failure) when (failure.InnerException is (HttpRequestException or OperationCanceledException) and { } cut)
        {
            // For tests whose hosts die.
            ExceptionDispatchInfo.Throw(cut);
        }
    }

    /// <inheritdoc/>
    public override async Task<TestCredential> MakeCredentialAsync(
        TestSigner signer, KeyAlgorithm algorithm, int? multisign = null, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null, int? level = null)
    {
        DevelopmentSigner owner = await FindAsync(signer, []);
        (string id, byte[] certificate) = await owner.AddCredentialAsync(
            algorithm.Name,
            multisign,
            (subject, publicKey) => [TestCa.Issue(publicKey, subject, notBefore, notAfter), TestCa.Certificate],
            TestContext.Current.CancellationToken,
            level);
        return new TestCredential(id, signer, algorithm, certificate);
    }

    /// <inheritdoc/>
    public override async Task<TestPhone> MakePhoneAsync(TestSigner signer)
    {
        DevelopmentDevice device = await (await FindAsync(signer, [])).AddDeviceAsync("phone", TestContext.Current.CancellationToken);
        return new TestPhone(Http, await GetTokenAsync("phone", signer.UserId), device.Key, device.Id, device.Deployment);
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyDictionary<string, long>> CountRefusalsAsync() =>
        await Http.GetFromJsonAsync<Dictionary<string, long>>("dev/refusals", TestContext.Current.CancellationToken) ?? [];

    /// <summary>The deployment's officers, at work; one opening for all who ask at a time. One that failed, as when the host dies, is begun anew.</summary>
    internal Task<DevelopmentOffice> OpenOfficeAsync()
    {
        lock (_officeLock)
        {
            _client ??= new SamClient(Http.BaseAddress!);
            return _office is null or { IsFaulted: true } or { IsCanceled: true }
                ? _office = DevelopmentOffice.OpenAsync(_client, TimeProvider.System, TestContext.Current.CancellationToken)
                : _office;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // An opening that is under way fails with its connections.
        if (_office is { IsCompletedSuccessfully: true })
        {
            (await _office).Dispose();
        }

        _client?.Dispose();
        _http?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        await _output;
        await _log.DisposeAsync();
        _process.Dispose();
    }

    private async Task<DevelopmentSigner> FindAsync(TestSigner signer, IReadOnlyList<string> clients) =>
        await DevelopmentSigner.FindOrRegisterAsync(await OpenOfficeAsync(), signer.UserId, new Secret(signer.Pin), clients, TestContext.Current.CancellationToken);

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Record(line);
            if (Listening().Match(line) is { Success: true } match)
            {
                _listening.TrySetResult(new Uri(match.Groups[1].Value + "/"));
            }
        }
    }

    private void Record(string line)
    {
        lock (_logLock)
        {
            _log.WriteLine(line);
            if (Output.Length < 20_000)
            {
                Output += line + "\n";
            }
        }
    }

    [GeneratedRegex("Now listening on: (http://127.0.0.1:[0-9]+)")]
    private static partial Regex Listening();
}
