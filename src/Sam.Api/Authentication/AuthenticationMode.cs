namespace Sam.Api.Authentication;

/// <summary>Whose access tokens are accepted. One issuer at a time: with two, the weaker one decides.</summary>
public enum AuthenticationMode
{
    /// <summary>The issuer inside the development host, which gives a token to whoever asks. Refused outside the Development environment.</summary>
    Development,

    /// <summary>Any OpenID Connect or OAuth 2.0 issuer with metadata and a key set (RFC 8414, RFC 9068).</summary>
    Oidc,

    /// <summary>One tenant of Microsoft Entra ID, through Microsoft.Identity.Web.</summary>
    EntraId,
}
