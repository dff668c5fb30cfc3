using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11;
using Sam.Testing.Hsm;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>Opens the PKCS#11 backend on the token of the run.</summary>
internal static class SoftHsmBackend
{
    internal static Pkcs11Options Options(this SoftHsmFixture token, Pkcs11Shim? shim = null) => new()
    {
        ModulePath = (shim ?? token.Shim).ModulePath,
        TokenLabel = token.TokenLabel,
        PinFile = token.PinFile,

        // Far beyond what any call here takes on a busy machine; tests of time-outs turn a clock of their own.
        OperationTimeout = TimeSpan.FromMinutes(2),
        KeyGenerationTimeout = TimeSpan.FromMinutes(5),
    };

    internal static async Task<IKeyBackend> OpenAsync(this SoftHsmFixture token, CancellationToken cancellationToken) =>
        await Pkcs11KeyBackend.OpenAsync(token.Options(), TimeProvider.System, cancellationToken);
}
