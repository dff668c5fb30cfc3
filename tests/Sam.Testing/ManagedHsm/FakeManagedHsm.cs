using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Sam.Testing.ManagedHsm;

/// <summary>
/// Azure Managed HSM, or Key Vault Premium, as its REST API 7.6 is documented: TLS under the real name, the bearer challenge, real keys, and faults on demand.
/// It is a reading of the documentation and not of the service: what it cannot tell is in the README of Sam.KeyBackends.ManagedHsm.
/// </summary>
public sealed class FakeManagedHsm : IAsyncDisposable
{
    /// <summary>The name of the Managed HSM.</summary>
    public const string ManagedHsmHost = "sam-test.managedhsm.azure.net";

    /// <summary>The name of another Managed HSM.</summary>
    public const string SecondManagedHsmHost = "sam-test-2.managedhsm.azure.net";

    /// <summary>The name of the Key Vault Premium.</summary>
    public const string KeyVaultHost = "sam-test.vault.azure.net";

    private const string Tenant = "00000000-0000-0000-0000-00000000beef";
    private const int LongestBody = 16 * 1024;

    private readonly X509Certificate2 _certificate;
    private readonly WebApplication _server;
    private readonly FakeKeyStore _store;
    private readonly FakeCredential _credential;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly List<HsmRequest> _requests = [];
    private readonly List<Rule> _rules = [];
    private readonly List<(Func<IReadOnlyList<HsmRequest>, bool> Holds, TaskCompletionSource Told)> _waiting = [];
    private int _port;

