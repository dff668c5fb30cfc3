namespace Sam.Api.Authentication;

/// <summary>Whose access tokens are accepted: section <c>Sam:Authentication</c>.</summary>
public sealed class SamAuthenticationOptions
{
    /// <summary>The kind of issuer. There is no default: who may ask for signatures is a choice.</summary>
    public AuthenticationMode? Mode { get; set; }

    /// <summary>What a token's <c>aud</c> must name. For Entra ID it may be null: then the application's client id and <c>api://</c> with it.</summary>
    public string? Audience { get; set; }

    /// <summary>How far the issuer's clock may differ from ours: 0 to 60 seconds.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The issuer of the mode <see cref="AuthenticationMode.Oidc"/>.</summary>
    public OidcOptions Oidc { get; set; } = new();

    /// <summary>The tenant of the mode <see cref="AuthenticationMode.EntraId"/>.</summary>
    public EntraIdOptions EntraId { get; set; } = new();
}

/// <summary>An OpenID Connect issuer.</summary>
public sealed class OidcOptions
{
    /// <summary>
    /// The issuer, spelled as in the <c>iss</c> of its tokens: https, or http on loopback in Development. Its metadata stand under
    /// <c>/.well-known/openid-configuration</c>.
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>
    /// A claim, or <c>claim=value</c>, that only a client's own tokens carry; null where <c>sub</c> tells (RFC 9068: it is the client, or missing).
    /// Auth0 needs <c>gty=client-credentials</c>, Keycloak <c>client_id</c>.
    /// </summary>
    public string? ClientTokenMark { get; set; }
}

/// <summary>A tenant of Entra ID, and this service's registration in it.</summary>
public sealed class EntraIdOptions
{
    /// <summary>The cloud: an https address.</summary>
    public Uri Instance { get; set; } = new("https://login.microsoftonline.com/");

    /// <summary>The tenant's id, a GUID: a name could be moved to another tenant, and <c>common</c> would let every tenant in.</summary>
    public string? TenantId { get; set; }

    /// <summary>The application id of this service's registration, a GUID.</summary>
    public string? ClientId { get; set; }
}
