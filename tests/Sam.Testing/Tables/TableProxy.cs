using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sam.Testing.Tables;

/// <summary>
/// Stands between a SAM and the table service: records every request, in the order of arrival, and does to some what networks do.
/// Shared-key signatures pass, since they cover the path and not the host.
/// </summary>
public sealed class TableProxy : IAsyncDisposable
{
    private const long MaxBody = 16 * 1024 * 1024;

    private readonly WebApplication _server;
    private readonly Uri _upstream;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _service = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,

        // Azurite closes connections that were idle for 5 s.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
    });

    private readonly Lock _lock = new();
    private readonly List<TableRequest> _requests = [];
    private readonly List<Rule> _rules = [];

    private TableProxy(Uri upstream)
    {
        _upstream = upstream;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _server = builder.Build();
        _server.Run(HandleAsync);
    }

    /// <summary>The account's endpoint, by way of this proxy.</summary>
    public Uri Endpoint { get; private set; } = new("http://127.0.0.1");

    /// <summary>What came since the start, or since <see cref="Forget"/>.</summary>
    public IReadOnlyList<TableRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Starts one before a service.</summary>
    public static async Task<TableProxy> StartAsync(Uri upstream)
    {
        TableProxy proxy = new(upstream);
        await proxy._server.StartAsync();
        proxy.Endpoint = new Uri(new Uri(proxy._server.Urls.Single()), upstream.AbsolutePath);
        return proxy;
    }

    /// <summary>What becomes of requests like these. Of several rules the first that matches counts.</summary>
    /// <param name="which">The requests.</param>
    /// <param name="fault">What becomes of them.</param>
    /// <param name="times">How many; later ones pass.</param>
    public void On(Func<TableRequest, bool> which, TableFault fault, int times = int.MaxValue)
    {
        lock (_lock)
        {
            _rules.Add(new Rule(which, fault, times));
        }
    }

    /// <summary>Lets everything pass again.</summary>
    public void Mend()
    {
        lock (_lock)
        {
            _rules.Clear();
        }
    }

    /// <summary>Begins to record anew.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _requests.Clear();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _server.DisposeAsync();
        _service.Dispose();
        _stopping.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, _stopping.Token);
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        TableRequest request = TableRequest.Parse(context.Request.Method, target, context.Request.Headers.IfMatch, context.Request.Headers["Prefer"], body.ToArray());
        TableExchange exchange = new(context, request, body.ToArray(), _service, _upstream, _stopping.Token);
        try
        {
            await Record(request)(exchange);
        }
        catch (Exception failure) when (failure is OperationCanceledException or HttpRequestException)
        {
            // The end of the test, or the service is away: a client sees both as a broken connection.
            exchange.Reset();
        }
    }

    private TableFault Record(TableRequest request)
    {
        lock (_lock)
        {
            _requests.Add(request);
            Rule? rule = _rules.Find(r => r.Times > 0 && r.Which(request));
            if (rule is null)
            {
                return TableFaults.None;
            }

            rule.Times--;
            return rule.Fault;
        }
    }

    private sealed class Rule(Func<TableRequest, bool> which, TableFault fault, int times)
    {
        internal Func<TableRequest, bool> Which => which;

        internal TableFault Fault => fault;

        internal int Times { get; set; } = times;
    }
}
