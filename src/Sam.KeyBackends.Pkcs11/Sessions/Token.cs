using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Objects;

namespace Sam.KeyBackends.Pkcs11.Sessions;

/// <summary>One token of a loaded module, logged in, with what is known of its objects.</summary>
internal sealed class Token
{
    private readonly NativeModule _module;
    private readonly ulong _slot;

    private Token(NativeModule module, ulong slot, string modulePath, string tokenLabel, byte[] pin)
    {
        _module = module;
        _slot = slot;
        Login = new TokenLogin(OpenSession, PinHistory.Of(modulePath, tokenLabel), tokenLabel, pin);
        Keys = new KeyHandles(Login);
    }

    internal TokenLogin Login { get; }

    internal KeyHandles Keys { get; }

    /// <summary>Loads the module, finds the token and logs in. Blocks as long as the HSM does.</summary>
    /// <exception cref="KeyBackendException">One message that names the setting at fault.</exception>
    internal static Token Open(string modulePath, string tokenLabel, byte[] pin)
    {
        NativeModule module = NativeModule.Acquire(modulePath);
        try
        {
            Token token = new(module, TokenSlots.Find(module.Functions, tokenLabel), modulePath, tokenLabel, pin);
            token.Login.Restore();
            return token;
        }
        catch (Exception failure)
        {
            module.Release();
            if (failure is CkException known)
            {
                throw Failures.ToKeyBackendException(known);
            }

            throw;
        }
    }

    internal Session OpenSession() => Session.Open(_module, _slot);

    /// <summary>Asks the token itself, not only its library.</summary>
    internal void Ask() => TokenSlots.Ask(_module.Functions, _slot);

    internal void Close()
    {
        Login.Close();
        _module.Release();
    }
}
