using System.Globalization;
using System.Net;
using Sam.Functions.Tests.Host;
using Sam.IntegrationTests.Hosts;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.Functions.Tests;

/// <summary>How a worker starts, refuses to start, and ends.</summary>
public sealed class LifeTests
{
    // Nobody asks this issuer for anything here.
    private static readonly Uri _issuer = new("http://127.0.0.1:1/dev");

    // What the framework logs of a failed start is not what is asked here.
    private static readonly (string Key, string Value)[] _quiet = [("Logging__LogLevel__Default", "None"), ("Logging__LogLevel__Microsoft.AspNetCore", "None")];

    private readonly Deployment _deployment;

    public LifeTests(SoftHsmFixture hsm, AzuriteFixture azurite) => _deployment = new Deployment(hsm, azurite);

    [Fact]
    public async Task It_ends_with_0_when_the_host_says_so()
    {
        await using FunctionsHost host = await FunctionsHost.StartAsync(FunctionsSam.WorkerSettings(_deployment, _issuer));
        using (HttpResponseMessage ready = await host.Http.GetAsync("readyz", TestContext.Current.CancellationToken))
        {
            // So that an HSM and two stores are open when it ends.
            Assert.True(ready.StatusCode == HttpStatusCode.OK, string.Join('\n', host.Failures.Concat(host.Worker.Lines)));
        }

        Assert.Equal(0, await host.TerminateAsync());
        Assert.Empty(host.Failures);
    }

    [Fact]
    public async Task Info_needs_neither_HSM_nor_storage_and_readyz_says_what_is_away()
    {
        await using FunctionsHost host = await FunctionsHost.StartAsync(FunctionsSam.WorkerSettings(
            _deployment, _issuer, ("Sam__Pkcs11__ModulePath", "/nowhere/module.so"), ("Sam__Storage__ConnectionString", "AccountName=x;AccountKey=eA==;TableEndpoint=http://127.0.0.1:1/x;")));
        using HttpResponseMessage info = await host.Http.GetAsync("csc/v2/info", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, info.StatusCode);
        using HttpResponseMessage ready = await host.Http.GetAsync("readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("\"hsm\":\"away\"", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sam__ManagedHsm__Endpoint", "https://name.managedhsm.azure.net", "exactly one HSM")]
    [InlineData("Sam__Pkcs11__TokenLabel", "", "TokenLabel")]
    [InlineData("Sam__Pkcs11__Tokenlabell", "x", "Tokenlabell")]
    [InlineData("Sam__Storage__Endpoint", "https://account.table.core.windows.net", "Sam:Storage")]
    [InlineData("Sam__Audit__TablePrefix", "1", "Sam:Audit")]
    [InlineData("Sam__Activation__SadLifetime", "00:10:00", "SadLifetime")]
    [InlineData("Sam__MaxBodyBytes", "1", "MaxBodyBytes")]
    [InlineData("Sam__Authentication__Audience", " sam", "Audience")]
    [InlineData("Sam__Authentication__Mode", "Development", "Development")]
    public async Task A_wrong_setting_stops_the_start_with_one_line(string key, string value, string named)
    {
        (int exitCode, IReadOnlyList<string> lines) = await FunctionsHost.RunToEndAsync(FunctionsSam.WorkerSettings(_deployment, _issuer, [.. _quiet, (key, value)]));
        Assert.Equal(1, exitCode);
        string line = Assert.Single(lines);
        Assert.StartsWith("The SAM does not start: ", line, StringComparison.Ordinal);
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_HSM_it_does_not_start()
    {
        Dictionary<string, string> settings = FunctionsSam.WorkerSettings(_deployment, _issuer, _quiet);
        foreach (string key in settings.Keys.Where(key => key.StartsWith("Sam__Pkcs11__", StringComparison.Ordinal)).ToArray())
        {
            settings.Remove(key);
        }

        (int exitCode, IReadOnlyList<string> lines) = await FunctionsHost.RunToEndAsync(settings);
        Assert.Equal(1, exitCode);
        Assert.Contains("exactly one HSM", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_settings_of_a_deployment_it_starts_and_answers_info()
    {
        // As infra/main.bicep sets them. Nothing of Azure is asked before a request needs it.
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["Sam__PublicAddress"] = "https://sam.example",
            ["Sam__Info__Region"] = "JP",
            ["Sam__Authentication__Mode"] = "EntraId",
            ["Sam__Authentication__EntraId__Instance"] = "https://login.microsoftonline.com/",
            ["Sam__Authentication__EntraId__TenantId"] = "11111111-1111-1111-1111-111111111111",
            ["Sam__Authentication__EntraId__ClientId"] = "22222222-2222-2222-2222-222222222222",
            ["Sam__Storage__Endpoint"] = "https://rows.table.core.windows.net/",
            ["Sam__Storage__ManagedIdentityClientId"] = "33333333-3333-3333-3333-333333333333",
            ["Sam__Storage__CreateTables"] = "false",
            ["Sam__Audit__Endpoint"] = "https://audit.table.core.windows.net/",
            ["Sam__Audit__ManagedIdentityClientId"] = "33333333-3333-3333-3333-333333333333",
            ["Sam__Audit__CreateTables"] = "false",
            ["Sam__ManagedHsm__Endpoint"] = "https://name.managedhsm.azure.net",
            ["Sam__ManagedHsm__ManagedIdentityClientId"] = "33333333-3333-3333-3333-333333333333",

            // Nobody answers there: what cannot be sent keeps nobody waiting.
            ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = "InstrumentationKey=44444444-4444-4444-4444-444444444444;IngestionEndpoint=https://127.0.0.1:9/",
            ["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] = "ClientId=33333333-3333-3333-3333-333333333333;Authorization=AAD",
        };
        await using FunctionsHost host = await FunctionsHost.StartAsync(settings);
        string info = await host.Http.GetStringAsync("csc/v2/info", TestContext.Current.CancellationToken);
        TestReport.Add("worker with a deployment's settings, start to first info", string.Create(CultureInfo.InvariantCulture, $"{host.Worker.Age.TotalSeconds:0.00} s"));
        Assert.Contains("https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0", info, StringComparison.Ordinal);
        Assert.Contains("https://sam.example/logo.png", info, StringComparison.Ordinal);
    }
}
