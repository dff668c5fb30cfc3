using Microsoft.Extensions.Configuration;
using Sam.Api.Composition;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm;
using Sam.Testing.ManagedHsm;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>A wrong setting stops the start with one line that begins with its name.</summary>
public sealed class OptionsTests
{
    [Theory]
    [InlineData("http://sam.managedhsm.azure.net")]
    [InlineData("ftp://sam.managedhsm.azure.net")]
    [InlineData("https://127.0.0.1")]
    [InlineData("https://[::1]")]
    [InlineData("https://localhost")]
    [InlineData("https://sam.local")]
    [InlineData("https://sam.managedhsm.azure.net/keys")]
    [InlineData("https://sam.managedhsm.azure.net?x=1")]
    [InlineData("https://user@sam.managedhsm.azure.net")]
    [InlineData("https://sam.managedhsm.azure.net#x")]
    [InlineData("/keys")]
    [InlineData(null)]
    public void An_address_that_is_none_is_named(string? address) =>
        Refuses("Endpoint", options => options.Endpoint = address is null ? null : new Uri(address, UriKind.RelativeOrAbsolute));

    [Theory]
    [InlineData("https://sam.managedhsm.azure.cn")]
    [InlineData("https://sam.evil.example")]
    [InlineData("https://sammanagedhsm.azure.net")]
    public void An_address_of_another_cloud_does_not_tell_the_service(string address)
    {
        Refuses("Service", options => options.Endpoint = new Uri(address));
        Refuses("Service", options => (options.Endpoint, options.Service) = (new Uri(address), (HsmService)7));
        Assert.Equal(HsmService.ManagedHsm, Valid(options => (options.Endpoint, options.Service) = (new Uri(address), HsmService.ManagedHsm)).Validate());
    }

    [Fact]
    public void The_address_tells_the_service_and_the_setting_overrides_it()
    {
        Assert.Equal(HsmService.ManagedHsm, Valid().Validate());
        Assert.Equal(HsmService.KeyVaultPremium, Valid(options => options.Endpoint = new Uri("https://SAM.VAULT.azure.net/")).Validate());
        Assert.Equal(HsmService.KeyVaultPremium, Valid(options => options.Service = HsmService.KeyVaultPremium).Validate());
    }

    [Fact]
    public void Numbers_and_times_have_bounds()
    {
        Refuses("MaxConcurrentCalls is 0", options => options.MaxConcurrentCalls = 0);
        Refuses("MaxConcurrentCalls is 257", options => options.MaxConcurrentCalls = 257);
        Refuses("MaxConcurrentCallsPerBatch is 0", options => options.MaxConcurrentCallsPerBatch = 0);
        Refuses("MaxConcurrentCallsPerBatch is 33", options => options.MaxConcurrentCallsPerBatch = 33);
        Refuses("AttemptTimeout", options => options.AttemptTimeout = TimeSpan.FromMilliseconds(99));
        Refuses("AttemptTimeout", options => options.AttemptTimeout = TimeSpan.FromSeconds(8.1));
        Refuses("OperationTimeout", options => options.OperationTimeout = TimeSpan.FromSeconds(9.1));
        Refuses("KeyCreationInterval", options => options.KeyCreationInterval = TimeSpan.FromSeconds(-1));
        Refuses("KeyCreationTimeout", options => options.KeyCreationTimeout = TimeSpan.Zero);
    }

    [Fact]
    public void Who_takes_keys_in_is_somebody_else()
    {
        Refuses("ImportManagedIdentityClientId is the SAM's own", options => options.ImportManagedIdentityClientId = options.ManagedIdentityClientId = "one");
        Refuses("ImportCredential is the SAM's own", options => options.ImportCredential = options.Credential);
        Assert.Null(Valid().ChooseImportCredential());
        ManagedHsmOptions two = Valid(options => (options.ManagedIdentityClientId, options.ImportManagedIdentityClientId) = ("one", "other"));
        _ = two.Validate();
        Assert.Same(two.ChooseImportCredential(), two.ChooseImportCredential());
        Assert.NotSame(two.ChooseCredential(), two.ChooseImportCredential());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("west-1")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("\u00e4")]
    [InlineData("12345678901234567")]
    public void A_pools_name_is_short_and_plain(string? name) => RefusesPools("Pools:1:Name must be", options => options.Pools[1].Name = name);

