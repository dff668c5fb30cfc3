using Xunit;

namespace Sam.Tests.Infrastructure;

/// <summary>Mistakes that somebody may make in <c>infra/</c>, and the fault that must be found for each: a check that has found none of them has checked nothing.</summary>
internal static class BlueprintEdits
{
    internal static readonly IReadOnlyList<BlueprintEdit> All =
    [
        new("the storage's public network", "app/storage.bicep", "publicNetworkAccess: private ? 'Disabled' : 'Enabled'", "publicNetworkAccess: 'Enabled'", BlueprintChecks.PublicNetworks, "storageAccounts samrows"),
        new("a way past the storage's firewall", "app/storage.bicep", "bypass: 'None'", "bypass: 'AzureServices'", BlueprintChecks.PublicNetworks, "networkAcls"),
        new("the HSM's public network", "app/hsm.bicep", "publicNetworkAccess: private ? 'Disabled' : 'Enabled'", "", BlueprintChecks.PublicNetworks, "managedHSMs"),
        new("the app's public network", "app/function-app.bicep", "publicNetworkAccess: private ? 'Disabled' : 'Enabled'", "publicNetworkAccess: 'Enabled'", BlueprintChecks.PublicNetworks, "sites sam"),
        new("the logs' public network", "app/logs.bicep", "publicNetworkAccessForQuery: private ? 'Disabled' : 'Enabled'", "publicNetworkAccessForQuery: 'Enabled'", BlueprintChecks.PublicNetworks, "workspaces"),
        new("a second public address", "app/network.bicep", "resource wayOut ", "resource other 'Microsoft.Network/publicIPAddresses@2025-01-01' = {\n  name: 'other'\n  location: location\n}\n\nresource wayOut ", BlueprintChecks.PublicNetworks, "publicIPAddresses other"),
        new("no private endpoint for tables", "app/storage.bicep", "if (private && !empty(tables))", "if (false)", BlueprintChecks.MissingPrivateEndpoints, "no private endpoint for table"),
        new("no private endpoint for the HSM", "keys.bicep", "groupId: isHsm ? 'managedhsm' : 'vault'", "groupId: 'vault'", BlueprintChecks.MissingPrivateEndpoints, "no private endpoint for managedhsm"),
        new("a zone that is not made", "keys.bicep", "  privateZone('azurewebsites.net')\n", "", BlueprintChecks.MissingPrivateEndpoints, "sam-app: no name"),
        new("TLS 1.0", "app/storage.bicep", "minimumTlsVersion: 'TLS1_2'", "minimumTlsVersion: 'TLS1_0'", BlueprintChecks.WeakTransport, "minimumTlsVersion"),
        new("TLS 1.1 for the app", "app/function-app.bicep", "      minTlsVersion: '1.2'", "      minTlsVersion: '1.1'", BlueprintChecks.WeakTransport, "siteConfig.minTlsVersion"),
        new("shared keys", "app/storage.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", BlueprintChecks.Keys, "allowSharedKeyAccess"),
        new("shared keys by leaving it out", "app/insights.bicep", "    DisableLocalAuth: true\n", "", BlueprintChecks.Keys, "DisableLocalAuth is not set"),
        new("publishing with a password", "app/function-app.bicep", "  name: 'scm'\n  properties: { allow: false }", "  name: 'scm'\n  properties: { allow: true }", BlueprintChecks.Keys, "scm"),
        new("no purge protection", "app/hsm.bicep", "enablePurgeProtection: true", "enablePurgeProtection: false", BlueprintChecks.NotPurgeProtected, "enablePurgeProtection"),
        new("an old interface of the HSM", "app/hsm.bicep", "managedHSMs@2026-02-01", "managedHSMs@2025-05-01", BlueprintChecks.OldKeyVaultApis, "2025-05-01"),
        new("an account key in a setting", "main.bicep", "Sam__Info__Region: country", "Sam__Info__Region: country\n      Sam__Storage__ConnectionString: 'AccountName=x;AccountKey=y'", BlueprintChecks.Secrets, "AccountKey="),
        new("no log of the HSM", "app/hsm.bicep", "logs: [{ category: 'AuditEvent', enabled: true }]", "logs: []", BlueprintChecks.WithoutLog, "managedHSMs"),
        new("no log of tables", "app/storage.bicep", "resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(tables))", "resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (false)", BlueprintChecks.WithoutLog, "tableServices"),
        new("a type that nobody has thought about", "keys.bicep", "module logs ", "resource lock 'Microsoft.Authorization/policyAssignments@2025-03-01' = {\n  name: 'x'\n}\n\nmodule logs ", BlueprintChecks.WithoutLog, "policyAssignments x"),
        new("a role more", "main.bicep", "module rowRole ", "module oneMore 'app/storage-role.bicep' = {\n  scope: group\n  params: {\n    accountName: auditName\n    principalId: sam.properties.principalId\n    roleId: blobDataOwner\n  }\n  dependsOn: [auditStorage]\n}\n\nmodule rowRole ", Unlisted, "sam: storageAccounts samaudit: b7e6dc6d"),
        new("a wider role", "main.bicep", "      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action'\n      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'", "      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/delete'\n      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'", Unlisted, "tables/entities/delete"),
        new("a role over more than data", "app/role.bicep", "actions: []\n        notActions", "actions: ['*']\n        notActions", Grants.BeyondData, "roleDefinitions"),
        new("more instances than the HSM can serve", "app/function-app.bicep", "maximumInstanceCount: 40", "maximumInstanceCount: 100", BlueprintChecks.FlexTraps, "100 instances"),
        new("one instance for three zones", "stages.bicep", "alwaysReadyInstances: 2", "alwaysReadyInstances: 1", BlueprintChecks.FlexTraps, "1 instances are always ready"),
        new("a setting that Flex refuses", "app/function-app.bicep", "WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED: '0'", "FUNCTIONS_WORKER_RUNTIME: 'dotnet-isolated'", BlueprintChecks.FlexTraps, "FUNCTIONS_WORKER_RUNTIME is set"),
        new("a subnet that is too small", "app/network.bicep", "'10.20.0.0/25'", "'10.20.0.0/27'", BlueprintChecks.SubnetTraps, "a /27 is too small"),
        new("a subnet that is not delegated", "app/network.bicep", "serviceName: 'Microsoft.App/environments'", "serviceName: 'Microsoft.Web/serverFarms'", BlueprintChecks.SubnetTraps, "not delegated"),
        new("the package in the host's account", "main.bicep", "'${packageStorage.outputs.blobEndpoint}${packages}'", "'${hostStorage.outputs.blobEndpoint}${packages}'", BlueprintChecks.WaysToOwnCode, "the package is in"),
        new("the package as the SAM's identity", "app/function-app.bicep", "userAssignedIdentityResourceId: packageIdentity.id", "userAssignedIdentityResourceId: identity.id", BlueprintChecks.WaysToOwnCode, "the package is read as"),
        new("an identity more for the app", "app/function-app.bicep", "'${packageIdentity.id}': {}", "'${packageIdentity.id}': {}\n      '${resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', names.importIdentity)}': {}", BlueprintChecks.WaysToOwnCode, "the app carries sam, sam-import, sam-package"),
        new("a standing right to write the package", "main.bicep", "roleId: blobDataReader", "roleId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ownRole(token, 'package writer'))", Unlisted, "storageAccounts sampackage: containers/blobs/add/action"),
        new("the SAM's identity on the package", "main.bicep", "accountName: packageName\n    principalId: packageIdentity", "accountName: packageName\n    principalId: sam", BlueprintChecks.WaysToOwnCode, "on the package's account: sam: "),
        new("a right to delete the package", "main.bicep", "      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'\n", "      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'\n      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete'\n", BlueprintChecks.WaysToOwnCode, "may do blobs/add/action, blobs/delete"),
        new("no older versions of the package", "main.bicep", "keepVersions: true", "keepVersions: false", BlueprintChecks.WaysToOwnCode, "does not stay"),
        new("no word of a written package", "app/package-alert.bicep", "enabled: true", "enabled: false", BlueprintChecks.WaysToOwnCode, "nobody is told"),
        new("a way to write the package unheard", "app/package-alert.bicep", "                'PutBlockList'\n", "", BlueprintChecks.WaysToOwnCode, "does not hear all"),
        new("no private endpoint for blobs", "app/storage.bicep", "if (private && blobs)", "if (false)", BlueprintChecks.MissingPrivateEndpoints, "storageAccounts sampackage"),
        new("no log of blobs", "app/storage.bicep", "resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (blobs)", "resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (false)", BlueprintChecks.WithoutLog, "blobServices sampackage"),
        new("heads for a year", "stages.bicep", "headRetentionDays: 3653", "headRetentionDays: 365", BlueprintChecks.HeadsThatCanBeChanged, "is 365"),
    ];

    /// <summary>A property that does not exist, which <c>bicep build</c> passes with a warning, and a parameter that nothing uses, which only the linter sees.</summary>
    internal static readonly IReadOnlyList<(string File, string From, string To)> Misspelled =
    [
        ("app/storage.bicep", "allowSharedKeyAccess: false", "allowSharedKeysAccess: false"),
        ("main.bicep", "var packages = 'packages'", "var packages = 'packages'\nvar forgotten = 'nothing uses it'"),
    ];

    internal static void Apply(string folder, IEnumerable<(string File, string From, string To)> edits)
    {
        foreach ((string file, string from, string to) in edits)
        {
            string path = Path.Combine(folder, file);
            string text = File.ReadAllText(path);
            Assert.True(text.Contains(from, StringComparison.Ordinal), $"{file} does not say any more: {from}");
            File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Unlisted(Blueprint blueprint) => Grants.Of(blueprint).Except(Grants.Common);
}
