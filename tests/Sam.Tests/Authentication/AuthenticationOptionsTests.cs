using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sam.Api.Authentication;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>Settings under which the wrong people would be let in, or nobody, stop the start, and the message says which.</summary>
public sealed class AuthenticationOptionsTests
{
    private const string Tenant = "EntraId:TenantId=72f988bf-86f1-41af-91ab-2d7cd011db47";
    private const string Client = "EntraId:ClientId=4cda8ab1-7f4a-4c15-9a3d-0f3f6a1d6d11";

    [Theory]
    [InlineData(true, "Mode=Development", "Audience=sam")]
    [InlineData(false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=https://issuer.example")]
    [InlineData(false, "Mode=oidc", "Audience=sam", "Oidc:Authority=https://issuer.example/realms/a/")]
    [InlineData(true, "Mode=Oidc", "Audience=sam", "Oidc:Authority=http://127.0.0.1:5000")]
    [InlineData(true, "Mode=Oidc", "Audience=sam", "Oidc:Authority=http://localhost:5000/dev")]
    [InlineData(false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=https://issuer.example", "Oidc:ClientTokenMark=gty=client-credentials")]
    [InlineData(false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=https://issuer.example", "ClockSkew=00:01:00")]
    [InlineData(false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=https://issuer.example", "ClockSkew=00:00:00")]
    [InlineData(false, "Mode=EntraId", Tenant, Client)]
    [InlineData(false, "Mode=EntraId", Tenant, Client, "Audience=api://sam", "EntraId:Instance=https://login.microsoftonline.us/")]
    public void Settings_that_make_sense_start(bool isDevelopment, params string[] settings) => Validate(isDevelopment, settings);

    [Theory]
    [InlineData("Mode is not set", true)]
    [InlineData("Mode is not set", true, "Audience=sam")]
    [InlineData("Mode", true, "Mode=Anybody")]
    [InlineData("Mode is not set", true, "Mode=3")]
    [InlineData("the environment is not", false, "Mode=Development", "Audience=sam")]
    [InlineData("Audience is not set", true, "Mode=Development")]
    [InlineData("Audience is not set", false, "Mode=Oidc", "Oidc:Authority=https://issuer.example")]
    [InlineData("Audience is empty", false, "Mode=Oidc", "Audience=", "Oidc:Authority=https://issuer.example")]
    [InlineData("Audience is empty", false, "Mode=EntraId", "Audience= sam", Tenant, Client)]
    [InlineData("Oidc:Authority is not set", false, "Mode=Oidc", "Audience=sam")]
    [InlineData("Oidc:Authority is not set", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=")]
    [InlineData("https address", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=issuer.example")]
    [InlineData("https address", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=/issuer")]
    [InlineData("https address", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=http://issuer.example")]
    [InlineData("https address", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=http://127.0.0.1:5000")]
    [InlineData("or an http address on loopback", true, "Mode=Oidc", "Audience=sam", "Oidc:Authority=http://issuer.example")]
    [InlineData("https address", true, "Mode=Oidc", "Audience=sam", "Oidc:Authority=ftp://127.0.0.1")]
    [InlineData("https address", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=https://issuer.example?a=b")]
    [InlineData("https address", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=https://issuer.example#a")]
    [InlineData("https address", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=https://user@issuer.example")]
    [InlineData("ClientTokenMark", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=https://issuer.example", "Oidc:ClientTokenMark=")]
    [InlineData("ClientTokenMark", false, "Mode=Oidc", "Audience=sam", "Oidc:Authority=https://issuer.example", "Oidc:ClientTokenMark==a")]
    [InlineData("ClockSkew", false, "Mode=EntraId", Tenant, Client, "ClockSkew=00:01:01")]
    [InlineData("ClockSkew", false, "Mode=EntraId", Tenant, Client, "ClockSkew=-00:00:01")]
    [InlineData("TenantId", false, "Mode=EntraId", Client)]
    [InlineData("TenantId", false, "Mode=EntraId", Client, "EntraId:TenantId=common")]
    [InlineData("TenantId", false, "Mode=EntraId", Client, "EntraId:TenantId=organizations")]
    [InlineData("TenantId", false, "Mode=EntraId", Client, "EntraId:TenantId=contoso.onmicrosoft.com")]
    [InlineData("TenantId", false, "Mode=EntraId", Client, "EntraId:TenantId=00000000-0000-0000-0000-000000000000")]
    [InlineData("ClientId", false, "Mode=EntraId", Tenant)]
    [InlineData("ClientId", false, "Mode=EntraId", Tenant, "EntraId:ClientId=sam")]
    [InlineData("Instance", false, "Mode=EntraId", Tenant, Client, "EntraId:Instance=http://login.microsoftonline.com/")]
    [InlineData("Instance", false, "Mode=EntraId", Tenant, Client, "EntraId:Instance=login.microsoftonline.com")]
    [InlineData("Audiance", true, "Mode=Development", "Audience=sam", "Audiance=sam")]
    public void Settings_that_do_not_stop_the_start(string message, bool isDevelopment, params string[] settings)
    {
        Exception refused = Assert.ThrowsAny<Exception>(() => Validate(isDevelopment, settings));
        Assert.True(refused is OptionsValidationException or InvalidOperationException, refused.GetType().Name);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Development_needs_a_host_that_issues()
    {
        using ServiceProvider services = Services(isDevelopment: true, "Mode=Development", "Audience=sam");
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(services.GetRequiredService<ITokenAuthenticator>);
        Assert.Contains("no development issuer", refused.Message, StringComparison.Ordinal);
    }

    private static void Validate(bool isDevelopment, params string[] settings)
    {
        using ServiceProvider services = Services(isDevelopment, settings);
        services.GetRequiredService<IStartupValidator>().Validate();
    }

    private static ServiceProvider Services(bool isDevelopment, params string[] settings)
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSamAuthentication(AuthenticationBed.Section(settings.Select(s => (s[..s.IndexOf('=', StringComparison.Ordinal)], s[(s.IndexOf('=', StringComparison.Ordinal) + 1)..]))), isDevelopment);
        return services.BuildServiceProvider();
    }
}
