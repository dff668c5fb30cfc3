namespace Sam.Api.Pipeline;

/// <summary>Who may use a route.</summary>
public enum RoutePolicy
{
    /// <summary>Anybody.</summary>
    Anonymous,

    /// <summary>The holder of a verified access token that names a client.</summary>
    Client,
}
