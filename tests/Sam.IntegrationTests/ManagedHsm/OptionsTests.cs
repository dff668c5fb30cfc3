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
