using System.Net;
using System.Net.Sockets;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>What stops a host from starting, and what it says then: one line that names the setting.</summary>
public sealed class StartTests
{
    // What the framework logs of a failed start is not what is asked here.
    private static readonly (string Key, string Value)[] _quiet = [("Logging__LogLevel__Default", "None"), ("Logging__LogLevel__Microsoft.AspNetCore", "None")];

    private static readonly (string Key, string Value)[] _production =
    [
        ("ASPNETCORE_ENVIRONMENT", "Production"),
        ("Sam__Authentication__Mode", "Oidc"),
        ("Sam__Authentication__Audience", "sam"),
        ("Sam__Authentication__Oidc__Authority", "https://issuer.example"),
    ];

    private readonly Deployment _deployment;

    public StartTests(SoftHsmFixture hsm, AzuriteFixture azurite) => _deployment = new Deployment(hsm, azurite);

    public static TheoryData<string, string, string> Faults()
    {
        string wrongPin = Path.GetTempFileName();
        File.WriteAllText(wrongPin, SecretLedger.Note("wrong PIN of the HSM", "not-the-pin-at-all-0000"));
        return new()
        {
            { "Sam__Pkcs11__PinFile", wrongPin, "PIN" },
            { "Sam__Pkcs11__PinFile", "/nowhere/pin", "PinFile" },
            { "Sam__Pkcs11__ModulePath", "/nowhere/module.so", "ModulePath" },
            { "Sam__Pkcs11__TokenLabel", "no-such-token", "TokenLabel" },
            { "Sam__Storage__ConnectionString", "nonsense", "onnection" },
            { "Sam__Activation__SadLifetime", "00:10:00", "SadLifetime" },
            { "Sam__Activation__MaxDigestsInHand", "0", "MaxDigestsInHand" },
            { "Sam__Pin__MaxAttemps", "3", "MaxAttemps" },
            { "Sam__Gat__MaxSigning", "3", "Gat" },
            { "Sam__Authentication__Oidc__Autority", "https://issuer.example", "Autority" },
            { "Sam__Pin__MaxAttempts", "0", "MaxAttempts" },
            { "Sam__Gate__MaxSigning", "0", "MaxSigning" },
            { "Sam__Info__Region", "Japan", "Region" },
            { "Sam__Authentication__Mode", "Oidc", "Authority" },
            { "ASPNETCORE_ENVIRONMENT", "Production", "Development" },
        };
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_wrong_setting_stops_the_start_with_one_line(string key, string value, string named)
    {
        (int exitCode, string output) = await LocalHostProcess.RunToEndAsync(_deployment.Settings([.. _quiet, (key, value)]));
        Assert.Equal(1, exitCode);
        string line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("The SAM does not start: ", line, StringComparison.Ordinal);
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_stops_the_start_with_one_line()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string address = $"http://{taken.LocalEndpoint}";
        (int exitCode, string output) = await LocalHostProcess.RunToEndAsync(
            _deployment.Settings([.. _quiet, ("ASPNETCORE_URLS", address)]));
        Assert.Equal(1, exitCode);
        Assert.Contains("address already in use", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_Development_a_PIN_that_costs_next_to_nothing_to_try_stops_the_start()
    {
        (int exitCode, string output) = await LocalHostProcess.RunToEndAsync(
            _deployment.Settings([.. _quiet, .. _production, ("Sam__Pin__Cost__MemoryKiB", "8"), ("Sam__Pin__Cost__Iterations", "1")]));
        Assert.Equal(1, exitCode);
        Assert.Contains("Sam:Pin:Cost", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_Development_no_development_endpoint_exists()
    {
        await using LocalHostProcess host = await _deployment.StartAsync(_production);
        foreach (string path in new[] { "dev/token", "dev/officers", "dev/signers/0123456789abcdef0123456789abcdef/any-client", "dev/refusals", "dev/jwks", "dev/.well-known/openid-configuration" })
        {
            foreach (HttpMethod method in new[] { HttpMethod.Get, HttpMethod.Post })
            {
                using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
                using HttpResponseMessage response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            }
        }
    }
}
