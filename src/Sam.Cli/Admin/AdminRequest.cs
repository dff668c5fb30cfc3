namespace Sam.Cli.Admin;

/// <summary>One request. A class: a record would print a body that may hold a PIN.</summary>
/// <param name="user">Who asks.</param>
/// <param name="method">The HTTP method.</param>
/// <param name="path">Path and query below <c>/sam/v1/</c>; what came from outside is escaped in it.</param>
internal sealed class AdminRequest(AdminUser user, HttpMethod method, string path)
{
    internal AdminUser User => user;

    internal HttpMethod Method => method;

    internal string Path => path;

    /// <summary>JSON; null for none.</summary>
    internal byte[]? Body { get; init; }

    /// <summary>The version that is changed; null where there are none.</summary>
    internal string? IfMatch { get; init; }

    /// <summary>By which the service knows this request when it is sent again; null for none.</summary>
    internal string? IdempotencyKey { get; init; }

    /// <summary>Whether the user's key signs it.</summary>
    internal bool IsProved { get; init; }
}
