using Sam.Core.Keys;
using Sam.Testing.Conformance;
using Sam.Testing.Hsm;

namespace Sam.IntegrationTests.KeyBackends;

public sealed class Pkcs11KeyAgreementTests(SoftHsmFixture token) : KeyAgreementConformance
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => token.OpenAsync(cancellationToken);
}
