using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sam.Api.Composition;
using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Results;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Pipeline;

/// <summary>The pipeline without a server: contexts made by hand, a stub for the tokens, and the SAM in memory behind it. It counts what is touched.</summary>
internal sealed class PipelineBed : IAsyncDisposable
{
    private readonly ServiceProvider _metrics = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _refusals = new();
    private readonly RecordingLogger _log = new();
    private readonly OverloadGate _gate;
    private int _opened;

    private PipelineBed(SamTestBed sam, SamApiOptions options, IReadOnlyList<SamRoute> hostRoutes)
    {
        Sam = sam;
        Tokens = new StubAuthenticator(sam.Caller);
        _gate = new OverloadGate(options.Gate);
        IMeterFactory meters = _metrics.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) => _refusals.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))} +{count}"));
        _listener.Start();
        Pipeline = new SamPipeline([.. RouteTable.All, .. hostRoutes], Tokens, _gate, new ModuleProvider(OpenAsync, sam.Clock), options, new RefusalMeter(meters), _log);
    }

    /// <summary>What is behind the pipeline.</summary>
    internal SamTestBed Sam { get; }

    internal StubAuthenticator Tokens { get; }

    internal SamPipeline Pipeline { get; }

    /// <summary>Requests have members that nobody reads.</summary>
    internal bool SendsStrangers { get; set; }

    /// <summary>How often the module was opened.</summary>
    internal int Opened => Volatile.Read(ref _opened);

    /// <summary>What was counted, in the order of the counting.</summary>
    internal IReadOnlyList<string> Refusals => [.. _refusals];

    /// <summary>Forgets what was counted so far.</summary>
    internal void ForgetRefusals() => _refusals.Clear();

    /// <summary>What was logged: the event's id and the exception.</summary>
    internal IReadOnlyList<(int Id, Exception? Exception)> Logged => [.. _log.Lines];

    internal static async Task<PipelineBed> OpenAsync(Action<SamApiOptions>? configure = null, params IReadOnlyList<SamRoute> hostRoutes)
    {
        SamApiOptions options = new();
        configure?.Invoke(options);
        return new PipelineBed(await SamTestBed.OpenAsync(), options, hostRoutes);
    }

    /// <summary>A pipeline in front of a SAM that a test has prepared; the bed owns it.</summary>
    internal static PipelineBed Before(SamTestBed sam) => new(sam, new SamApiOptions(), []);

    /// <summary>A request with a body that counts how often it is read.</summary>
    internal static DefaultHttpContext Request(string method, string path, CountedBody body)
    {
        DefaultHttpContext context = new()
        {
            Request = { Method = method, Scheme = "https", Host = new HostString("sam.example"), Path = path, Body = body, ContentType = "application/json", ContentLength = body.Length },
            Response = { Body = new MemoryStream() },
        };
        return context;
    }

    /// <summary>Sends a body to a route by the route's name.</summary>
    internal Task<Answer> SendAsync(string route, string body = "{}") => SendAsync(route, new CountedBody(Encoding.UTF8.GetBytes(body)));

    internal async Task<Answer> SendAsync(string route, CountedBody body, Action<HttpContext>? change = null)
    {
        SamRoute found = Pipeline.Routes.Single(r => r.Name == route);
        DefaultHttpContext context = Request(found.Methods[0], found.Path, body);
        change?.Invoke(context);
        await Pipeline.RunAsync(context, found);
        RecordedTraffic.Check(context, body, SendsStrangers);
        return Answer.Of(context);
    }

    /// <summary>Sends a request that no route takes.</summary>
    internal async Task<Answer> SendUnroutedAsync(string method, string path)
    {
        CountedBody body = new([]);
        DefaultHttpContext context = Request(method, path, body);
        await Pipeline.RunUnroutedAsync(context);
        RecordedTraffic.Check(context, body);
        return Answer.Of(context);
    }

    /// <summary>One refusal was counted since the bed was opened, and for this cause.</summary>
    internal void Counted(SamErrorCode cause) => Assert.Equal([$"sam.refusals cause={cause} +1"], Refusals);

    /// <summary>How much was asked of tables, audit, HSM and password hash so far.</summary>
    internal (int Rows, int Audit, int Signatures, int PinChecks) Touched() =>
        (Sam.Rows.Calls.Count, Sam.Audit.Calls.Count, Sam.Hsm.SignCalls, Sam.PasswordHash.Evaluations);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _metrics.DisposeAsync();
        await Sam.DisposeAsync();
    }

    private Task<ActivationModule> OpenAsync(CancellationToken cancellationToken)
    {
        _ = Interlocked.Increment(ref _opened);
        return Task.FromResult(Sam.Sam);
    }

    private sealed class RecordingLogger : ILogger<SamPipeline>
    {
        internal ConcurrentQueue<(int Id, Exception? Exception)> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue((eventId.Id, exception));
    }
}
