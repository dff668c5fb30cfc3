using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Sam.Api.Admin;
using Sam.Api.Authentication;
using Sam.Api.Composition;
using Sam.Api.Csc;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Officers;
using Sam.Core.Randomness;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Api.Pipeline;

/// <summary>
/// What happens to every request, on every host: authenticate, check the route's policy, read the body, gate, handle, render. It needs an <see cref="HttpContext"/>
/// and no middleware, because a function has the one and no place for the other.
/// </summary>
public sealed class SamPipeline
{
    // Far more than the largest body needs on a slow line.
    private static readonly TimeSpan _bodyTime = TimeSpan.FromSeconds(10);

    private readonly ITokenAuthenticator _authenticator;
    private readonly OverloadGate _gate;
    private readonly ModuleProvider _modules;
    private readonly SamApiOptions _options;
    private readonly RefusalMeter _meter;
    private readonly ILogger<SamPipeline> _logger;
    private readonly Dictionary<string, SamRoute> _byName;

    internal SamPipeline(
        IReadOnlyList<SamRoute> routes,
        ITokenAuthenticator authenticator,
        OverloadGate gate,
        ModuleProvider modules,
        SamApiOptions options,
        RefusalMeter meter,
        ILogger<SamPipeline> logger)
    {
        Routes = routes;
        _byName = routes.ToDictionary(route => route.Name, StringComparer.Ordinal);
        _authenticator = authenticator;
        _gate = gate;
        _modules = modules;
        _options = options;
        _meter = meter;
        _logger = logger;
    }

    /// <summary>The routes of this host: the table, and what the host adds.</summary>
    public IReadOnlyList<SamRoute> Routes { get; }

    /// <summary>Answers a request of the route of this name: for a host whose own routing knows names only.</summary>
    public Task RunAsync(HttpContext context, string routeName) => RunAsync(context, _byName[routeName]);

    /// <summary>Answers a request of a route in the table.</summary>
    public async Task RunAsync(HttpContext context, SamRoute route)
    {
        SamResponse response;
        try
        {
            response = await AnswerAsync(context, route);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone, and nothing had been spent: what is spent is not cancelled.
            return;
        }
#pragma warning disable CA1031 // The last barrier before the wire: whatever is unforeseen becomes server_error, and its details stay in the log.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            Refusal refusal = Classify(broken);
            Log.RequestBroken(_logger, broken, route.Name, refusal.Code);
            response = SamResponse.Refuse(refusal);
        }

