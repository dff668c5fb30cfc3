using Net.Pkcs11Interop.Common;

namespace Sam.KeyBackends.Pkcs11.Native;

/// <summary>A PKCS#11 function answered something else than CKR_OK. Never leaves this project: <see cref="Failures"/> says what it means.</summary>
#pragma warning disable CA1064 // It is caught where it is thrown from, one assembly; public it would invite others to catch it.
internal sealed class CkException : Exception
#pragma warning restore CA1064
{
    internal CkException(string function, CKR code)
        : base($"{function} answered {code}.")
    {
        Function = function;
        Code = code;
    }

    internal string Function { get; }

    internal CKR Code { get; }

    internal static void ThrowUnlessOk(CKR code, string function)
    {
        if (code != CKR.CKR_OK)
        {
            throw new CkException(function, code);
        }
    }
}
