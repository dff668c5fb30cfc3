using Microsoft.AspNetCore.Http;
using Sam.Api.Composition;
using Sam.Core;
using Sam.Core.Values;

namespace Sam.Api.Pipeline;

/// <summary>What a handler gets.</summary>
/// <param name="Http">The request itself; handlers need it for its address only.</param>
/// <param name="Modules">The activation module, opened on first use.</param>
/// <param name="Options">The API's options.</param>
/// <param name="Token">The caller of a route with the policy Client.</param>
/// <param name="Parameters">The body of a route that reads one.</param>
public sealed record SamRequest(HttpContext Http, ModuleProvider Modules, SamApiOptions Options, Caller? Token, JsonBody? Parameters)
{
    /// <summary>The verified caller.</summary>
    /// <exception cref="InvalidOperationException">The route is anonymous.</exception>
    public Caller Caller => Token ?? throw new InvalidOperationException("An anonymous route has no caller.");

    /// <summary>Where clients reach this service, without a slash at the end: as configured, or else as this request was addressed.</summary>
    public string BaseAddress => Options.PublicAddress?.OriginalString.TrimEnd('/') ?? $"{Http.Request.Scheme}://{Http.Request.Host}";

    /// <summary>The body.</summary>
    /// <exception cref="InvalidOperationException">The route reads none.</exception>
    public JsonBody Body => Parameters ?? throw new InvalidOperationException("This route reads no body.");

    /// <summary>The module.</summary>
    public Task<ActivationModule> GetModuleAsync(CancellationToken cancellationToken) => Modules.GetAsync(cancellationToken);
}
