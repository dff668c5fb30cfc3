using Net.Pkcs11Interop.Common;
using Sam.Testing.Hsm;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>Something that goes wrong at the HSM, and whether the call goes through all the same. One table for backend, module and host.</summary>
/// <param name="Name">What happens.</param>
/// <param name="Function">Where; for signatures and MACs alike.</param>
/// <param name="Fault">What the shim does.</param>
/// <param name="Always">Every call suffers it, not only the next.</param>
/// <param name="Survived">The same digest is signed in the end, and nobody notices.</param>
internal sealed record HsmFault(string Name, string Function, ShimFault Fault, bool Always, bool Survived)
{
    private const string Init = "C_SignInit";
    private const string Sign = Pkcs11Shim.Sign;

    internal static IReadOnlyList<HsmFault> All { get; } =
    [
        new("session closed before C_SignInit", Init, ShimFault.CloseSession, Always: false, Survived: true),
        new("session closed before C_Sign", Sign, ShimFault.CloseSession, Always: false, Survived: true),
        new("logged out before C_SignInit", Init, ShimFault.LogOut, Always: false, Survived: true),
        new("logged out before C_Sign", Sign, ShimFault.LogOut, Always: false, Survived: true),
        new("not logged in, once", Init, Code(CKR.CKR_USER_NOT_LOGGED_IN), Always: false, Survived: true),
        new("not logged in, for good", Init, Code(CKR.CKR_USER_NOT_LOGGED_IN), Always: true, Survived: false),
        new("device error, once", Sign, Code(CKR.CKR_DEVICE_ERROR), Always: false, Survived: true),
        new("device error, for good", Sign, Code(CKR.CKR_DEVICE_ERROR), Always: true, Survived: false),
        new("handle lost, once", Init, Code(CKR.CKR_OBJECT_HANDLE_INVALID), Always: false, Survived: true),
        new("handle lost, for good", Init, Code(CKR.CKR_KEY_HANDLE_INVALID), Always: true, Survived: false),
        new("no memory", Sign, Code(CKR.CKR_HOST_MEMORY), Always: false, Survived: false),
        new("function failed", Sign, Code(CKR.CKR_FUNCTION_FAILED), Always: false, Survived: false),
        new("a vendor's own code", Sign, ShimFault.Fail(0x8000_0DEA), Always: false, Survived: false),
        new("token not present", Init, Code(CKR.CKR_TOKEN_NOT_PRESENT), Always: false, Survived: false),
        new("device removed, for good", Init, Code(CKR.CKR_DEVICE_REMOVED), Always: true, Survived: false),
    ];

    /// <summary>As it happens to MACs, whose C_Sign has a name of its own in the shim.</summary>
    internal HsmFault OfMacs => Function == Sign ? this with { Function = Pkcs11Shim.Mac } : this;

    internal void InjectInto(Pkcs11Shim shim) => shim.Inject(Function, Fault, Always);

    public override string ToString() => Name;

    private static ShimFault Code(CKR code) => ShimFault.Fail((ulong)code);
}
