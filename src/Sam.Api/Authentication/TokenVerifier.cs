using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Sam.Core.Results;

namespace Sam.Api.Authentication;

/// <summary>Verifies an access token with the issuer's keys: the same for every kind of issuer.</summary>
internal sealed class TokenVerifier
{
    /// <summary>Asymmetric ones only: with HS256 the issuer's public key would be the secret.</summary>
    private static readonly string[] _algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>RFC 9068 section 2.1, and what issuers wrote before it (Entra ID still does).</summary>
    private static readonly string[] _types = ["at+jwt", "application/at+jwt", "JWT"];

    /// <summary>A claim that stands twice has two readers who disagree.</summary>
    private static readonly JsonDocumentOptions _onePerName = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = BearerHeader.LongestToken };
    private readonly TokenValidationParameters _parameters;
    private readonly IssuerMetadata _metadata;
    private readonly VerifiedTokens _verified = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _skew;
    private readonly ILogger _logger;

    internal TokenVerifier(AccessTokenIssuer issuer, TimeSpan skew, TimeProvider clock, ILogger logger)
    {
        _metadata = new IssuerMetadata(issuer.FetchAsync, clock, logger);
        _clock = clock;
        _skew = skew;
        _logger = logger;
        _parameters = issuer.Parameters.Clone();
        _parameters.ValidAlgorithms = _algorithms;
        _parameters.ValidTypes = _types;
        _parameters.RequireSignedTokens = true;
        _parameters.RequireAudience = true;
        _parameters.ValidateAudience = true;
        _parameters.IgnoreTrailingSlashWhenValidatingAudience = false;
        _parameters.ValidateIssuer = true;
        _parameters.ValidateIssuerSigningKey = true;
        _parameters.ValidateLifetime = true;
        _parameters.LifetimeValidator = IsAlive;

        // The key is the one that the token's kid names, not any that happens to fit.
        _parameters.TryAllIssuerSigningKeys = false;
        _parameters.IncludeTokenOnFailedValidation = false;
    }

    /// <summary>The payload of a token that stands every check.</summary>
    internal async Task<Result<JsonElement>> VerifyAsync(string token, CancellationToken cancellationToken)
    {
        IssuerMetadata.Snapshot? known = await _metadata.GetAsync(cancellationToken);
        if (known is null)
        {
            return SamErrorCode.IdentityProviderUnavailable;
        }

        if (_verified.Find(token, known) is { } entry)
        {
            return FindEnd(entry.NotBefore, entry.Expires) is { } over ? Refuse(over) : entry.Payload;
        }

        TokenValidationResult result = await VerifyAsync(token, known.Configuration);
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // A key we do not know: the issuer may have a new one.
            IssuerMetadata.Snapshot? newer = await _metadata.GetNewerAsync(known, cancellationToken);
            if (newer is not null && newer != known)
            {
                known = newer;
                result = await VerifyAsync(token, known.Configuration);
            }
        }

        return result.IsValid ? Accept(token, result, known) : Refuse(result.Exception);
    }

    private Task<TokenValidationResult> VerifyAsync(string token, OpenIdConnectConfiguration configuration)
    {
        TokenValidationParameters parameters = _parameters.Clone();

        // Of the two spellings of an Entra ID issuer this is the newer; only for the older one Microsoft's validator must go and ask.
        parameters.ValidIssuer ??= configuration.Issuer;

        // Validators of Microsoft.Identity.Web look for the metadata here. Made anew each time, so that it remembers no keys of before ("last known good").
        parameters.ConfigurationManager = new StaticConfigurationManager<OpenIdConnectConfiguration>(configuration);
        return _handler.ValidateTokenAsync(token, parameters);
    }

    private Result<JsonElement> Accept(string token, TokenValidationResult result, IssuerMetadata.Snapshot keys)
    {
        JsonWebToken parsed = (JsonWebToken)result.SecurityToken;
        Result<JsonElement> payload = Payload(parsed);
        if (payload.Refusal is null)
        {
            // As the validator read them: null where there is none.
            DateTime? notBefore = parsed.ValidFrom == DateTime.MinValue ? null : parsed.ValidFrom;
            DateTime? expires = parsed.ValidTo == DateTime.MinValue ? null : parsed.ValidTo;
            _verified.Add(token, new VerifiedTokens.Entry(keys, payload.Value, notBefore, expires));
        }

        return payload;
    }

    private Result<JsonElement> Payload(JsonWebToken token)
    {
        // RFC 7515 section 4.1.11: a reader that does not understand what is critical must refuse, and this one understands no extension.
        if (token.TryGetHeaderValue("crit", out object _))
        {
            Log.TokenRefused(_logger, "crit");
            return SamErrorCode.TokenInvalid;
        }

        try
        {
            JsonElement payload = JsonElement.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload), _onePerName);
            return payload;
        }
        catch (JsonException)
        {
            Log.TokenRefused(_logger, "payload");
            return SamErrorCode.TokenInvalid;
        }
    }

    private Result<JsonElement> Refuse(Exception? cause)
    {
        // The exception's text may quote the token.
        Log.TokenRefused(_logger, cause?.GetType().Name ?? "unknown");
        return cause switch
        {
            SecurityTokenExpiredException => SamErrorCode.TokenExpired,

            // Entra ID's issuer check reads metadata of its own; when these are away the token is not to blame.
            SecurityTokenInvalidIssuerException { InnerException: InvalidOperationException } => SamErrorCode.IdentityProviderUnavailable,
            _ => SamErrorCode.TokenInvalid,
        };
    }

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters) => FindEnd(notBefore, expires) switch
    {
        null => true,
        SecurityTokenExpiredException expired => throw expired,
        _ => false,
    };

    /// <summary>RFC 7519 sections 4.1.4 and 4.1.5, by our clock; null for a token within its time. Differences of times, since a sum could overflow.</summary>
    private SecurityTokenValidationException? FindEnd(DateTime? notBefore, DateTime? expires)
    {
        DateTime now = _clock.GetUtcNow().UtcDateTime;
        return notBefore - now > _skew ? new SecurityTokenNotYetValidException()
            : now - expires >= _skew ? new SecurityTokenExpiredException("The token has expired.") { Expires = expires!.Value }
            : expires is null ? new SecurityTokenNoExpirationException()
            : null;
    }
}
