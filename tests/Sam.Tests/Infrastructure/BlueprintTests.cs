using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Sam.Api.Authentication;
using Sam.Api.Composition;
using Sam.Storage.Tables;
using Sam.Testing.Run;
using Sam.Tests.Architecture;
using Xunit;

namespace Sam.Tests.Infrastructure;

/// <summary>The deployment, as Azure would be asked for it. Nothing here was tried against Azure.</summary>
public sealed class BlueprintTests(BlueprintFixture fixture) : IClassFixture<BlueprintFixture>
{
    public static TheoryData<string> Mistakes => [.. BlueprintEdits.All.Select(edit => edit.Mistake)];

    // Not `bicep build`'s exit code: a misspelled property is a warning to it.
    [Fact]
    public void Compiler_and_linter_have_nothing_to_say() => None(fixture.Diagnostics);

    // The compiler looks at what the layers use, and at nothing else.
    [Fact]
    public void Every_module_is_used()
    {
        string[] texts = [.. Repository.Files("infra", ".bicep").Select(Repository.Read)];
        None(Repository.Files("infra/app", ".bicep").Select(file => $"{Path.GetFileName(file)}'").Where(name => !texts.Any(text => text.Contains(name, StringComparison.Ordinal))));
    }

    [Fact]
    public void A_misspelled_property_and_a_forgotten_variable_are_noticed()
    {
        Assert.Contains(fixture.EditedDiagnostics, line => line.Contains("BCP089", StringComparison.Ordinal) && line.Contains("allowSharedKeysAccess", StringComparison.Ordinal));
        Assert.Contains(fixture.EditedDiagnostics, line => line.Contains("no-unused-vars", StringComparison.Ordinal));
    }

    [Fact]
    public void Both_stages_are_whole()
    {
        Assert.Single(fixture.Production.Of("Microsoft.KeyVault/managedHSMs"));
        Assert.Single(fixture.Test.Of("Microsoft.KeyVault/vaults"));
        Assert.All([fixture.Production, fixture.Test], b => Assert.Equal(4, b.Of("Microsoft.Storage/storageAccounts").Count()));
        TestReport.Add("infrastructure", $"{fixture.Production.Resources.Count} resources in production, {fixture.Test.Resources.Count} in test; {BlueprintEdits.All.Count} mistakes, each found");
    }

    [Fact]
    public void No_public_network_in_production() => None(BlueprintChecks.PublicNetworks(fixture.Production));

    [Fact]
    public void Every_service_has_a_private_endpoint_and_a_name_in_production() => None(BlueprintChecks.MissingPrivateEndpoints(fixture.Production));

    [Fact]
    public void Nothing_below_TLS_1_2() => InBoth(BlueprintChecks.WeakTransport);

    [Fact]
    public void Nothing_opens_with_a_key_or_a_password() => InBoth(BlueprintChecks.Keys);

    [Fact]
    public void Deleted_keys_cannot_be_purged() => InBoth(BlueprintChecks.NotPurgeProtected);

    [Fact]
    public void No_interface_of_Key_Vault_that_retires() => InBoth(BlueprintChecks.OldKeyVaultApis);

    [Fact]
    public void No_secret_in_any_setting() => InBoth(BlueprintChecks.Secrets);

    [Fact]
    public void Everything_that_can_log_does() => InBoth(BlueprintChecks.WithoutLog);

    [Fact]
    public void The_traps_of_Flex_Consumption_are_avoided() => InBoth(BlueprintChecks.FlexTraps);

    [Fact]
    public void The_apps_subnet_is_as_the_platform_wants_it() => None(BlueprintChecks.SubnetTraps(fixture.Production));

    [Fact]
    public void Witnessed_heads_can_be_neither_changed_nor_deleted() => InBoth(BlueprintChecks.HeadsThatCanBeChanged);

    [Fact]
    public void Every_role_is_in_the_table_and_the_reverse()
    {
        Assert.Equal(Grants.Common.Order(StringComparer.Ordinal), Grants.Of(fixture.Production).Order(StringComparer.Ordinal));
        Assert.Equal(Grants.Common.Concat(Grants.OfKeyVault).Order(StringComparer.Ordinal), Grants.Of(fixture.Test).Order(StringComparer.Ordinal));
        InBoth(Grants.BeyondData);
    }

