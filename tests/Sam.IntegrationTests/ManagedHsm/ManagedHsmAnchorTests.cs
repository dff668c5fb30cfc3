using Sam.Core.Keys;
using Sam.Testing.Conformance;
using Sam.Testing.ManagedHsm;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

public sealed class ManagedHsmAnchorTests(ManagedHsmFixture hsms) : HsmAnchorConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.ManagedHsmHost);

    protected override Task<IKeyBackend> OpenAgainAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);
}

public sealed class KeyVaultPremiumAnchorTests(ManagedHsmFixture hsms) : HsmAnchorConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.KeyVaultHost);

    protected override Task<IKeyBackend> OpenAgainAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);
}

public sealed class ManagedHsmPoolsAnchorTests(ManagedHsmFixture hsms) : HsmAnchorConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenPoolsAsync();

    protected override Task<IKeyBackend> OpenAgainAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);
}
