using Sam.Testing.Csc;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>The suite of the API on Kestrel.</summary>
public sealed class LocalHostCscTests : CscSuite, IClassFixture<LocalHostFixture>
{
    public LocalHostCscTests(LocalHostFixture fixture) => Sam = fixture.Host;

    protected override SamUnderTest Sam { get; }
}
