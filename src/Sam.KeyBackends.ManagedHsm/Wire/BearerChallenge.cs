using System.Net.Http.Headers;

namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>
/// What the service asks for in its 401: <c>WWW-Authenticate: Bearer authorization="https://login.microsoftonline.com/TENANT", resource="https://managedhsm.azure.net"</c>.
/// </summary>
internal static class BearerChallenge
{
    /// <summary>
    /// The scope and the tenant that the challenge names; null unless the resource is exactly the domain that the HSM's own name stands under. Whoever answers in the HSM's
    /// place could otherwise have a token for any other service sent to it.
    /// </summary>
    internal static (string Scope, string? Tenant)? Read(string? header, string hsmHost)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out AuthenticationHeaderValue? challenge)
            || !challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            || ReadParameters(challenge.Parameter ?? string.Empty) is not { } parameters
            || !parameters.TryGetValue("resource", out string? resource)
            || !Uri.TryCreate(resource, UriKind.Absolute, out Uri? uri)
            || !IsDomainOf(uri, hsmHost))
        {
            return null;
        }

        return ($"https://{uri.IdnHost}/.default", parameters.TryGetValue("authorization", out string? authority) ? TenantOf(authority) : null);
    }

    private static bool IsDomainOf(Uri resource, string hsmHost) =>
        resource.Scheme == Uri.UriSchemeHttps
        && resource is { IsDefaultPort: true, PathAndQuery: "/", UserInfo: "", Fragment: "" }
        && hsmHost[(hsmHost.IndexOf('.', StringComparison.Ordinal) + 1)..].Equals(resource.IdnHost, StringComparison.OrdinalIgnoreCase);

    // The credential knows its own authority; of this one only the tenant is taken, and only if it is one.
    private static string? TenantOf(string authority) =>
        Uri.TryCreate(authority, UriKind.Absolute, out Uri? uri) && Guid.TryParseExact(uri.AbsolutePath.Trim('/'), "D", out Guid tenant) ? tenant.ToString("D") : null;

    /// <summary>Null if a name stands twice: two readers could then see two challenges.</summary>
    private static Dictionary<string, string>? ReadParameters(string text)
    {
        Dictionary<string, string> parameters = new(StringComparer.OrdinalIgnoreCase);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!NameValueHeaderValue.TryParse(part, out NameValueHeaderValue? pair) || !parameters.TryAdd(pair.Name, (pair.Value ?? string.Empty).Trim('"')))
            {
                return null;
            }
        }

        return parameters;
    }
}
