namespace Sam.Api.Pipeline;

/// <summary>One route of the API. Both hosts read the same table of them.</summary>
/// <param name="Name">The function's name, with the version as CSC names it: <c>v2-signatures-signHash</c>.</param>
/// <param name="Methods">The HTTP methods, upper-case.</param>
/// <param name="Path">The path, absolute; a segment in braces is a parameter.</param>
/// <param name="Policy">Who may use it.</param>
/// <param name="Gate">What bounds it.</param>
/// <param name="ReadsBody">True when the body is a JSON object that the handler reads; otherwise a body is ignored.</param>
/// <param name="Handler">What answers it.</param>
public sealed record SamRoute(string Name, IReadOnlyList<string> Methods, string Path, RoutePolicy Policy, RouteGate Gate, bool ReadsBody, RouteHandler Handler)
{
    /// <summary>Whether it may take places that are kept from others: for stops.</summary>
    public bool IsUrgent { get; init; }
}

/// <summary>Answers a request that was authenticated, gated and read.</summary>
public delegate Task<SamResponse> RouteHandler(SamRequest request, CancellationToken cancellationToken);
