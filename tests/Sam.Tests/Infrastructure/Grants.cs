using System.Text.RegularExpressions;

namespace Sam.Tests.Infrastructure;

/// <summary>Who is given what, by Azure's own roles: read off a blueprint as lines that a table can be compared with.</summary>
internal static partial class Grants
{
    /// <summary>
    /// All of them, in every stage. A role is named by its id when it is Azure's, and by what it allows when it is ours. Whoever adds a line answers for it.
    /// </summary>
    internal static readonly IReadOnlyList<string> Common =
    [
        // The Functions host keeps its locks there. Azure offers the host no smaller role.
        "sam: storageAccounts samhost: b7e6dc6d-f1e8-4753-8033-0f276bb0955b (Storage Blob Data Owner)",
        // To be started from. The right to write is none of these: hooks/open-package.sh gives it, for the time of a deployment.
        "sam-package: storageAccounts sampackage: 2a2b9908-6ea1-4ae2-8e65-a410df84e7d1 (Storage Blob Data Reader)",
        "sam: storageAccounts samrows: tables/entities/add/action tables/entities/delete tables/entities/read tables/entities/update/action tables/entities/write",
        "sam: storageAccounts samaudit: containers/blobs/add/action containers/blobs/read tables/entities/add/action tables/entities/read",
        "sam: components sam: 3913510d-42f4-4e42-8a64-420c390055eb (Monitoring Metrics Publisher)",
    ];

    /// <summary>A Managed HSM keeps its roles itself (infra/roles); a Key Vault gets them from Azure.</summary>
    internal static readonly IReadOnlyList<string> OfKeyVault =
    [
        "sam: vaults samkv: keys/create/action keys/delete keys/read keys/sign/action keys/unwrap/action keys/wrap/action",
        "sam: vaults samkv, keys sam-anchor: keys/update/action",
        "importer: vaults samkv: keys/import/action keys/read",
    ];

    private static readonly Dictionary<string, string> _builtIn = new(StringComparer.Ordinal)
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = "Storage Blob Data Reader",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
    };

    internal static IReadOnlyList<string> Of(Blueprint blueprint) => [.. blueprint.Of("Microsoft.Authorization/roleAssignments").Select(r => Line(blueprint, r))];

    /// <summary>What a role of our own allows beyond data.</summary>
    internal static IEnumerable<string> BeyondData(Blueprint blueprint) =>
        blueprint.Of("Microsoft.Authorization/roleDefinitions")
            .Where(r => r.Find("permissions")!.Value.EnumerateArray().Any(p => p.GetProperty("actions").GetArrayLength() > 0)
                || r.Find("assignableScopes")!.Value.EnumerateArray().Any(s => !s.GetString()!.Contains("/resourceGroups/", StringComparison.Ordinal)))
            .Select(r => $"{r}: {r.Property("roleName")}");

    private static string Line(Blueprint blueprint, PredictedResource assignment)
    {
        Match scope = Scope().Match(assignment.Id);
        string role = assignment.Property("roleDefinitionId")!.Split('/')[^1];
        return $"{Who(assignment.Property("principalId")!)}: {(scope.Success ? $"{scope.Groups["type"]} {scope.Groups["name"]}{Part(scope)}" : assignment.Id)}: {What(blueprint, role)}";
    }

    private static string Part(Match scope) => scope.Groups["part"] is { Success: true } part ? ", " + part.Value.Replace('/', ' ') : string.Empty;

    private static string Who(string expression) =>
        Identity().Match(expression) is { Success: true } match ? match.Groups["name"].Value : expression;

    private static string What(Blueprint blueprint, string role)
    {
        PredictedResource? own = blueprint.Of("Microsoft.Authorization/roleDefinitions").SingleOrDefault(r => r.Name == role);
        return own is null
            ? $"{role} ({_builtIn.GetValueOrDefault(role, "not in the table")})"
            : string.Join(' ', own.Find("permissions")!.Value.EnumerateArray().SelectMany(p => p.GetProperty("dataActions").EnumerateArray()).Select(a => Short(a.GetString()!)).Order(StringComparer.Ordinal));
    }

    private static string Short(string action) => ServicePrefix().Replace(action, string.Empty);

    // The assignment's id begins with the id of what it is for; a token tells deployments apart at the end of names that are unique in the world.
    [GeneratedRegex(@"providers/[^/]+/(?<type>[^/]+)/(?<name>sam[a-z]*?)(?:[a-z0-9]{13})?(?:/(?<part>[a-z]+/[a-z-]+))?'")]
    private static partial Regex Scope();

    // Either the identity itself, or the module that makes it.
    [GeneratedRegex(@"userAssignedIdentities/(?<name>[\w-]+)'|format\('(?<name>\w+)-\{0\}'")]
    private static partial Regex Identity();

    [GeneratedRegex(@"^Microsoft\.Storage/storageAccounts/(tableServices|blobServices)/|^Microsoft\.KeyVault/vaults/")]
    private static partial Regex ServicePrefix();
}
