using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11;
using Sam.Testing.Conformance;
using Sam.Testing.Hsm;
using Xunit;

namespace Sam.IntegrationTests.KeyBackends;

public sealed class Pkcs11HsmAnchorTests(SoftHsmFixture hsm) : HsmAnchorConformance
{
    private string? _label;
    private Pkcs11Shim? _shim;

    /// <summary>
    /// Without a PIN anybody who reaches the token can put a public object of any label into it. It is not read as an anchor.
    /// </summary>
    [Fact]
    [Trait("Requirement", "SIG-7")]
    public async Task What_a_session_without_a_PIN_puts_there_is_no_anchor()
    {
        IHsmAnchor anchors = (IHsmAnchor)Backend;
        Assert.Empty(await anchors.ReadAnchorsAsync(Cancellation));

        // Another copy of SoftHSM, so another application, which has not logged in.
        PutPublicObject(hsm.CreateShim().ModulePath, "sam-anchor", [1, 2, 3]);

        Assert.Empty(await anchors.ReadAnchorsAsync(Cancellation));
        await anchors.WriteAnchorAsync(new byte[] { 9 }, [[1, 2, 3]], Cancellation);
        Assert.Equal([9], Assert.Single(await anchors.ReadAnchorsAsync(Cancellation)));
    }

    protected override async Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken)
    {
        // A token that has an anchor takes no other deployment.
        _label = await hsm.AddTokenAsync(cancellationToken);
        _shim = hsm.CreateShim();
        return await OpenAgainAsync(cancellationToken);
    }

    protected override async Task<IKeyBackend> OpenAgainAsync(CancellationToken cancellationToken) => await Pkcs11KeyBackend.OpenAsync(
        new Pkcs11Options { ModulePath = _shim!.ModulePath, TokenLabel = _label!, PinFile = hsm.PinFile }, TimeProvider.System, cancellationToken);

    private void PutPublicObject(string modulePath, string label, byte[] value)
    {
        using Pkcs11Library library = new(modulePath);
        CK_C_INITIALIZE_ARGS? arguments = new() { Flags = CKF.CKF_OS_LOCKING_OK };
        Assert.Equal(CKR.CKR_OK, library.C_Initialize(arguments));
        try
        {
            ulong count = 64;
            ulong[] slots = new ulong[count];
            Assert.Equal(CKR.CKR_OK, library.C_GetSlotList(true, slots, ref count));
            ulong slot = slots.Take((int)count).First(s =>
            {
                CK_TOKEN_INFO info = default;
                return library.C_GetTokenInfo(s, ref info) == CKR.CKR_OK && System.Text.Encoding.UTF8.GetString(info.Label).Trim() == _label;
            });
            ulong session = 0;
            Assert.Equal(CKR.CKR_OK, library.C_OpenSession(slot, CKF.CKF_SERIAL_SESSION | CKF.CKF_RW_SESSION, IntPtr.Zero, IntPtr.Zero, ref session));
            List<CK_ATTRIBUTE> attributes =
            [
                CkaUtils.CreateAttribute(CKA.CKA_CLASS, CKO.CKO_DATA),
                CkaUtils.CreateAttribute(CKA.CKA_TOKEN, true),
                CkaUtils.CreateAttribute(CKA.CKA_PRIVATE, false),
                CkaUtils.CreateAttribute(CKA.CKA_APPLICATION, "FunctionsSam"),
                CkaUtils.CreateAttribute(CKA.CKA_LABEL, label),
                CkaUtils.CreateAttribute(CKA.CKA_VALUE, value),
            ];
            CK_ATTRIBUTE[] template = [.. attributes];
            ulong handle = 0;
            Assert.Equal(CKR.CKR_OK, library.C_CreateObject(session, template, (ulong)template.Length, ref handle));
        }
        finally
        {
            _ = library.C_Finalize(IntPtr.Zero);
        }
    }
}
