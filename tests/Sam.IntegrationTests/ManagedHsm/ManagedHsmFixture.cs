using Azure.Core;
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
    private readonly FakeCredential _importCredential = new();
    private readonly List<FakeManagedHsm> _hsms = [];
    private readonly List<RestKeyManagement> _managements = [];

    public async ValueTask InitializeAsync()
    {
        foreach (string host in (string[])[FakeManagedHsm.ManagedHsmHost, FakeManagedHsm.SecondManagedHsmHost, FakeManagedHsm.KeyVaultHost])
        {
            _hsms.Add(await FakeManagedHsm.StartAsync(host, _credential, _importCredential));
        }
    }

    /// <summary>A backend whose clock stands still: on a busy machine nothing here is late.</summary>
    public Task<IKeyBackend> OpenAsync(string host)
    {
        FakeManagedHsm hsm = _hsms.Single(h => h.Host == host);
        return Task.FromResult<IKeyBackend>(new ManagedHsmKeyBackend(ManagedHsmBed.Options(hsm, _credential), ManageAt, new FakeTimeProvider()));
    }

    /// <summary>A backend over both Managed HSMs.</summary>
    public Task<IKeyBackend> OpenPoolsAsync() => Task.FromResult<IKeyBackend>(new ManagedHsmKeyBackend(
        TwoPoolsBed.Options([.. _hsms.Take(2)], _credential), ManageAt, new FakeTimeProvider()));

    /// <summary>How many keys these HSMs have.</summary>
    public int CountKeys(params string[] hosts) => _hsms.Where(h => hosts.Contains(h.Host)).Sum(h => h.KeyNames.Count);

    public async ValueTask DisposeAsync()
    {
        _managements.ForEach(m => m.Dispose());
        foreach (FakeManagedHsm hsm in _hsms)
        {
            await hsm.DisposeAsync();
        }
    }

    private RestKeyManagement ManageAt(Uri address, TokenCredential credential)
    {
        RestKeyManagement management = new(_hsms.Single(h => h.Endpoint == address), credential);
        lock (_managements)
        {
            _managements.Add(management);
        }

        return management;
    }
}
