using System.Runtime.InteropServices;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;

namespace Sam.KeyBackends.Pkcs11.Native;

/// <summary>
/// One read-write session: the functions that this project uses, each throwing <see cref="CkException"/> for anything but CKR_OK.
/// One thread at a time.
/// </summary>
internal sealed class Session
{
    // An RSA-4096 signature; everything else is shorter.
    private const int MaxOutputLength = 512;

    private readonly Pkcs11Library _functions;
    private readonly ObjectGate _objects;
    private readonly ulong _session;

    private Session(NativeModule module, ulong session)
    {
        _functions = module.Functions;
        _objects = module.Objects;
        _session = session;
    }

    /// <summary>True while the token takes this application's calls as the user's.</summary>
    internal bool IsLoggedIn
    {
        get
        {
            CK_SESSION_INFO info = default;
            CkException.ThrowUnlessOk(_functions.C_GetSessionInfo(_session, ref info), "C_GetSessionInfo");
            return info.State == (ulong)CKS.CKS_RW_USER_FUNCTIONS;
        }
    }

    internal static Session Open(NativeModule module, ulong slot)
    {
        ulong session = CK.CK_INVALID_HANDLE;
        CKR code = module.Functions.C_OpenSession(slot, CKF.CKF_SERIAL_SESSION | CKF.CKF_RW_SESSION, IntPtr.Zero, IntPtr.Zero, ref session);
        CkException.ThrowUnlessOk(code, "C_OpenSession");
        return new Session(module, session);
    }

    /// <summary>Closes the session; one that the HSM has closed already is as good.</summary>
    internal void Close() => _functions.C_CloseSession(_session);

    /// <summary>Answers the code itself: what a refusal of the PIN means is for the caller to say.</summary>
    internal CKR Login(byte[] pin) => _functions.C_Login(_session, CKU.CKU_USER, pin, (ulong)pin.Length);

    /// <summary>One C_SignInit and one C_Sign: a length query would be another trip to a network HSM.</summary>
    internal byte[] Sign(CK_MECHANISM mechanism, ulong key, byte[] data)
    {
        byte[] signature = new byte[MaxOutputLength];
        ulong length = MaxOutputLength;
        CkException.ThrowUnlessOk(_functions.C_SignInit(_session, ref mechanism, key), "C_SignInit");
        CkException.ThrowUnlessOk(_functions.C_Sign(_session, data, (ulong)data.Length, signature, ref length), "C_Sign");
        return signature[..checked((int)length)];
    }

    internal byte[] GenerateRandom(int count)
    {
        byte[] random = new byte[count];
        CkException.ThrowUnlessOk(_functions.C_GenerateRandom(_session, random, (ulong)count), "C_GenerateRandom");
        return random;
    }

    /// <summary>The handles of the objects that have these attributes, up to a number: whoever wants to know whether there is exactly one asks for two.</summary>
    internal ulong[] Find(Template template, int max) => _objects.WhileSearching(() =>
    {
        CK_ATTRIBUTE[] attributes = template.ToArray();
        CkException.ThrowUnlessOk(_functions.C_FindObjectsInit(_session, attributes, (ulong)attributes.Length), "C_FindObjectsInit");
        ulong[] found = new ulong[max];
        ulong count = 0;
        CKR code = _functions.C_FindObjects(_session, found, (ulong)found.Length, ref count);
        _functions.C_FindObjectsFinal(_session);
        CkException.ThrowUnlessOk(code, "C_FindObjects");
        return found[..(int)count];
    });

    internal (ulong PublicKey, ulong PrivateKey) GenerateKeyPair(CK_MECHANISM mechanism, Template publicKey, Template privateKey)
    {
        CK_ATTRIBUTE[] publicAttributes = publicKey.ToArray();
        CK_ATTRIBUTE[] privateAttributes = privateKey.ToArray();
        ulong publicHandle = CK.CK_INVALID_HANDLE;
        ulong privateHandle = CK.CK_INVALID_HANDLE;
        CKR code = _objects.WhileChanging(() => _functions.C_GenerateKeyPair(
            _session, ref mechanism,
            publicAttributes, (ulong)publicAttributes.Length, privateAttributes, (ulong)privateAttributes.Length,
            ref publicHandle, ref privateHandle));
        CkException.ThrowUnlessOk(code, "C_GenerateKeyPair");
        return (publicHandle, privateHandle);
    }

