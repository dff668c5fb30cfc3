using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>One host for the tests of a class.</summary>
public sealed class LocalHostFixture : IAsyncLifetime
{
    private LocalHostProcess? _host;

    /// <summary>A deployment of its own.</summary>
    public LocalHostFixture(SoftHsmFixture hsm, AzuriteFixture azurite) => Deployment = new Deployment(hsm, azurite);

    /// <summary>The deployment, for more hosts.</summary>
    public Deployment Deployment { get; }

    /// <summary>The host.</summary>
    public LocalHostProcess Host => _host!;

    public async ValueTask InitializeAsync() => _host = await Deployment.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }
}
