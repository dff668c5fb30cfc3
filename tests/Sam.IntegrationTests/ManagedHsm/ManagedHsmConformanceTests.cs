using Sam.Core.Keys;
using Sam.Testing.Conformance;
using Sam.Testing.ManagedHsm;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

public sealed class ManagedHsmKeyBackendTests(ManagedHsmFixture hsms) : KeyBackendConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.ManagedHsmHost);
}

public sealed class ManagedHsmKeyWrappingTests(ManagedHsmFixture hsms) : KeyWrappingConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.ManagedHsmHost);
}

public sealed class ManagedHsmMacKeysTests(ManagedHsmFixture hsms) : MacKeysConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.ManagedHsmHost);
}

public sealed class KeyVaultPremiumKeyBackendTests(ManagedHsmFixture hsms) : KeyBackendConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.KeyVaultHost);
}

public sealed class KeyVaultPremiumKeyWrappingTests(ManagedHsmFixture hsms) : KeyWrappingConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.KeyVaultHost);
}

public sealed class KeyVaultPremiumMacKeysTests(ManagedHsmFixture hsms) : MacKeysConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.KeyVaultHost);
}

public sealed class ManagedHsmPoolsKeyBackendTests(ManagedHsmFixture hsms) : KeyBackendConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenPoolsAsync();
}

public sealed class ManagedHsmPoolsKeyWrappingTests(ManagedHsmFixture hsms) : KeyWrappingConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenPoolsAsync();
}

public sealed class ManagedHsmPoolsMacKeysTests(ManagedHsmFixture hsms) : MacKeysConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenPoolsAsync();
}
