using Sam.Testing.Csc;
using Xunit;

namespace Sam.Functions.Tests;

/// <summary>The suite of the API through the worker: the same class as over Kestrel.</summary>
public sealed class FunctionsCscTests : CscSuite, IClassFixture<FunctionsFixture>
{
    public FunctionsCscTests(FunctionsFixture fixture) => Sam = fixture.Sam;

    protected override SamUnderTest Sam { get; }
}
