using Sam.Core.Officers;

namespace Sam.Api.Pipeline;

/// <summary>Who may use a route.</summary>
/// <param name="Kind">What a caller must show.</param>
/// <param name="Right">What their role must allow, where the caller is a privileged user.</param>
public readonly record struct RoutePolicy(CallerKind Kind, OfficerRight? Right = null)
{
    /// <summary>Anybody.</summary>
    public static RoutePolicy Anonymous { get; } = new(CallerKind.Anybody);

    /// <summary>The holder of a verified access token that names a client.</summary>
    public static RoutePolicy Client { get; } = new(CallerKind.Client);

    /// <summary>Somebody with their own login: never a client's token.</summary>
    public static RoutePolicy User { get; } = new(CallerKind.User);

    /// <summary>A privileged user whose role gives a right, and whose own key has signed the request.</summary>
    public static RoutePolicy Officer(OfficerRight right) => new(CallerKind.Officer, right);
}