        await WriteAsync(context, response);
    }

    /// <summary>Answers a request that no route in the table takes: 404, 405, or 501 for a method of the API that is not offered.</summary>
    public Task RunUnroutedAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? string.Empty;
        string[] otherMethods = [.. Routes.Where(route => PathTemplate.IsMatch(route.Path, context.Request.Path)).SelectMany(route => route.Methods)];
        if (otherMethods.Length > 0)
        {
            context.Response.Headers.Allow = string.Join(", ", otherMethods);
        }

        SamErrorCode code = otherMethods.Length > 0 ? SamErrorCode.HttpMethodNotAllowed
            : CscMethods.IsNotOffered(path) ? SamErrorCode.MethodNotImplemented
            : SamErrorCode.RouteUnknown;
        return WriteAsync(context, SamResponse.Refuse(code));
    }

    private static Refusal Classify(Exception broken) => broken switch
    {
        RowStoreException => SamErrorCode.StorageUnavailable,
        KeyBackendException => SamErrorCode.HsmUnavailable,
        AuditUnavailableException => SamErrorCode.AuditUnavailable,
        RandomnessException => SamErrorCode.RandomnessFailed,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => SamErrorCode.BodyTooLarge,
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => SamErrorCode.BodyTooSlow,
        BadHttpRequestException => SamErrorCode.BodyMalformed,
        _ => SamErrorCode.Unexpected,
    };

    private async Task<SamResponse> AnswerAsync(HttpContext context, SamRoute route)
    {
        if (AdminSurface.Has(context.Request.Path) && !SecureChannelOnly.IsSecure(context))
        {
            return SamResponse.Refuse(SamErrorCode.ChannelInsecure);
        }

        Caller? caller = null;
        if (route.Policy.Kind != CallerKind.Anybody && (await _authenticator.AuthenticateAsync(context)).IsRefused(out Refusal? unauthenticated, out caller))
        {
            return SamResponse.Refuse(unauthenticated);
        }

        if (route.Policy.Kind is CallerKind.User or CallerKind.Officer && caller?.Login is null)
        {
            // A client's own token is nobody's login.
            return SamResponse.Refuse(SamErrorCode.RouteForbidden);
        }

        if (!route.ReadsBody)
        {
            return await HandleAsync(context, route, caller, null);
        }

        // The body first: places at the gate are few, and whoever trickles a body must not hold one.
        Result<JsonBody> read = await ReadBodyAsync(context);
        if (read.Refusal is { } unread)
        {
            return SamResponse.Refuse(unread);
        }

        using JsonBody body = read.Value;
        return await HandleAsync(context, route, caller, body);
    }

    private async Task<SamResponse> HandleAsync(HttpContext context, SamRoute route, Caller? caller, JsonBody? body)
    {
        using IDisposable? place = _gate.TryEnter(route.Gate, caller, IsUrgent(context, route));
        if (place is null)
        {
            return SamResponse.Refuse(SamErrorCode.Overloaded);
        }

        SamRequest request = new(context, route, _modules, _options, caller, body);
        if (route.Policy.Right is { } right)
        {
            if ((await ProveAsync(request, right, context.RequestAborted)).IsRefused(out Refusal? unproven, out ProvenOfficer? officer))
            {
                return SamResponse.Refuse(unproven);
            }

            request = request with { Proven = officer };
        }

        return await route.Handler(request, context.RequestAborted);
    }

    /// <summary>A privileged user's login, their key's signature over this request, and a role that allows it: in this order, so that nobody without a key learns of roles.</summary>
    private static async Task<Result<ProvenOfficer>> ProveAsync(SamRequest request, OfficerRight right, CancellationToken cancellationToken)
    {
        OfficerRegistry officers = (await request.GetModuleAsync(cancellationToken)).Officers;
        return (await officers.AuthenticateAsync(request.Caller.Login!, request.ToOfficerRequest(), cancellationToken)).IsRefused(out Refusal? unproven, out ProvenOfficer? officer) ? unproven
            : officer.Role.Allows(right) ? officer
            : await officers.RefuseAsync(officer, request.ToOfficerRequest());
    }

    /// <summary>What gets in where others are kept waiting. Whether a proof is good shows behind the gate: that there is one keeps out who has none.</summary>
    private static bool IsUrgent(HttpContext context, SamRoute route) =>
        route.IsUrgent || (route.Policy.Kind == CallerKind.Officer && context.Request.Headers.ContainsKey(OfficerRequests.ProofHeader));

    private async Task<Result<JsonBody>> ReadBodyAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            return SamErrorCode.MediaTypeUnsupported;
        }

        if (context.Request.ContentLength > _options.MaxBodyBytes)
        {
            return SamErrorCode.BodyTooLarge;
        }

        // A chunked body has no length to refuse early: the host stops reading at the limit.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = _options.MaxBodyBytes;
        }

        using CancellationTokenSource inTime = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        inTime.CancelAfter(_bodyTime);
        ArrayBufferWriter<byte> body = new();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(16_384);
        try
        {
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, inTime.Token)) > 0)
            {
                if (body.WrittenCount + read > _options.MaxBodyBytes)
                {
                    return SamErrorCode.BodyTooLarge;
                }

                body.Write(buffer.AsSpan(0, read));
            }
        }
        catch (OperationCanceledException) when (inTime.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            return SamErrorCode.BodyTooSlow;
        }
        catch (IOException unreadable) when (unreadable is not BadHttpRequestException)
        {
            // Kestrel's word for a chunk whose size is beyond its numbers, and for a connection that broke: the client's doing, and no error of ours.
            return SamErrorCode.BodyMalformed;
        }
        finally
        {
            // A PIN may have passed through.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }

        return JsonBody.Parse(body.WrittenMemory);
    }

    private Task WriteAsync(HttpContext context, SamResponse response)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        switch (response)
        {
            case SamResponse.Refused refused:
                _meter.Count(refused.Refusal.Code);
                return AdminSurface.Has(context.Request.Path)
                    ? ProblemRenderer.WriteAsync(context.Response, refused.Refusal)
                    : CscErrorRenderer.WriteAsync(context.Response, refused.Refusal);
            case SamResponse.Body body:
                context.Response.StatusCode = body.Status;
                context.Response.ContentType = body.MediaType;
                context.Response.ContentLength = body.Content.Length;
                if (body.ETag is { } etag)
                {
                    context.Response.Headers.ETag = etag;
                }

                if (body.Location is { } location)
                {
                    context.Response.Headers.Location = location;
                }

                if (body.ContentSecurityPolicy is { } policy)
                {
                    context.Response.Headers.ContentSecurityPolicy = policy;
                }

                return context.Response.Body.WriteAsync(body.Content, CancellationToken.None).AsTask();
            default:
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
        }
    }
}
