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

public sealed class ManagedHsmKeyDecryptionTests(ManagedHsmFixture hsms) : KeyDecryptionConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.ManagedHsmHost);
}

public sealed class ManagedHsmRandomBytesTests(ManagedHsmFixture hsms) : RandomBytesConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.ManagedHsmHost);
}

public sealed class ManagedHsmKeyAttestationTests(ManagedHsmFixture hsms) : KeyAttestationConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.ManagedHsmHost);
}

public sealed class KeyVaultPremiumKeyDecryptionTests(ManagedHsmFixture hsms) : KeyDecryptionConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.KeyVaultHost);
}

public sealed class KeyVaultPremiumRandomBytesTests(ManagedHsmFixture hsms) : RandomBytesConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.KeyVaultHost);
}

public sealed class KeyVaultPremiumKeyAttestationTests(ManagedHsmFixture hsms) : KeyAttestationConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.KeyVaultHost);
}

public sealed class ManagedHsmPoolsKeyDecryptionTests(ManagedHsmFixture hsms) : KeyDecryptionConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenPoolsAsync();
}

public sealed class ManagedHsmPoolsRandomBytesTests(ManagedHsmFixture hsms) : RandomBytesConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenPoolsAsync();
}

public sealed class ManagedHsmPoolsKeyAttestationTests(ManagedHsmFixture hsms) : KeyAttestationConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenPoolsAsync();
}

public sealed class ManagedHsmKeyImportTests(ManagedHsmFixture hsms) : KeyImportConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.ManagedHsmHost);

    protected override int CountKeys() => hsms.CountKeys(FakeManagedHsm.ManagedHsmHost);
}

public sealed class KeyVaultPremiumKeyImportTests(ManagedHsmFixture hsms) : KeyImportConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenAsync(FakeManagedHsm.KeyVaultHost);

    protected override int CountKeys() => hsms.CountKeys(FakeManagedHsm.KeyVaultHost);
}

public sealed class ManagedHsmPoolsKeyImportTests(ManagedHsmFixture hsms) : KeyImportConformance, IClassFixture<ManagedHsmFixture>
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => hsms.OpenPoolsAsync();

    protected override int CountKeys() => hsms.CountKeys(FakeManagedHsm.ManagedHsmHost, FakeManagedHsm.SecondManagedHsmHost);
}
