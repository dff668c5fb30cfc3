using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm;

/// <summary>
/// The one table from the service's answers to what the SAM knows, and to what is tried again. Public for implementations of
/// <see cref="Management.IKeyManagement"/>, whose answers mean the same.
/// </summary>
public static class Failures
{
    private const int LongestCode = 64;

    /// <summary>The connection failed or broke. A request that had gone out may have been carried out.</summary>
    internal static Verdict NoAnswer { get; } = Down(KeyBackendFailure.Unavailable);

    /// <summary>The attempt's time was over.</summary>
    internal static Verdict NoAnswerInTime { get; } = Down(KeyBackendFailure.TimedOut);

    /// <summary>A success that is none: not JSON, another key's name, a value of impossible length.</summary>
    internal static Verdict BrokenAnswer { get; } = Down(KeyBackendFailure.Unavailable);

    /// <summary>The identity gave no token. Its library has tried as often as it thinks fit; of the HSM this says nothing.</summary>
    internal static Verdict NoToken { get; } = Final(KeyBackendFailure.Unavailable);

    /// <summary>The failure that an answer stands for.</summary>
    /// <param name="status">The HTTP status; 0 where there was no answer.</param>
    /// <param name="code">The body's <c>error.code</c>; null if the body is not the service's.</param>
    /// <param name="innerCode">The body's <c>error.innererror.code</c>.</param>
    /// <param name="cause">What the transport or the SDK threw, without tokens.</param>
    public static KeyBackendException ToKeyBackendException(int status, string? code, string? innerCode, Exception? cause = null) =>
        new(Judge(status, code, innerCode).Kind, $"Managed HSM: the answer is {Describe(status, code, innerCode)}.", cause);

    internal static Verdict Judge(int status, string? code, string? innerCode) => (status, innerCode ?? code) switch
    {
        (0, _) => NoAnswer,

        // A 404 that is not the service's own comes from something else at this address, which knows nothing of keys.
        (404, not null) => Final(KeyBackendFailure.KeyNotFound),
        (404, null) => Final(KeyBackendFailure.Unavailable),

        // Deleted keys are kept for a while; to the SAM they are gone, and whoever is destroying one is done.
        (409, "ObjectIsDeletedButRecoverable" or "ObjectIsBeingDeleted") => Final(KeyBackendFailure.KeyNotFound),
        (409, _) => Final(KeyBackendFailure.Unavailable),

        // A living HSM that wants less. Key Vault says so; Managed HSM is documented to become slow instead.
        (429, _) => new(KeyBackendFailure.Unavailable, MayRepeat: true, IsDown: false),

        (408 or 504, _) => NoAnswerInTime,
        ( >= 500, _) => Down(KeyBackendFailure.Unavailable),

        // 403 KeyDisabled stands here and not with KeyNotFound: the key exists, and whoever disabled it can enable it again.
        // What is not found may be cleared away by its owner; what is refused may not.
        // ForbiddenByRbac, AccessDenied, ForbiddenByFirewall, KeyOperationForbidden; 401 after a fresh token; 400 BadParameter; and any other 4xx.
        ( >= 400, _) => Final(KeyBackendFailure.Rejected),

        // An answer that this API does not have. Redirects are among them and are not followed: the token would go along.
        _ => Final(KeyBackendFailure.Unavailable),
    };

    /// <summary>Status and codes, as they may stand in a log: of the service's text nothing else is kept, and codes are letters and digits.</summary>
    internal static string Describe(int status, string? code, string? innerCode) =>
        string.Join(' ', new[] { status == 0 ? "missing" : status.ToString(System.Globalization.CultureInfo.InvariantCulture), Clean(code), Clean(innerCode) }.OfType<string>());

    private static string? Clean(string? code) =>
        code is { Length: > 0 and <= LongestCode } && code.All(char.IsAsciiLetterOrDigit) ? code : null;

    private static Verdict Final(KeyBackendFailure kind) => new(kind, MayRepeat: false, IsDown: false);

    private static Verdict Down(KeyBackendFailure kind) => new(kind, MayRepeat: true, IsDown: true);
}