    internal ulong GenerateKey(CK_MECHANISM mechanism, Template template)
    {
        CK_ATTRIBUTE[] attributes = template.ToArray();
        ulong handle = CK.CK_INVALID_HANDLE;
        CKR code = _objects.WhileChanging(
            () => _functions.C_GenerateKey(_session, ref mechanism, attributes, (ulong)attributes.Length, ref handle));
        CkException.ThrowUnlessOk(code, "C_GenerateKey");
        return handle;
    }

    internal ulong CreateObject(Template template)
    {
        CK_ATTRIBUTE[] attributes = template.ToArray();
        ulong handle = CK.CK_INVALID_HANDLE;
        CkException.ThrowUnlessOk(_functions.C_CreateObject(_session, attributes, (ulong)attributes.Length, ref handle), "C_CreateObject");
        return handle;
    }

    /// <summary>As <see cref="CreateObject"/>, for an object that stays in the token.</summary>
    internal ulong CreateTokenObject(Template template) => _objects.WhileChanging(() => CreateObject(template));

    internal void DestroyObject(ulong handle) =>
        CkException.ThrowUnlessOk(_objects.WhileChanging(() => _functions.C_DestroyObject(_session, handle)), "C_DestroyObject");

    internal byte[] WrapKey(CK_MECHANISM mechanism, ulong wrappingKey, ulong key)
    {
        byte[] wrapped = new byte[MaxOutputLength];
        ulong length = MaxOutputLength;
        CkException.ThrowUnlessOk(_functions.C_WrapKey(_session, ref mechanism, wrappingKey, key, wrapped, ref length), "C_WrapKey");
        return wrapped[..checked((int)length)];
    }

    internal ulong UnwrapKey(CK_MECHANISM mechanism, ulong wrappingKey, byte[] wrapped, Template template)
    {
        CK_ATTRIBUTE[] attributes = template.ToArray();
        ulong handle = CK.CK_INVALID_HANDLE;
        CKR code = _functions.C_UnwrapKey(
            _session, ref mechanism, wrappingKey, wrapped, (ulong)wrapped.Length, attributes, (ulong)attributes.Length, ref handle);
        CkException.ThrowUnlessOk(code, "C_UnwrapKey");
        return handle;
    }

    internal ulong DeriveKey(CK_MECHANISM mechanism, ulong baseKey, Template template)
    {
        CK_ATTRIBUTE[] attributes = template.ToArray();
        ulong handle = CK.CK_INVALID_HANDLE;
        CkException.ThrowUnlessOk(_functions.C_DeriveKey(_session, ref mechanism, baseKey, attributes, (ulong)attributes.Length, ref handle), "C_DeriveKey");
        return handle;
    }

    /// <summary>As <see cref="UnwrapKey"/>, for a key that stays in the token.</summary>
    internal ulong UnwrapTokenKey(CK_MECHANISM mechanism, ulong wrappingKey, byte[] wrapped, Template template) =>
        _objects.WhileChanging(() => UnwrapKey(mechanism, wrappingKey, wrapped, template));

    /// <summary>SoftHSM calls an object that another session is destroying invalid by its values: it is gone, as any that is.</summary>
    private static void ThrowUnlessRead(CKR code) =>
        CkException.ThrowUnlessOk(code == CKR.CKR_ATTRIBUTE_VALUE_INVALID ? CKR.CKR_OBJECT_HANDLE_INVALID : code, "C_GetAttributeValue");

    /// <summary>One attribute's bytes, from unmanaged memory that is cleared afterwards: CKA_VALUE is a secret.</summary>
    internal byte[] GetAttribute(ulong handle, CKA type)
    {
        CK_ATTRIBUTE[] attribute = [new CK_ATTRIBUTE { type = (ulong)type }];
        ThrowUnlessRead(_functions.C_GetAttributeValue(_session, handle, attribute, 1));
        int length = checked((int)attribute[0].valueLen);
        byte[] value = new byte[length];
        attribute[0].value = Marshal.AllocHGlobal(length);
        try
        {
            ThrowUnlessRead(_functions.C_GetAttributeValue(_session, handle, attribute, 1));
            Marshal.Copy(attribute[0].value, value, 0, checked((int)attribute[0].valueLen));
            return value;
        }
        finally
        {
            Marshal.Copy(new byte[length], 0, attribute[0].value, length);
            Marshal.FreeHGlobal(attribute[0].value);
        }
    }
}
