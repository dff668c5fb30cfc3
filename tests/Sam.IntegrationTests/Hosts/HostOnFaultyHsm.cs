using System.Security.Cryptography;
using Sam.Core.Results;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>
/// The real host on a token of its own, whose objects can be counted, through a shim of its own, whose sessions can. PINs cost next to nothing here:
/// these tests ask for many SADs, and Argon2id is not what they test.
/// </summary>
internal sealed class HostOnFaultyHsm : IAsyncDisposable
{
    private static readonly string[] _expected =
        [nameof(SamErrorCode.RouteUnknown), nameof(SamErrorCode.NotInitialized), nameof(SamErrorCode.OfficerUnknown), nameof(SamErrorCode.NotTheSigner)];

    private HostOnFaultyHsm(SoftHsmFixture token, Pkcs11Shim shim, Deployment deployment, LocalHostProcess host)
    {
        Token = token;
        Shim = shim;
        Deployment = deployment;
        Host = host;
    }

    internal SoftHsmFixture Token { get; }

    internal Pkcs11Shim Shim { get; }

    internal Deployment Deployment { get; }

    internal LocalHostProcess Host { get; }

    internal static async Task<HostOnFaultyHsm> StartAsync(AzuriteFixture azurite, params (string Key, string Value)[] changes)
    {
        SoftHsmFixture token = new();
        await token.InitializeAsync();
        Pkcs11Shim shim = token.CreateShim();
        Deployment deployment = new(token, azurite, ownsHsm: true);
        LocalHostProcess host = await deployment.StartAsync(
        [
            ("Sam__Pkcs11__ModulePath", shim.ModulePath),
            ("Sam__Pin__Cost__MemoryKiB", "8"),
            ("Sam__Pin__Cost__Iterations", "1"),
            ("Sam__Pin__Cost__Parallelism", "1"),
            .. changes,
        ]);
        return new HostOnFaultyHsm(token, shim, deployment, host);
    }

    internal static byte[] NewDigest() => RandomNumberGenerator.GetBytes(32);

    /// <summary>What a client sees of an answer, for a table.</summary>
    internal static string Told(CscReply reply) => reply.Status == 200 ? "200"
        : $"{reply.Status} {reply.Error}{(reply.Headers.RetryAfter is { } after ? $", again after {after} s" : string.Empty)}";

    /// <summary>
    /// How many refusals there were of each cause, which the answers do not tell on purpose. Without the one that every test host plants in its log, and those by which the ceremony learns what is
    /// there already.
    /// </summary>
    internal async Task<string> CausesAsync() =>
        string.Join(", ", (await Host.CountRefusalsAsync()).Where(c => c.Value > 0 && !_expected.Contains(c.Key)).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}"));

    /// <summary>Ends the host in good order, and nothing may be open at the HSM then.</summary>
    internal async Task EndAsync()
    {
        Assert.Equal(0, await Host.StopAsync());
        Assert.Equal(0, Shim.OpenSessions());
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Token.DisposeAsync();
    }
}
