using Sam.Core.Keys;
using Sam.Testing.Conformance;
using Sam.Testing.InMemory;

namespace Sam.Tests.Keys;

public sealed class SoftwareHsmAnchorTests : HsmAnchorConformance
{
    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => Task.FromResult<IKeyBackend>(new SoftwareKeyBackend());

    protected override Task<IKeyBackend> OpenAgainAsync(CancellationToken cancellationToken) => Task.FromResult(Backend);
}
