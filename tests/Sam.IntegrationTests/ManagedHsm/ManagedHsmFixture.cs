using Microsoft.Extensions.Time.Testing;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm;
using Sam.Testing.ManagedHsm;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>Two Managed HSMs and a Key Vault Premium for the suites.</summary>
public sealed class ManagedHsmFixture : IAsyncLifetime
{
    private readonly FakeCredential _credential = new();
    private readonly List<FakeManagedHsm> _hsms = [];
    private readonly List<RestKeyManagement> _managements = [];

    public async ValueTask InitializeAsync()
    {
        foreach (string host in (string[])[FakeManagedHsm.ManagedHsmHost, FakeManagedHsm.SecondManagedHsmHost, FakeManagedHsm.KeyVaultHost])
        {
            FakeManagedHsm hsm = await FakeManagedHsm.StartAsync(host, _credential);
            _hsms.Add(hsm);
            _managements.Add(new RestKeyManagement(hsm, _credential));
        }
    }

    /// <summary>A backend whose clock stands still: on a busy machine nothing here is late.</summary>
    public Task<IKeyBackend> OpenAsync(string host)
    {
        int i = _hsms.FindIndex(h => h.Host == host);
        return Task.FromResult<IKeyBackend>(new ManagedHsmKeyBackend(ManagedHsmBed.Options(_hsms[i], _credential), _ => _managements[i], new FakeTimeProvider()));
    }

    /// <summary>A backend over both Managed HSMs.</summary>
    public Task<IKeyBackend> OpenPoolsAsync() => Task.FromResult<IKeyBackend>(new ManagedHsmKeyBackend(
        TwoPoolsBed.Options([.. _hsms.Take(2)], _credential), address => _managements[_hsms.FindIndex(h => h.Endpoint == address)], new FakeTimeProvider()));

    public async ValueTask DisposeAsync()
    {
        _managements.ForEach(m => m.Dispose());
        foreach (FakeManagedHsm hsm in _hsms)
        {
            await hsm.DisposeAsync();
        }
    }
}
