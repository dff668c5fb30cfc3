using System.Collections;
using System.Runtime.InteropServices;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;

namespace Sam.KeyBackends.Pkcs11.Native;

/// <summary>A CK_ATTRIBUTE array, written as a collection. Its memory is cleared before it is freed: one of the values may be a secret.</summary>
internal sealed class Template : IEnumerable, IDisposable
{
    private readonly List<CK_ATTRIBUTE> _attributes = [];

    /// <summary>The attributes; CKA_MODIFIABLE last: SoftHSM 2.6.1 takes them one by one, and an object that is unwrapped takes none after that (CKR_ATTRIBUTE_READ_ONLY).</summary>
    internal CK_ATTRIBUTE[] ToArray() => [.. _attributes.OrderBy(attribute => attribute.type == (ulong)CKA.CKA_MODIFIABLE)];

    internal void Add(CKA type, bool value) => Add(type, [value ? (byte)1 : (byte)0]);

    internal void Add(CKA type, ulong value) => Add(type, BitConverter.GetBytes(value));

    internal void Add(CKA type, CKO value) => Add(type, (ulong)value);

    internal void Add(CKA type, CKK value) => Add(type, (ulong)value);

    internal void Add(CKA type, params ReadOnlySpan<CKM> mechanisms)
    {
        byte[] value = new byte[mechanisms.Length * sizeof(ulong)];
        for (int i = 0; i < mechanisms.Length; i++)
        {
            BitConverter.TryWriteBytes(value.AsSpan(i * sizeof(ulong)), (ulong)mechanisms[i]);
        }

        Add(type, value);
    }

    internal void Add(CKA type, byte[] value)
    {
        IntPtr memory = Marshal.AllocHGlobal(value.Length);
        Marshal.Copy(value, 0, memory, value.Length);
        _attributes.Add(new CK_ATTRIBUTE { type = (ulong)type, value = memory, valueLen = (ulong)value.Length });
    }

    /// <inheritdoc/>
    public IEnumerator GetEnumerator() => _attributes.GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CK_ATTRIBUTE attribute in _attributes)
        {
            Marshal.Copy(new byte[attribute.valueLen], 0, attribute.value, (int)attribute.valueLen);
            Marshal.FreeHGlobal(attribute.value);
        }

        _attributes.Clear();
    }
}
