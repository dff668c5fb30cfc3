namespace Sam.Api.Composition;

/// <summary>The API's options: section <c>Sam</c> of the configuration.</summary>
public sealed class SamApiOptions
{
    /// <summary>The address that clients use, for the links in <c>info</c>. Null: as each request was addressed, which is its own client's word.</summary>
    public Uri? PublicAddress { get; set; }

    /// <summary>What <c>info</c> says of the service.</summary>
    public InfoOptions Info { get; set; } = new();

    /// <summary>How many requests may be under way.</summary>
    public GateOptions Gate { get; set; } = new();

    /// <summary>The largest body, in bytes: 1 KiB to 4 MiB. 1,000 SHA-512 hashes in base64 take about 90 KiB.</summary>
    public int MaxBodyBytes { get; set; } = 262_144;
}

/// <summary>What <c>info</c> says of the service (CSC API 2.0 clause 11.1).</summary>
public sealed class InfoOptions
{
    /// <summary>The service's name: up to 255 characters.</summary>
    public string Name { get; set; } = "FunctionsSam";

    /// <summary>A JPEG or PNG of at most 256 by 256, online. Null: the one that this service serves.</summary>
    public string? Logo { get; set; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public string Region { get; set; } = "JP";

    /// <summary>Up to 255 characters.</summary>
    public string Description { get; set; } = "Signature activation module for remote signing";

    /// <summary>The issuer of access tokens (RFC 8414). Null: the development issuer of this service.</summary>
    public string? OAuth2Issuer { get; set; }
}

/// <summary>How many requests may be under way at a time.</summary>
public sealed class GateOptions
{
    /// <summary>Authorizations: 1 to 10,000. Three eighths are kept for signers' stops.</summary>
    public int MaxAuthorizing { get; set; } = 104;

    /// <summary>Signings: 1 to 10,000.</summary>
    public int MaxSigning { get; set; } = 64;

    /// <summary>Requests of the Admin API: 1 to 10,000. Three eighths are kept for privileged users who show a proof; one caller gets a quarter.</summary>
    public int MaxAdministering { get; set; } = 64;
}