    [Fact]
    public void Pools_are_checked_one_by_one_and_against_each_other()
    {
        Assert.Equal(HsmService.ManagedHsm, Pools().Validate());
        RefusesPools("Endpoint and Pools are both set", options => options.Endpoint = new Uri("https://sam.managedhsm.azure.net"));
        RefusesPools("Pools:0:Endpoint is not set", options => options.Pools[0].Endpoint = null);
        RefusesPools("Pools:1:Endpoint must be https", options => options.Pools[1].Endpoint = new Uri("http://b.managedhsm.azure.net"));
        RefusesPools("Pools:1:Name is taken: 'a'", options => options.Pools[1].Name = "a");
        RefusesPools("Pools:1:Endpoint is another", options => options.Pools[1].Endpoint = new Uri("https://A.managedhsm.azure.net/"));
        RefusesPools("Pools:1:Endpoint is no ManagedHsm", options => options.Pools[1].Endpoint = new Uri("https://b.vault.azure.net"));
        RefusesPools("Pools:1:MaxKeys is 0", options => options.Pools[1].MaxKeys = 0);
        RefusesPools("Pools:1:MaxKeys is 5001", options => options.Pools[1].MaxKeys = 5001);
        RefusesPools("Pools are 33", options =>
        {
            for (int i = 2; i < 33; i++)
            {
                options.Pools.Add(new ManagedHsmPoolOptions { Name = $"p{i}", Endpoint = new Uri($"https://p{i}.managedhsm.azure.net") });
            }
        });
    }

    [Fact]
    public void A_managed_hsm_that_is_one_of_several_is_filled_below_its_limit()
    {
        ManagedHsmOptions pools = Pools(options => options.Pools[1].MaxKeys = 5000);
        Assert.Equal([4000, 5000], pools.GetPools().Select(pool => pools.GetMaxKeys(pool, HsmService.ManagedHsm)));
        Assert.Null(pools.GetMaxKeys(pools.Pools[0], HsmService.KeyVaultPremium));
        ManagedHsmOptions one = Valid();
        Assert.Null(one.GetMaxKeys(Assert.Single(one.GetPools()), HsmService.ManagedHsm));
    }

    [Fact]
    public void Pools_are_read_from_settings()
    {
        ManagedHsmOptions options = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sam:ManagedHsm:Pools:0:Name"] = "west",
            ["Sam:ManagedHsm:Pools:0:Endpoint"] = "https://a.managedhsm.azure.net",
            ["Sam:ManagedHsm:Pools:1:Name"] = "west2",
            ["Sam:ManagedHsm:Pools:1:Endpoint"] = "https://b.managedhsm.azure.net",
            ["Sam:ManagedHsm:Pools:1:MaxKeys"] = "4500",
        }).Build().Read("ManagedHsm", new ManagedHsmOptions());

        Assert.Equal(HsmService.ManagedHsm, options.Validate());
        Assert.Equal(["west, https://a.managedhsm.azure.net/, ", "west2, https://b.managedhsm.azure.net/, 4500"], options.Pools.Select(p => $"{p.Name}, {p.Endpoint}, {p.MaxKeys}"));
    }

    private static ManagedHsmOptions Pools(Action<ManagedHsmOptions>? change = null) => Valid(options =>
    {
        options.Endpoint = null;
        options.Pools.Add(new ManagedHsmPoolOptions { Name = "a", Endpoint = new Uri("https://a.managedhsm.azure.net") });
        options.Pools.Add(new ManagedHsmPoolOptions { Name = "b2", Endpoint = new Uri("https://b.managedhsm.azure.net") });
        change?.Invoke(options);
    });

    private static void RefusesPools(string begin, Action<ManagedHsmOptions> change) => Refuses(begin, options =>
    {
        foreach (ManagedHsmPoolOptions pool in Pools().Pools)
        {
            options.Pools.Add(pool);
        }

        options.Endpoint = null;
        change(options);
    });

    private static ManagedHsmOptions Valid(Action<ManagedHsmOptions>? change = null)
    {
        ManagedHsmOptions options = new() { Endpoint = new Uri("https://sam.managedhsm.azure.net"), Credential = new FakeCredential() };
        change?.Invoke(options);
        return options;
    }

    private static void Refuses(string begin, Action<ManagedHsmOptions> change)
    {
        KeyBackendException refusal = Assert.Throws<KeyBackendException>(() => Valid(change).Validate());
        Assert.Equal(KeyBackendFailure.Rejected, refusal.Failure);
        Assert.StartsWith(begin, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}
