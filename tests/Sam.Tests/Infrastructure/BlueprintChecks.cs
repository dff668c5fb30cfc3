using System.Globalization;
using System.Text.RegularExpressions;

namespace Sam.Tests.Infrastructure;

/// <summary>What must hold of a deployment, each as the list of places where it does not.</summary>
internal static partial class BlueprintChecks
{
    private const string Storage = "Microsoft.Storage/storageAccounts";
    private const string Site = "Microsoft.Web/sites";

    // Types with a switch for the public network; those that lack it in a blueprint keep the platform's default, which is open.
    private static readonly string[] _switched = [Storage, "Microsoft.KeyVault/managedHSMs", "Microsoft.KeyVault/vaults", Site];
    private static readonly string[] _switchedTwice = ["Microsoft.OperationalInsights/workspaces", "Microsoft.Insights/components"];

    internal static IEnumerable<string> PublicNetworks(Blueprint blueprint)
    {
        foreach (PredictedResource resource in blueprint.Resources)
        {
            string[] switches =
                _switched.Any(resource.Is) ? ["publicNetworkAccess"]
                : _switchedTwice.Any(resource.Is) ? ["publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"]
                : [];
            foreach (string open in switches.Where(name => resource.Property(name) != "Disabled"))
            {
                yield return $"{resource}: {open}";
            }

            if (resource.Find("networkAcls") is not null
                && (resource.Property("networkAcls.defaultAction") != "Deny" || resource.Property("networkAcls.bypass") != "None" || resource.Property("networkAcls.ipRules") is not (null or "[]")))
            {
                yield return $"{resource}: networkAcls";
            }
        }

        // The one address is the NAT gateway's, for going out.
        string wayOut = blueprint.Of("Microsoft.Network/natGateways").Single().Property("publicIpAddresses")!;
        foreach (PredictedResource address in blueprint.Of("Microsoft.Network/publicIPAddresses").Where(a => !wayOut.Contains(a.Id, StringComparison.Ordinal)))
        {
            yield return $"{address}: a public address";
        }
    }

    internal static IEnumerable<string> MissingPrivateEndpoints(Blueprint blueprint)
    {
        IEnumerable<(PredictedResource Target, string Group)> wanted =
        [
            .. blueprint.Of(Storage + "/blobServices").Select(s => (Account(blueprint, s), "blob")),
            .. blueprint.Of(Storage + "/tableServices").Select(s => (Account(blueprint, s), "table")),
            .. blueprint.Of("Microsoft.KeyVault/managedHSMs").Select(h => (h, "managedhsm")),
            .. blueprint.Of("Microsoft.KeyVault/vaults").Select(v => (v, "vault")),
            .. blueprint.Of(Site).Select(s => (s, "sites")),
            .. blueprint.Of("Microsoft.Insights/privateLinkScopes").Select(s => (s, "azuremonitor")),
        ];
        PredictedResource[] endpoints = [.. blueprint.Of("Microsoft.Network/privateEndpoints")];
        foreach ((PredictedResource target, string group) in wanted)
        {
            PredictedResource? endpoint = endpoints.SingleOrDefault(e => Leads(e, target, group));
            if (endpoint is null)
            {
                yield return $"{target}: no private endpoint for {group}";
            }
            else if (!HasName(blueprint, endpoint))
            {
                yield return $"{endpoint}: no name in a linked zone";
            }
        }

        foreach (PredictedResource account in blueprint.Of(Storage).Where(a => !endpoints.Any(e => e.Property("privateLinkServiceConnections")!.Contains(a.Id, StringComparison.Ordinal))))
        {
            yield return $"{account}: no private endpoint";
        }
    }

    internal static IEnumerable<string> WeakTransport(Blueprint blueprint)
    {
        IEnumerable<(PredictedResource Resource, string Property, string[] Allowed)> rules =
        [
            .. blueprint.Of(Storage).Select(a => (a, "minimumTlsVersion", new[] { "TLS1_2", "TLS1_3" })),
            .. blueprint.Of(Storage).Select(a => (a, "supportsHttpsTrafficOnly", new[] { "True" })),
            .. blueprint.Of(Site).Select(s => (s, "siteConfig.minTlsVersion", new[] { "1.2", "1.3" })),
            .. blueprint.Of(Site).Select(s => (s, "siteConfig.scmMinTlsVersion", new[] { "1.2", "1.3" })),
            .. blueprint.Of(Site).Select(s => (s, "siteConfig.ftpsState", new[] { "Disabled" })),
            .. blueprint.Of(Site).Select(s => (s, "httpsOnly", new[] { "True" })),
        ];
        return Faults(rules);
    }

