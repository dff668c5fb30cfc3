using Sam.Core.Keys;
using Sam.Testing.Conformance;
using Sam.Testing.InMemory;

namespace Sam.Tests.Keys;

public sealed class SoftwareKeyAgreementTests : KeyAgreementConformance
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => Task.FromResult<IKeyBackend>(new SoftwareKeyBackend());
}
