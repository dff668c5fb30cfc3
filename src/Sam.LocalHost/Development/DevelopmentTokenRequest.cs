using System.Globalization;
using Microsoft.Extensions.Primitives;
using Sam.Core.Values;

namespace Sam.LocalHost.Development;

/// <summary>A token request in the manner of RFC 6749 section 4.4, without a secret.</summary>
internal sealed record DevelopmentTokenRequest(ClientId Client, string? Role, string? Subject, TimeSpan Lifetime)
{
    private const int LongestLifetime = 3600;
    private const int LongestText = 255;

    /// <summary>The request, or the error that RFC 6749 section 5.2 has for it.</summary>
    internal static (DevelopmentTokenRequest? Request, DevelopmentTokenError? Error) Read(IFormCollection form)
    {
        // Section 3.2: parameters must not be included more than once.
        if (form.FirstOrDefault(parameter => parameter.Value.Count != 1) is { Key: { } twice })
        {
            return Refuse("invalid_request", $"{twice} is given more than once");
        }

        if (form.TryGetValue("grant_type", out StringValues grant) && grant != "client_credentials")
        {
            return Refuse("unsupported_grant_type", "grant_type is client_credentials here");
        }

        if (!ClientId.TryParse(form["client_id"], out ClientId client))
        {
            return Refuse("invalid_request", "client_id is missing, or is not 1 to 255 printable ASCII characters");
        }

        string? role = form["role"];
        string? subject = form["sub"];
        if (!IsText(role) || !IsText(subject) || subject == client.Value)
        {
            return Refuse("invalid_request", "role and sub are 1 to 255 characters, and sub is not the client_id");
        }

        int seconds = LongestLifetime;
        return form.TryGetValue("expires_in", out StringValues lifetime)
            && (!int.TryParse(lifetime, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) || seconds is < 1 or > LongestLifetime)
            ? Refuse("invalid_request", "expires_in is 1 to 3600 seconds")
            : (new DevelopmentTokenRequest(client, role, subject, TimeSpan.FromSeconds(seconds)), null);
    }

    private static bool IsText(string? text) => text is null || (text.Length is > 0 and <= LongestText && !text.Any(char.IsControl));

    private static (DevelopmentTokenRequest? Request, DevelopmentTokenError? Error) Refuse(string error, string description) =>
        (null, new DevelopmentTokenError(error, description));
}
