using Sam.Api.Admin;
using Sam.Api.Csc;

namespace Sam.Api.OpenApi;

/// <summary>All descriptions by the names of their routes. A test holds that each route has one.</summary>
internal static class RouteDescriptions
{
    private static readonly (string Group, IReadOnlyDictionary<string, RouteDescription> Routes)[] _groups =
    [
        ("CSC API", CscDescriptions.All),
        ("Deployment and privileged users", OfficerDescriptions.All),
        ("Audit", AuditDescriptions.All),
        ("Signers", SignerDescriptions.All),
        ("Credentials", CredentialDescriptions.All),
        ("Signers' own", OwnDescriptions.All),
        ("Service", ServiceDescriptions.All),
    ];

    internal static IReadOnlyList<string> Groups { get; } = [.. _groups.Select(g => g.Group)];

    internal static IReadOnlyDictionary<string, (string Group, RouteDescription Description)> All { get; } =
        _groups.SelectMany(g => g.Routes.Select(r => (r.Key, g.Group, r.Value))).ToDictionary(r => r.Key, r => (r.Group, r.Value), StringComparer.Ordinal);
}
