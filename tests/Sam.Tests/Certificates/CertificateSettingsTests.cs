using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Sam.Api.Certificates;
using Sam.Api.Composition;
using Sam.Core;
using Sam.Core.Certificates;
using Sam.LocalHost.Development;
using Sam.Testing.Certificates;
using Xunit;

namespace Sam.Tests.Certificates;

/// <summary>Only a host for trying things out takes everybody's certificates.</summary>
public sealed class CertificateSettingsTests
{
    [Fact]
    public void Any_chain_is_for_development_only()
    {
        Assert.Contains("AcceptAnyChain", Assert.Throws<OptionsValidationException>(() => Read("Production", ("AcceptAnyChain", "true"))).Message, StringComparison.Ordinal);
        Assert.True(Read("Development", ("AcceptAnyChain", "true")).AcceptAnyChain);
        Assert.False(Read("Production").AcceptAnyChain);
    }

    [Fact]
    public void A_development_host_that_was_told_of_an_authority_trusts_that_one_alone()
    {
        Assert.True(Read("Development").AcceptAnyChain);
        using TestAuthority root = TestAuthority.Root(DateTimeOffset.UnixEpoch);
        Assert.False(Read("Development", ("TrustAnchors", root.CertificatePem)).AcceptAnyChain);
    }

    [Fact]
    public void A_fault_stops_the_start_under_its_name()
    {
        Assert.Contains("Sam:Certificates:RevocationCacheTime is", Assert.Throws<OptionsValidationException>(() => Read("Production", ("RevocationCacheTime", "1.00:00:00"))).Message, StringComparison.Ordinal);
        Assert.Contains("Sam:Certificates:Revocation needs", Assert.Throws<OptionsValidationException>(() => Read("Development", ("Revocation", "HardFail"))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Read("Production", ("TrustAnchor", "misspelled")));
    }

    private static CertificatePolicy Read(string environment, params IEnumerable<(string Key, string Value)> settings)
    {
        ConfigurationBuilder builder = new();
        builder.AddInMemoryCollection(
        [
            KeyValuePair.Create("Sam:Authentication:Mode", (string?)"Oidc"),
            KeyValuePair.Create("Sam:Authentication:Audience", (string?)"sam"),
            KeyValuePair.Create("Sam:Authentication:Oidc:Authority", (string?)"https://issuer.example.com"),
            .. settings.Select(s => KeyValuePair.Create($"Sam:Certificates:{s.Key}", (string?)s.Value)),
        ]);
        IConfiguration configuration = builder.Build();
        IServiceCollection services = new ServiceCollection().AddLogging().AddSamApi(configuration, new HostingEnvironment { EnvironmentName = environment });
        if (environment == "Development")
        {
            services.AddDevelopmentServices(configuration);
        }

        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.IsType<RevocationClient>(provider.GetRequiredService<IRevocationSource>());
        return provider.GetRequiredService<IOptions<ActivationModuleOptions>>().Value.Certificates;
    }
}
