namespace Sam.Api.Csc;

/// <summary>The methods of the CSC API 2.0 to 2.2, as <c>info.methods</c> spells them.</summary>
internal static class CscMethods
{
    private const string Prefix = "/csc/v2/";

    private static readonly HashSet<string> _notOffered = new(StringComparer.Ordinal)
    {
        "auth/login",
        "auth/revoke",
        "credentials/create",
        "credentials/delete",
        "credentials/sendOTP",
        "oauth2/authorize",
        "oauth2/pushed_authorize",
        "oauth2/revoke",
        "oauth2/token",
        "signatures/signDoc",
        "signatures/signPolling",
        "signatures/timestamp",
    };

    /// <summary>What this SAM offers.</summary>
    internal static IReadOnlyList<string> Offered { get; } =
    [
        "info", "credentials/list", "credentials/info", "credentials/authorize", "credentials/authorizeCheck", "credentials/getChallenge", "credentials/extendTransaction",
        "signatures/signHash",
    ];

    internal static bool IsNotOffered(string path) =>
        path.StartsWith(Prefix, StringComparison.Ordinal) && _notOffered.Contains(path[Prefix.Length..]);
}