    internal static IEnumerable<string> Keys(Blueprint blueprint)
    {
        IEnumerable<(PredictedResource Resource, string Property, string[] Allowed)> rules =
        [
            .. blueprint.Of(Storage).Select(a => (a, "allowSharedKeyAccess", new[] { "False" })),
            .. blueprint.Of(Storage).Select(a => (a, "allowBlobPublicAccess", new[] { "False" })),
            .. blueprint.Of(Storage + "/blobServices/containers").Select(c => (c, "publicAccess", new[] { "None" })),
            .. blueprint.Of("Microsoft.Insights/components").Select(c => (c, "DisableLocalAuth", new[] { "True" })),
            .. blueprint.Of("Microsoft.OperationalInsights/workspaces").Select(w => (w, "features.disableLocalAuth", new[] { "True" })),
            .. blueprint.Of("Microsoft.KeyVault/vaults").Select(v => (v, "enableRbacAuthorization", new[] { "True" })),
            .. blueprint.Of(Site + "/basicPublishingCredentialsPolicies").Select(p => (p, "allow", new[] { "False" })),
        ];
        IEnumerable<string> doors = blueprint.Of(Site + "/basicPublishingCredentialsPolicies").Select(p => p.Name.Split('/')[^1]);
        return Faults(rules).Concat(new[] { "ftp", "scm" }.Except(doors).Select(door => $"{door}: publishing with a password"));
    }

    internal static IEnumerable<string> NotPurgeProtected(Blueprint blueprint)
    {
        PredictedResource[] vaults = [.. blueprint.Of("Microsoft.KeyVault/managedHSMs"), .. blueprint.Of("Microsoft.KeyVault/vaults")];
        return vaults.Length != 1
            ? ["there is not one HSM or vault"]
            : Faults([(vaults[0], "enablePurgeProtection", ["True"]), (vaults[0], "enableSoftDelete", ["True"]), (vaults[0], "softDeleteRetentionInDays", blueprint.IsProduction ? ["90"] : ["7"])]);
    }

    internal static IEnumerable<string> OldKeyVaultApis(Blueprint blueprint) =>
        blueprint.Resources
            .Where(r => r.Type.StartsWith("Microsoft.KeyVault/", StringComparison.OrdinalIgnoreCase))
            .Where(r => r.ApiVersion.EndsWith("preview", StringComparison.Ordinal) || string.CompareOrdinal(r.ApiVersion, "2026-02-01") < 0)
            .Select(r => $"{r}: {r.ApiVersion}, retired on 2027-02-27");

    internal static IEnumerable<string> Secrets(Blueprint blueprint)
    {
        foreach (PredictedResource resource in blueprint.Resources)
        {
            foreach (string text in resource.Texts().Where(text => SecretText().IsMatch(text)))
            {
                yield return $"{resource}: {text}";
            }
        }
    }

    private static IEnumerable<string> Faults(IEnumerable<(PredictedResource Resource, string Property, string[] Allowed)> rules) =>
        rules.Where(rule => !rule.Allowed.Contains(rule.Resource.Property(rule.Property)))
            .Select(rule => string.Create(CultureInfo.InvariantCulture, $"{rule.Resource}: {rule.Property} is {rule.Resource.Property(rule.Property) ?? "not set"}"));

    private static PredictedResource Account(Blueprint blueprint, PredictedResource service) =>
        blueprint.Of(Storage).Single(a => service.Id.StartsWith(a.Id + "/", StringComparison.Ordinal));

    private static bool Leads(PredictedResource endpoint, PredictedResource target, string group)
    {
        string connections = endpoint.Property("privateLinkServiceConnections")!;
        return connections.Contains($"\"{target.Id}\"", StringComparison.OrdinalIgnoreCase) && connections.Contains($"\"{group}\"", StringComparison.Ordinal);
    }

    // Without the zone the name still resolves, to the public address.
    private static bool HasName(Blueprint blueprint, PredictedResource endpoint)
    {
        PredictedResource? group = blueprint.Of("Microsoft.Network/privateEndpoints/privateDnsZoneGroups").SingleOrDefault(g => g.Id.StartsWith(endpoint.Id + "/", StringComparison.Ordinal));
        string[] zones = group?.Find("privateDnsZoneConfigs") is { } configs
            ? [.. configs.EnumerateArray().Select(c => c.GetProperty("properties").GetProperty("privateDnsZoneId").GetString()!)]
            : [];
        return zones.Length > 0 && zones.All(id => blueprint.Of("Microsoft.Network/privateDnsZones").Any(z => z.Id == id))
            && blueprint.Of("Microsoft.Network/privateDnsZones/virtualNetworkLinks").Count() == blueprint.Of("Microsoft.Network/privateDnsZones").Count();
    }

    [GeneratedRegex("AccountKey=|SharedAccessSignature|SharedAccessKey|[?&]sig=|listKeys|listAccountSas|listServiceSas|Password=|pwd=|client_?secret|PRIVATE KEY|^[A-Za-z0-9+/]{42,}={1,2}$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretText();
}
