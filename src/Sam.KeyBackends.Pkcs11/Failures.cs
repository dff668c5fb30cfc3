using Net.Pkcs11Interop.Common;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;

namespace Sam.KeyBackends.Pkcs11;

/// <summary>The one table from CKR_* to what the SAM knows, and to what is tried first.</summary>
internal static class Failures
{
    /// <summary>What may help before the failure is told.</summary>
    internal static Repair RepairOf(CkException failure) => failure.Code switch
    {
        CKR code when IsLostSession(code) || code == CKR.CKR_OPERATION_ACTIVE => Repair.FreshSession,
        CKR.CKR_USER_NOT_LOGGED_IN => Repair.Login,
        CKR code when IsLostHandle(code) => Repair.FindKeyAgain,

        // A key that another session is destroying has lost some of its attributes already: SoftHSM 2.6.1 then speaks of the attribute.
        // Whether the key is there, a search tells; if it is still there after some of them, this was the answer.
        CKR.CKR_KEY_FUNCTION_NOT_PERMITTED or CKR.CKR_KEY_TYPE_INCONSISTENT => Repair.FindKeyAgain,
        CKR.CKR_GENERAL_ERROR when failure.Function is "C_SignInit" or "C_Sign" => Repair.FindKeyAgain,

        CKR.CKR_DEVICE_ERROR => Repair.TryOnceMore,
        _ => Repair.None,
    };

    internal static KeyBackendException ToKeyBackendException(CkException failure) =>
        new(KindOf(failure.Code, failure.Function), $"PKCS#11: {failure.Message}", failure);

    internal static bool IsPinRefusal(CKR code) => code is CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID
        or CKR.CKR_PIN_LEN_RANGE or CKR.CKR_PIN_EXPIRED or CKR.CKR_PIN_LOCKED;

    /// <summary>Such a session is not closed again: its number may be another session's by now.</summary>
    internal static bool IsLostSession(CKR code) => code is CKR.CKR_SESSION_HANDLE_INVALID or CKR.CKR_SESSION_CLOSED;

    private static bool IsLostHandle(CKR code) => code is CKR.CKR_OBJECT_HANDLE_INVALID or CKR.CKR_KEY_HANDLE_INVALID
        or CKR.CKR_WRAPPING_KEY_HANDLE_INVALID or CKR.CKR_UNWRAPPING_KEY_HANDLE_INVALID;

    private static KeyBackendFailure KindOf(CKR code, string function) => code switch
    {
        _ when IsLostHandle(code) => KeyBackendFailure.KeyNotFound,

        CKR.CKR_ACTION_PROHIBITED or CKR.CKR_ARGUMENTS_BAD
            or CKR.CKR_ATTRIBUTE_READ_ONLY or CKR.CKR_ATTRIBUTE_SENSITIVE or CKR.CKR_ATTRIBUTE_TYPE_INVALID or CKR.CKR_ATTRIBUTE_VALUE_INVALID
            or CKR.CKR_BUFFER_TOO_SMALL or CKR.CKR_CURVE_NOT_SUPPORTED
            or CKR.CKR_DATA_INVALID or CKR.CKR_DATA_LEN_RANGE or CKR.CKR_DOMAIN_PARAMS_INVALID
            or CKR.CKR_ENCRYPTED_DATA_INVALID or CKR.CKR_ENCRYPTED_DATA_LEN_RANGE or CKR.CKR_FUNCTION_NOT_SUPPORTED or CKR.CKR_FUNCTION_REJECTED
            or CKR.CKR_KEY_FUNCTION_NOT_PERMITTED or CKR.CKR_KEY_INDIGESTIBLE or CKR.CKR_KEY_NOT_WRAPPABLE
            or CKR.CKR_KEY_SIZE_RANGE or CKR.CKR_KEY_TYPE_INCONSISTENT or CKR.CKR_KEY_UNEXTRACTABLE
            or CKR.CKR_MECHANISM_INVALID or CKR.CKR_MECHANISM_PARAM_INVALID
            or CKR.CKR_SESSION_READ_ONLY or CKR.CKR_TEMPLATE_INCOMPLETE or CKR.CKR_TEMPLATE_INCONSISTENT or CKR.CKR_TOKEN_WRITE_PROTECTED
            or CKR.CKR_UNWRAPPING_KEY_SIZE_RANGE or CKR.CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT
            or CKR.CKR_WRAPPED_KEY_INVALID or CKR.CKR_WRAPPED_KEY_LEN_RANGE
            or CKR.CKR_WRAPPING_KEY_SIZE_RANGE or CKR.CKR_WRAPPING_KEY_TYPE_INCONSISTENT
            => KeyBackendFailure.Rejected,

        // SoftHSM 2.6.1 has no other answer for bytes that fail AES-KWP's integrity check.
        CKR.CKR_GENERAL_ERROR when function == "C_UnwrapKey" => KeyBackendFailure.Rejected,

        _ when IsPinRefusal(code) => KeyBackendFailure.Rejected,

        // Everything else, vendors' own codes included, speaks of the device and not of the request.
        _ => KeyBackendFailure.Unavailable,
    };
}
