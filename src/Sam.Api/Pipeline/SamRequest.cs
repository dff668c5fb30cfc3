using Microsoft.AspNetCore.Http;
using Sam.Api.Composition;
using Sam.Core;
using Sam.Core.Officers;
using Sam.Core.Values;

namespace Sam.Api.Pipeline;

/// <summary>What a handler gets.</summary>
/// <param name="Http">The request itself; handlers need it for its address only.</param>
/// <param name="Route">The route that took it.</param>
/// <param name="Modules">The activation module, opened on first use.</param>
/// <param name="Options">The API's options.</param>
/// <param name="Token">The caller of a route that is not anonymous.</param>
/// <param name="Parameters">The body of a route that reads one.</param>
public sealed record SamRequest(HttpContext Http, SamRoute Route, ModuleProvider Modules, SamApiOptions Options, Caller? Token, JsonBody? Parameters)
{
    /// <summary>The verified caller.</summary>
    /// <exception cref="InvalidOperationException">The route is anonymous.</exception>
    public Caller Caller => Token ?? throw new InvalidOperationException("An anonymous route has no caller.");

    /// <summary>The privileged user, where the route asks for one; set by the pipeline.</summary>
    internal ProvenOfficer? Proven { get; init; }

    /// <summary>The privileged user who signed this request.</summary>
    /// <exception cref="InvalidOperationException">The route asks for none.</exception>
    public ProvenOfficer Officer => Proven ?? throw new InvalidOperationException("This route asks for no privileged user.");

    /// <summary>Whose own login the token is.</summary>
    /// <exception cref="InvalidOperationException">The route takes clients' tokens.</exception>
    public LoginName Login => Caller.Login ?? throw new InvalidOperationException("This route is for users' own tokens.");

    /// <summary>This request as a privileged user's proof covers it.</summary>
    public OfficerRequest ToOfficerRequest() => OfficerRequests.Read(Http, Parameters?.Utf8 ?? default);

    /// <summary>A parameter of the path.</summary>
    public string Path(string parameter) => PathTemplate.Read(Route.Path, Http.Request.Path, parameter);

    /// <summary>Where clients reach this service, without a slash at the end: as configured, or else as this request was addressed.</summary>
    public string BaseAddress => Options.PublicAddress?.OriginalString.TrimEnd('/') ?? $"{Http.Request.Scheme}://{Http.Request.Host}";

    /// <summary>The body.</summary>
    /// <exception cref="InvalidOperationException">The route reads none.</exception>
    public JsonBody Body => Parameters ?? throw new InvalidOperationException("This route reads no body.");

    /// <summary>The module.</summary>
    public Task<ActivationModule> GetModuleAsync(CancellationToken cancellationToken) => Modules.GetAsync(cancellationToken);
}
