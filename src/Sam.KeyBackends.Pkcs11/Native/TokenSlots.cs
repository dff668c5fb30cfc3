using System.Text;
using Net.Pkcs11Interop.LowLevelAPI80;
using Sam.Core.Keys;

namespace Sam.KeyBackends.Pkcs11.Native;

/// <summary>Finds the slot whose token has a label.</summary>
internal static class TokenSlots
{
    internal static ulong Find(Pkcs11Library functions, string label)
    {
        ulong[] slots = WithTokens(functions);
        ulong[] named = [.. slots.Where(slot => LabelOf(functions, slot) == label)];
        return named.Length == 1
            ? named[0]
            : throw new KeyBackendException(
                KeyBackendFailure.Rejected,
                $"TokenLabel: {(named.Length == 0 ? "no token" : $"{named.Length} tokens")} of {slots.Length} in the PKCS#11 module named '{label}'; there must be one.");
    }

    /// <summary>Asks the token itself, not only the library.</summary>
    internal static void Ask(Pkcs11Library functions, ulong slot) => LabelOf(functions, slot);

    private static ulong[] WithTokens(Pkcs11Library functions)
    {
        ulong count = 0;
        CkException.ThrowUnlessOk(functions.C_GetSlotList(true, null, ref count), "C_GetSlotList");
        ulong[] slots = new ulong[count];
        CkException.ThrowUnlessOk(functions.C_GetSlotList(true, slots, ref count), "C_GetSlotList");
        return slots[..(int)count];
    }

    private static string LabelOf(Pkcs11Library functions, ulong slot)
    {
        CK_TOKEN_INFO info = default;
        CkException.ThrowUnlessOk(functions.C_GetTokenInfo(slot, ref info), "C_GetTokenInfo");
        return Encoding.UTF8.GetString(info.Label).TrimEnd(' ');
    }
}
