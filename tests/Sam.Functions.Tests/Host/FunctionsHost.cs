using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sam.Functions.Tests.Host.Rpc;

namespace Sam.Functions.Tests.Host;

/// <summary>
/// A Functions host in miniature: starts the worker, loads its functions by the public protocol, and sends it what comes in by HTTP or by a timer. The worker is the real one.
/// </summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(60);

    private readonly WebApplication _grpc;
    private readonly ConcurrentQueue<string> _failures = new();
    private WorkerSession? _session;
    private WorkerProcess? _worker;
    private HttpFront? _front;
    private HttpClient? _http;

    private FunctionsHost()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(_ => _session!);
        _grpc = builder.Build();
        _grpc.MapGrpcService<FunctionRpcService>();
    }

    /// <summary>A client of what the host forwards.</summary>
    internal HttpClient Http => _http!;

    /// <summary>The worker.</summary>
    internal WorkerProcess Worker => _worker!;

    /// <summary>The worker's functions.</summary>
    internal IReadOnlyList<RpcFunctionMetadata> Functions { get; private set; } = [];

    /// <summary>Invocations that did not succeed, whatever was answered by HTTP, and requests without an answer.</summary>
    internal IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Starts host and worker, and loads all functions.</summary>
    internal static async Task<FunctionsHost> StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        FunctionsHost host = new();
        try
        {
            await host.StartWorkerAsync(settings);
            await host.LoadAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a worker that is expected to end by itself; gives its exit code, and what it wrote.</summary>
    internal static async Task<(int ExitCode, IReadOnlyList<string> Lines)> RunToEndAsync(IReadOnlyDictionary<string, string> settings)
    {
        await using FunctionsHost host = new();
        await host.StartGrpcAsync(settings);
        return (await host.Worker.WaitForEndAsync(), host.Worker.Lines);
    }

    /// <summary>Fires a timer's function.</summary>
    internal async Task<StatusResult> FireAsync(string name)
    {
        RpcFunctionMetadata function = Functions.Single(f => f.Name == name);
        using JsonDocument binding = JsonDocument.Parse(function.RawBindings.Single());
        return await InvokeAsync(
            function, Guid.NewGuid().ToString(), binding.RootElement.GetProperty("name").GetString()!, new TypedData { Json = """{"ScheduleStatus":null,"IsPastDue":false}""" }, []);
    }

    /// <summary>Ends the worker as the platform does; gives its exit code.</summary>
    internal Task<int> TerminateAsync()
    {
        _session!.Tell(new StreamingMessage { WorkerTerminate = new WorkerTerminate { GracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)) } });
        return Worker.WaitForEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_front is not null)
        {
            await _front.DisposeAsync();
        }

        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }

        await _grpc.DisposeAsync();
    }

    private async Task StartGrpcAsync(IReadOnlyDictionary<string, string> settings)
    {
        // The service must listen before the worker starts: it calls once.
        _session = new WorkerSession(line => _worker!.Record(line));
        await _grpc.StartAsync();
        _worker = new WorkerProcess(settings, new Uri(_grpc.Urls.Single()));
    }

    private async Task StartWorkerAsync(IReadOnlyDictionary<string, string> settings)
    {
        await StartGrpcAsync(settings);
        Task ended = Worker.WaitForEndAsync();
        if (await Task.WhenAny(_session!.Started, ended).WaitAsync(_startLimit) == ended)
        {
            throw new InvalidOperationException($"The worker ended before it called:\n{string.Join('\n', Worker.Lines)}");
        }
    }

    private async Task LoadAsync()
    {
        StreamingMessage init = await _session!.AskAsync(new StreamingMessage
        {
            WorkerInitRequest = new WorkerInitRequest { HostVersion = "4.0.0", WorkerDirectory = WorkerProcess.Folder, FunctionAppDirectory = WorkerProcess.Folder },
        });
        Check(init.WorkerInitResponse.Result);
        _front = new HttpFront(new Uri(init.WorkerInitResponse.Capabilities["HttpUri"]), _failures.Enqueue);

        StreamingMessage found = await _session.AskAsync(new StreamingMessage
        {
            FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = WorkerProcess.Folder },
        });
        Check(found.FunctionMetadataResponse.Result);
        Functions = [.. found.FunctionMetadataResponse.FunctionMetadataResults];

        string prefix = ReadRoutePrefix();
        foreach (RpcFunctionMetadata function in Functions)
        {
            StreamingMessage loaded = await _session.AskAsync(new StreamingMessage
            {
                FunctionLoadRequest = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function },
            });
            Check(loaded.FunctionLoadResponse.Result);
            if (HttpTrigger.Of(function) is { } trigger)
            {
                _front.Map($"{prefix}/{trigger.Route}", trigger.Methods, (invocation, context) => InvokeAsync(
                    function, invocation, trigger.Parameter, new TypedData { Http = new RpcHttp() }, context.GetRouteData().Values));
            }
        }

        await _front.StartAsync();
        _http = new HttpClient { BaseAddress = _front.Address };
    }

    private async Task<StatusResult> InvokeAsync(RpcFunctionMetadata function, string invocation, string parameter, TypedData data, RouteValueDictionary route)
    {
        InvocationRequest request = new() { InvocationId = invocation, FunctionId = function.FunctionId, TraceContext = new RpcTraceContext() };
        request.InputData.Add(new ParameterBinding { Name = parameter, Data = data });
        foreach ((string name, object? value) in route)
        {
            request.TriggerMetadata[name] = new TypedData { String = $"{value}" };
        }

        StatusResult result = (await _session!.AskAsync(new StreamingMessage { InvocationRequest = request })).InvocationResponse.Result;
        if (result.Status != StatusResult.Types.Status.Success)
        {
            _failures.Enqueue($"{function.Name}: {result.Exception?.Message}");
        }

        return result;
    }

    private static string ReadRoutePrefix()
    {
        using JsonDocument host = JsonDocument.Parse(File.ReadAllText(Path.Combine(WorkerProcess.Folder, "host.json")));
        string prefix = host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString()!;
        return prefix.Length == 0 ? "" : $"/{prefix}";
    }

    private static void Check(StatusResult result)
    {
        if (result.Status != StatusResult.Types.Status.Success)
        {
            throw new InvalidOperationException($"The worker refuses: {result.Exception?.Message}");
        }
    }
}
