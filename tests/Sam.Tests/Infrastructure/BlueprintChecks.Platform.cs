using System.Globalization;
using System.Text.Json;

namespace Sam.Tests.Infrastructure;

/// <summary>What the platform asks for, or punishes.</summary>
internal static partial class BlueprintChecks
{
    private const string Settings = "Microsoft.Web/sites/config";

    // Everything that can tell of itself.
    private static readonly string[] _logging =
    [
        "Microsoft.KeyVault/managedHSMs", "Microsoft.KeyVault/vaults", Storage + "/blobServices", Storage + "/tableServices", Site,
        "Microsoft.OperationalInsights/workspaces", "Microsoft.Network/virtualNetworks", "Microsoft.Network/publicIPAddresses",
    ];

    // Types of which nothing can be asked, or nothing is: the reason stands beside each. A type on neither list fails, so that whoever adds one thinks of its log and its network.
    private static readonly Dictionary<string, string> _silent = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Microsoft.Resources/resourceGroups"] = "changes stand in the subscription's activity log",
        ["Microsoft.ManagedIdentity/userAssignedIdentities"] = "its tokens stand in Entra ID's sign-in log",
        ["Microsoft.KeyVault/vaults/keys"] = "its uses stand in the vault's log",
        ["Microsoft.Authorization/roleAssignments"] = "activity log",
        ["Microsoft.Authorization/roleDefinitions"] = "activity log",
        ["Microsoft.Insights/diagnosticSettings"] = "is the answer",
        ["Microsoft.Insights/components"] = "writes into the same workspace; a setting would write everything twice",
        ["Microsoft.Insights/metricAlerts"] = "changes stand in the activity log",
        ["Microsoft.Insights/privateLinkScopes"] = "has no categories",
        ["Microsoft.Insights/privateLinkScopes/scopedResources"] = "has no categories",
        ["Microsoft.Network/natGateways"] = "has no log categories; its address and its network have",
        ["Microsoft.Network/privateDnsZones"] = "has no categories",
        ["Microsoft.Network/privateDnsZones/virtualNetworkLinks"] = "has no categories",
        ["Microsoft.Network/privateEndpoints"] = "what passes stands in the log of the service behind it",
        ["Microsoft.Network/privateEndpoints/privateDnsZoneGroups"] = "has no categories",
        [Storage] = "its services log, each for itself",
        [Storage + "/blobServices/containers"] = "its service logs",
        [Storage + "/blobServices/containers/immutabilityPolicies"] = "its service logs",
        [Storage + "/tableServices/tables"] = "its service logs",
        ["Microsoft.Web/serverfarms"] = "its app logs",
        [Settings] = "its app logs",
        [Site + "/basicPublishingCredentialsPolicies"] = "its app logs",
    };

    // On this plan they are refused, or quietly change what runs.
    private static readonly string[] _forbiddenSettings =
    [
        "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "WEBSITE_CONTENTSHARE", "AzureWebJobsStorage",
        "APPINSIGHTS_INSTRUMENTATIONKEY",
    ];

    // By which a block blob comes to be another one.
    private static readonly string[] _writing = ["PutBlob", "PutBlobFromURL", "PutBlockList", "CopyBlob", "DeleteBlob", "UndeleteBlob"];

    internal static IEnumerable<string> WithoutLog(Blueprint blueprint)
    {
        PredictedResource[] settings = [.. blueprint.Of("Microsoft.Insights/diagnosticSettings")];
        foreach (PredictedResource resource in blueprint.Resources)
        {
            if (_logging.Any(resource.Is))
            {
                string id = $"{resource.Id}/providers/Microsoft.Insights/";
                if (!settings.Any(s => s.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase) && s.Property("workspaceId") is { Length: > 0 } && IsOn(s.Find("logs"))))
                {
                    yield return $"{resource}: no diagnostic setting";
                }
            }
            else if (!_silent.ContainsKey(resource.Type))
            {
                yield return $"{resource}: a type that nobody has thought about: has it a log, and a public endpoint?";
            }
        }
    }

    internal static IEnumerable<string> FlexTraps(Blueprint blueprint)
    {
        PredictedResource plan = blueprint.One("Microsoft.Web/serverfarms");
        PredictedResource site = blueprint.One(Site);
        JsonElement settings = blueprint.One(Settings).Json.GetProperty("properties");
        string runtime = $"{site.Property("functionAppConfig.runtime.name")} {site.Property("functionAppConfig.runtime.version")}";
        int instances = int.Parse(site.Property("functionAppConfig.scaleAndConcurrency.maximumInstanceCount")!, CultureInfo.InvariantCulture);
        int ready = site.Find("functionAppConfig.scaleAndConcurrency.alwaysReady")!.Value.EnumerateArray().Sum(group => group.GetProperty("instanceCount").GetInt32());
        bool zones = plan.Property("zoneRedundant") == "True";
        return new (bool Holds, string Fault)[]
        {
            (plan.Json.GetProperty("sku").GetProperty("name").GetString() == "FC1" && plan.Property("reserved") == "True", "the plan is not Flex Consumption on Linux"),
            (site.Json.GetProperty("kind").GetString() == "functionapp,linux", "the app is no function app on Linux"),
            (runtime == "dotnet-isolated 10.0", $"the runtime is {runtime}"),
            (instances == 40, $"up to {instances} instances: fewer than 40 are refused, more only press on the HSM"),
            (zones == blueprint.IsProduction && (!zones || ready >= 2), $"{ready} instances are always ready: with zones the platform wants two"),
            (site.Property("functionAppConfig.deployment.storage.authentication.type") == "UserAssignedIdentity", "the package is not taken by the identity"),
            (site.Json.GetProperty("tags").GetProperty("azd-service-name").GetString() == "api", "azd will not find the app of its service api"),
            (site.Property("siteConfig.healthCheckPath") is null, "a health probe, which this plan does not have"),
            (Value(settings, "WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED") == "0", "the pre-started worker, which dies with .NET 10, is on"),
            (Value(settings, "AzureWebJobsStorage__credential") == "managedidentity" && Value(settings, "AzureWebJobsStorage__clientId") is not null, "the host's storage is not used by identity"),
            (Value(settings, "APPLICATIONINSIGHTS_AUTHENTICATION_STRING")?.Contains("Authorization=AAD", StringComparison.Ordinal) == true, "traces are not written by identity"),
        }.Where(rule => !rule.Holds).Select(rule => rule.Fault)
            .Concat(_forbiddenSettings.Where(name => settings.TryGetProperty(name, out _)).Select(name => $"{name} is set"));
    }

    internal static IEnumerable<string> SubnetTraps(Blueprint blueprint)
    {
        PredictedResource network = blueprint.One("Microsoft.Network/virtualNetworks");
        string app = blueprint.One(Site).Property("virtualNetworkSubnetId") ?? string.Empty;
        JsonElement[] subnets = [.. network.Find("subnets")!.Value.EnumerateArray()];
        JsonElement? own = subnets.Where(s => app == $"{network.Id}/subnets/{s.GetProperty("name")}").Cast<JsonElement?>().SingleOrDefault();
        if (own is not { } subnet)
        {
            return ["the app is in none of the network's subnets"];
        }

        string text = subnet.GetProperty("properties").GetRawText();
        int length = int.Parse(subnet.GetProperty("properties").GetProperty("addressPrefix").GetString()!.Split('/')[1], CultureInfo.InvariantCulture);
        return new (bool Holds, string Fault)[]
        {
            (!subnet.GetProperty("name").GetString()!.Contains('_', StringComparison.Ordinal), "an underscore in the subnet's name"),
            (text.Contains("\"Microsoft.App/environments\"", StringComparison.Ordinal), "the subnet is not delegated"),
            (length <= 26, $"a /{length} is too small: 40 addresses per app"),
            (text.Contains("natGateway", StringComparison.Ordinal), "no way out: the token issuer's keys cannot be read"),
            (!blueprint.Of("Microsoft.Network/privateEndpoints").Any(e => e.Property("subnet.id") == app), "private endpoints share the subnet"),
        }.Where(rule => !rule.Holds).Select(rule => rule.Fault);
    }

    internal static IEnumerable<string> HeadsThatCanBeChanged(Blueprint blueprint)
    {
        PredictedResource? policy = blueprint.Of(Storage + "/blobServices/containers/immutabilityPolicies").SingleOrDefault();
        return policy?.Id.Contains("/samaudit", StringComparison.Ordinal) == true && policy.Id.Contains("/containers/heads/", StringComparison.Ordinal)
            ? Faults([(policy, "immutabilityPeriodSinceCreationInDays", blueprint.IsProduction ? ["3653"] : ["1"])])
            : ["the container of heads has no retention"];
    }

    /// <summary>What lets code that runs in the app choose what it is started from next, or do so unseen.</summary>
    internal static IEnumerable<string> WaysToOwnCode(Blueprint blueprint)
    {
        PredictedResource site = blueprint.One(Site);
        // Azure makes the address up: what there is of it is the module that asks for the account.
        string container = site.Property("functionAppConfig.deployment.storage.value") ?? string.Empty;
        string reader = site.Property("functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId") ?? string.Empty;
        string[] identities = [.. site.Json.GetProperty("identity").GetProperty("userAssignedIdentities").EnumerateObject().Select(i => i.Name.Split('/')[^1]).Order(StringComparer.Ordinal)];
        PredictedResource? account = blueprint.Of(Storage).SingleOrDefault(a => a.Name.StartsWith("sampackage", StringComparison.Ordinal));
        string name = account?.Name ?? "there is no account of the package";
        PredictedResource? blobs = blueprint.Of(Storage + "/blobServices").SingleOrDefault(b => b.Id.Contains($"/{name}/", StringComparison.Ordinal));
        PredictedResource? alert = blueprint.Of("Microsoft.Insights/metricAlerts").SingleOrDefault(a => a.Property("scopes")!.Contains($"/{name}/", StringComparison.Ordinal));
        string heard = alert?.Property("criteria") ?? string.Empty;
        string[] grants = [.. Grants.Of(blueprint).Where(line => line.Contains("storageAccounts sampackage", StringComparison.Ordinal))];
        // Whom it is given to is the hooks' business; what it allows is said here.
        string[] writer = [.. blueprint.Of("Microsoft.Authorization/roleDefinitions").Where(r => r.Property("roleName")!.StartsWith("SAM package writer ", StringComparison.Ordinal))
            .SelectMany(r => r.Find("permissions")!.Value.EnumerateArray()).SelectMany(p => p.GetProperty("dataActions").EnumerateArray())
            .Select(a => a.GetString()!.Replace("Microsoft.Storage/storageAccounts/blobServices/containers/", string.Empty, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        return new (bool Holds, string Fault)[]
        {
            (container.Contains("format('packageStorage-{0}'", StringComparison.Ordinal) && container.EndsWith(", 'packages')]", StringComparison.Ordinal), $"the package is in {container}"),
            (reader.EndsWith("/sam-package", StringComparison.Ordinal), $"the package is read as {reader}"),
            (identities is ["sam", "sam-package"], $"the app carries {string.Join(", ", identities)}"),
            (grants.Length == 1 && grants[0].EndsWith("(Storage Blob Data Reader)", StringComparison.Ordinal), $"on the package's account: {string.Join("; ", grants)}"),
            (blobs?.Property("isVersioningEnabled") == "True" && blobs.Property("deleteRetentionPolicy.enabled") == "True", "what the package was does not stay"),
            (alert?.Property("enabled") == "True", "nobody is told that the package is written"),
            (_writing.All(api => heard.Contains($"\"{api}\"", StringComparison.Ordinal)), $"the alert does not hear all ways to write: {heard}"),
            (writer.SequenceEqual(["blobs/add/action", "blobs/write"]), $"who may write the package may do {string.Join(", ", writer)}"),
        }.Where(rule => !rule.Holds).Select(rule => rule.Fault);
    }

    private static string? Value(JsonElement settings, string name) => settings.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static bool IsOn(JsonElement? logs) => logs is { } list && list.GetArrayLength() > 0 && list.EnumerateArray().All(log => log.GetProperty("enabled").GetBoolean());
}