    private FakeManagedHsm(string host, FakeCredential credential, FakeCredential importCredential)
    {
        Host = host;
        Resource = $"https://{host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..]}";
        Challenge = $"Bearer authorization=\"https://login.microsoftonline.com/{Tenant}\", resource=\"{Resource}\"";
        _credential = credential;
        ImportCredential = importCredential;
        _store = new FakeKeyStore(host, isManagedHsm: Resource == "https://managedhsm.azure.net");
        _certificate = CreateCertificate(host);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LongestBody;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate));
        });
        _server = builder.Build();
        _server.Run(HandleAsync);
    }

    /// <summary>Its name.</summary>
    public string Host { get; }

    /// <summary>Its address, which only a transport that <see cref="Redirect"/> has prepared can reach.</summary>
    public Uri Endpoint => new($"https://{Host}");

    /// <summary>The identity that takes keys in, and reads them; nobody else takes keys in (infra/roles/managed-hsm.tsv).</summary>
    public FakeCredential ImportCredential { get; }

    /// <summary>What tokens must be for.</summary>
    public string Resource { get; }

    /// <summary>The header of its 401.</summary>
    public string Challenge { get; set; }

    /// <summary>What it makes in place of what was asked for.</summary>
    public Action<JsonObject>? ChangeCreation
    {
        get => _store.ChangeCreation;
        set => _store.ChangeCreation = value;
    }

    /// <summary>The names of all keys that are there.</summary>
    public IReadOnlyCollection<string> KeyNames => _store.Names;

    /// <summary>What came since the start, or since <see cref="Forget"/>.</summary>
    public IReadOnlyList<HsmRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="host">Its name.</param>
    /// <param name="credential">The SAM's identity.</param>
    /// <param name="importCredential">The identity for import; by default one of its own.</param>
    public static async Task<FakeManagedHsm> StartAsync(string host, FakeCredential credential, FakeCredential? importCredential = null)
    {
        FakeManagedHsm hsm = new(host, credential, importCredential ?? new FakeCredential());
        await hsm._server.StartAsync();
        hsm._port = new Uri(hsm._server.Urls.Single()).Port;
        return hsm;
    }

    /// <summary>Leads a client's connections here and has it trust this server's certificate, and no other, under the real name.</summary>
    public void Redirect(SocketsHttpHandler handler)
    {
        handler.UseProxy = false;
        handler.ConnectCallback = async (_, cancellationToken) =>
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, _port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509CertificateLoader.LoadCertificate(_certificate.RawData) },
            RevocationMode = X509RevocationMode.NoCheck,
        };
    }

    /// <summary>What becomes of requests like these, once they are authorized. Of several rules the first that matches counts.</summary>
    public void On(Func<HsmRequest, bool> which, HsmFault fault, int times = int.MaxValue)
    {
        lock (_lock)
        {
            _rules.Add(new Rule(which, fault, times));
        }
    }

    /// <summary>Serves everything again.</summary>
    public void Mend()
    {
        lock (_lock)
        {
            _rules.Clear();
        }
    }

    /// <summary>Waits until this many requests like these have come.</summary>
    public Task ArrivalAsync(Func<HsmRequest, bool> which, int count, CancellationToken cancellationToken)
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add((requests => requests.Count(which) >= count, told));
            TellWaiting();
        }

        // A request that does not come is a failure and not an endless run.
        return told.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }

    /// <summary>Begins to record anew.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _requests.Clear();
        }
    }

    /// <summary>Enables or disables a key, as an operator does.</summary>
    public void SetEnabled(string keyName, bool enabled) => _store.SetEnabled(keyName, enabled);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _server.DisposeAsync();
        _certificate.Dispose();
        _stopping.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, _stopping.Token);
        string path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        bool isForImport = IsTokenOf(ImportCredential, context);
        HsmRequest request = new(
            context.Request.Method, path, context.Request.Query["api-version"], isForImport || IsTokenOf(_credential, context), body.ToArray(), context.Request.Query["$skiptoken"])
        {
            IsByImporter = isForImport,
        };
        HsmReply? reply = null;
        HsmExchange exchange = new(context, request, () => reply ??= _store.CarryOut(request) ?? HsmReply.Error(404, "NotFound"), _stopping.Token);
        HsmFault fault = Record(request);
        try
        {
            await (FindRefusal(context, request) is { } refusal ? exchange.AnswerAsync(refusal) : fault(exchange));
        }
        catch (OperationCanceledException)
        {
            // The end of the test; a client sees a broken connection.
            exchange.Reset();
        }
    }

    // "Authentication, requests and responses": a request without a token is asked for one, and one for another version of the API is no request.
    private HsmReply? FindRefusal(HttpContext context, HsmRequest request)
    {
        if (!request.IsAuthorized)
        {
            context.Response.Headers.WWWAuthenticate = Challenge;
            return HsmReply.Error(401, "Unauthorized");
        }

        // Local RBAC: the two identities share the right to read and no other.
        bool isRefused = request.IsByImporter ? request.Method is not ("GET" or "PUT") : request.Method == "PUT";
        return isRefused ? HsmReply.Error(403, "Forbidden", "ForbiddenByRbac")
            : context.Request.Host.Host != Host || request.ApiVersion != "7.6" ? HsmReply.Error(400, "BadParameter")
            : null;
    }

    private bool IsTokenOf(FakeCredential credential, HttpContext context) =>
        context.Request.Headers.Authorization is [string header] && header.StartsWith("Bearer ", StringComparison.Ordinal) && credential.IsValid(header[7..], Resource);

    private HsmFault Record(HsmRequest request)
    {
        lock (_lock)
        {
            _requests.Add(request);
            TellWaiting();
            Rule? rule = request.IsAuthorized ? _rules.Find(r => r.Times > 0 && r.Which(request)) : null;
            if (rule is null)
            {
                return HsmFaults.None;
            }

            rule.Times--;
            return rule.Fault;
        }
    }

    private void TellWaiting()
    {
        foreach ((_, TaskCompletionSource told) in _waiting.Where(w => w.Holds(_requests)))
        {
            _ = told.TrySetResult();
        }
    }

    private static X509Certificate2 CreateCertificate(string host)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private sealed class Rule(Func<HsmRequest, bool> which, HsmFault fault, int times)
    {
        internal Func<HsmRequest, bool> Which => which;

        internal HsmFault Fault => fault;

        internal int Times { get; set; } = times;
    }
}
