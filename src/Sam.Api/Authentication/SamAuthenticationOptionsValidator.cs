using Microsoft.Extensions.Options;

namespace Sam.Api.Authentication;

/// <summary>Refuses, at start, settings under which the wrong people would be let in, or nobody.</summary>
internal sealed class SamAuthenticationOptionsValidator : IValidateOptions<SamAuthenticationOptions>
{
    private const string Section = "Sam:Authentication";
    private static readonly TimeSpan _largestSkew = TimeSpan.FromSeconds(60);
    private readonly bool _isDevelopment;

    internal SamAuthenticationOptionsValidator(bool isDevelopment) => _isDevelopment = isDevelopment;

    public ValidateOptionsResult Validate(string? name, SamAuthenticationOptions options)
    {
        string[] failures = [.. Common(options), .. OfMode(options)];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Common(SamAuthenticationOptions options)
    {
        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > _largestSkew)
        {
            yield return $"{Section}:ClockSkew is {options.ClockSkew}; it may be 0 to 60 seconds (00:00:30).";
        }

        if (options.Audience is { } audience && (audience.Length == 0 || audience.Trim() != audience))
        {
            yield return $"{Section}:Audience is empty, or has spaces around it.";
        }
    }

    private IEnumerable<string> OfMode(SamAuthenticationOptions options) => options.Mode switch
    {
        AuthenticationMode.Development => Development(options),
        AuthenticationMode.Oidc => Oidc(options),
        AuthenticationMode.EntraId => EntraId(options.EntraId),
        _ => [$"{Section}:Mode is not set: Development, Oidc or EntraId."],
    };

    private IEnumerable<string> Development(SamAuthenticationOptions options)
    {
        if (!_isDevelopment)
        {
            yield return $"{Section}:Mode is Development, but the environment is not: its issuer gives a token to whoever asks.";
        }

        if (options.Audience is null)
        {
            yield return $"{Section}:Audience is not set: what the issuer's tokens for this service name as aud.";
        }
    }

    private IEnumerable<string> Oidc(SamAuthenticationOptions options)
    {
        if (options.Audience is null)
        {
            yield return $"{Section}:Audience is not set: what the issuer's tokens for this service name as aud.";
        }

        string? authority = options.Oidc.Authority;
        if (string.IsNullOrEmpty(authority))
        {
            yield return $"{Section}:Oidc:Authority is not set: the issuer, spelled as in the iss of its tokens.";
        }
        else if (!Uri.TryCreate(authority, UriKind.Absolute, out Uri? address)
            || address.Query.Length + address.Fragment.Length + address.UserInfo.Length > 0 || !IsSafe(address))
        {
            yield return $"{Section}:Oidc:Authority is '{authority}'; it must be an https address without query or fragment"
                + (_isDevelopment ? ", or an http address on loopback." : ".");
        }

        if (options.Oidc.ClientTokenMark is { } mark && (mark.Length == 0 || mark[0] == '='))
        {
            yield return $"{Section}:Oidc:ClientTokenMark is '{mark}'; it must be a claim's name, or name=value.";
        }
    }

    private static IEnumerable<string> EntraId(EntraIdOptions entra)
    {
        if (!entra.Instance.IsAbsoluteUri || entra.Instance.Scheme != Uri.UriSchemeHttps)
        {
            yield return $"{Section}:EntraId:Instance is '{entra.Instance}'; it must be an https address (https://login.microsoftonline.com/).";
        }

        if (!IsId(entra.TenantId))
        {
            yield return $"{Section}:EntraId:TenantId is '{entra.TenantId}'; it must be the tenant's id, a GUID ('common' would let every tenant in).";
        }

        if (!IsId(entra.ClientId))
        {
            yield return $"{Section}:EntraId:ClientId is '{entra.ClientId}'; it must be the application id of this service's registration, a GUID.";
        }
    }

    private static bool IsId(string? text) => Guid.TryParseExact(text, "D", out Guid id) && id != Guid.Empty;

    private bool IsSafe(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (_isDevelopment && address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);
}