    [Fact]
    public void The_app_does_not_write_its_own_code() => InBoth(BlueprintChecks.WaysToOwnCode);

    // The SAM has no right to make a table: one that is missing here would be missing.
    [Fact]
    public void The_tables_are_those_that_the_SAM_uses()
    {
        string[] tables = [.. fixture.Production.Of("Microsoft.Storage/storageAccounts/tableServices/tables").Select(t => $"{t.Name[..7]} {t.Name.Split('/')[^1]}")];
        string prefix = new TableStoreOptions().TablePrefix;
        string[] wanted = [.. TableStoreOptions.MainTables.Select(t => $"samrows {prefix}{t}"), .. TableStoreOptions.AuditTables.Select(t => $"samaudi {prefix}{t}")];
        Assert.Equal(wanted.Order(StringComparer.Ordinal), tables.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_SAM_reads_every_setting_that_it_is_given()
    {
        IConfigurationSection sam = Settings().GetSection("Sam");
        using ServiceProvider services = new ServiceCollection().AddLogging().AddSamApi(Settings(), new HostingEnvironment { EnvironmentName = "Production" }).BuildServiceProvider();
        Assert.Equal(Blueprint.EntraClientId, services.GetRequiredService<IOptions<SamAuthenticationOptions>>().Value.EntraId.ClientId);
        Assert.Equal("JP", services.GetRequiredService<IOptions<SamApiOptions>>().Value.Info.Region);
        foreach (TableStoreOptions options in new[] { Settings().Read("Storage", new TableStoreOptions()), Settings().ReadAuditStore(new TableStoreOptions()) })
        {
            Assert.False(options.CreateTables);
            Assert.NotNull(options.ManagedIdentityClientId);
            Assert.NotNull(options.Endpoint);
        }

        Assert.Equal(["Endpoint", "ManagedIdentityClientId"], sam.GetSection("ManagedHsm").GetChildren().Select(c => c.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["Audit", "Authentication", "Encryption", "Info", "ManagedHsm", "Officers", "PublicAddress", "Storage"], sam.GetChildren().Select(c => c.Key).Order(StringComparer.Ordinal));
        Assert.Equal(Blueprint.InitializationSecretDigest, services.GetRequiredService<IOptions<Core.ActivationModuleOptions>>().Value.Officers.InitializationSecretDigest);
        Assert.Equal(Core.Encryption.EncryptionDemand.PinAlone, services.GetRequiredService<IOptions<Core.ActivationModuleOptions>>().Value.Encryption.Demand);
        Assert.NotNull(services.GetRequiredService<IOptions<Core.ActivationModuleOptions>>().Value.Audit.HeadsContainer);
        Assert.Equal(["Region"], sam.GetSection("Info").GetChildren().Select(c => c.Key));
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_noticed(string mistake)
    {
        BlueprintEdit edit = BlueprintEdits.All.Single(e => e.Mistake == mistake);
        Assert.Contains(edit.Check(fixture.Edited), fault => fault.Contains(edit.Fault, StringComparison.Ordinal));
        Assert.DoesNotContain(edit.Check(fixture.Production), fault => fault.Contains(edit.Fault, StringComparison.Ordinal));
    }

    private static void None(IEnumerable<string> faults)
    {
        string found = string.Join('\n', faults);
        Assert.True(found.Length == 0, found);
    }

    private void InBoth(Func<Blueprint, IEnumerable<string>> check)
    {
        None(check(fixture.Production));
        None(check(fixture.Test));
    }

    /// <summary>The app's settings as the app will see them; what only Azure knows is made up.</summary>
    private IConfiguration Settings()
    {
        JsonElement properties = fixture.Production.One("Microsoft.Web/sites/config").Json.GetProperty("properties");
        return new ConfigurationBuilder().AddInMemoryCollection(properties.EnumerateObject()
            .Where(p => p.Name.StartsWith("Sam__", StringComparison.Ordinal))
            .Select(p => KeyValuePair.Create(p.Name.Replace("__", ":", StringComparison.Ordinal), p.Value.GetString()))
            .Select(p => p.Value!.StartsWith('[') ? KeyValuePair.Create(p.Key, (string?)"https://login.microsoftonline.com/") : p)).Build();
    }
}
