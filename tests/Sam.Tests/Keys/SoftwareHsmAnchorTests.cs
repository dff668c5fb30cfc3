using Sam.Core.Keys;
using Sam.Testing.Conformance;
using Sam.Testing.InMemory;
using Xunit;

namespace Sam.Tests.Keys;

public sealed class SoftwareHsmAnchorTests : HsmAnchorConformance
{
    [Fact]
    public async Task There_is_none_at_first() => Assert.Empty(await ((IHsmAnchor)Backend).ReadAnchorsAsync(Cancellation));

    protected override Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken) => Task.FromResult<IKeyBackend>(new SoftwareKeyBackend());

    protected override Task<IKeyBackend> OpenAgainAsync(CancellationToken cancellationToken) => Task.FromResult(Backend);
}
