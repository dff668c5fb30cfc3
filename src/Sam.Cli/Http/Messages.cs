using System.Text.Json.Serialization;

namespace Sam.Cli.Http;

// The bodies that travel. Classes, not records: a record prints its members.
// Members a SAM must send are "required": an answer without them is no answer of a SAM.
// Lists may not be null, which System.Text.Json does not check on its own; SamJson asks it to.

internal sealed class TokenAnswer
{
    [JsonPropertyName("access_token")]
    public required Secret AccessToken { get; init; }
}

/// <summary>What a development host gives to whoever asks on its machine.</summary>
internal sealed class DevelopmentOfficersAnswer
{
    /// <summary>Whose logins the subjects are.</summary>
    public required string Issuer { get; init; }

    /// <summary>The deployment's one-time secret; null where the host does not know it.</summary>
    public Secret? Secret { get; init; }

    public required IReadOnlyList<DevelopmentOfficerAnswer> Officers { get; init; }
}

internal sealed class DevelopmentOfficerAnswer
{
    public required string Subject { get; init; }

    public required string Role { get; init; }

    /// <summary>PKCS#8, DER, base64.</summary>
    public required Secret Key { get; init; }
}

internal sealed class NoAnswer
{
    internal static NoAnswer Instance { get; } = new();
}

internal sealed class InfoRequest;

internal sealed class InfoAnswer
{
    /// <summary>The version of the CSC API.</summary>
    public required string Specs { get; init; }

    public required string Name { get; init; }

    /// <summary>The keys to which factors are encrypted, signed; null where there are none.</summary>
    public string? FactorKeys { get; init; }
}

internal sealed class ListRequest
{
    public required string UserID { get; init; }
}

internal sealed class ListAnswer
{
    public required IReadOnlyList<string> CredentialIDs { get; init; }
}

internal sealed class CredentialInfoRequest
{
    public required string CredentialID { get; init; }

    public string Certificates { get; init; } = "chain";

    public bool CertInfo { get; init; } = true;

    public bool AuthInfo { get; init; } = true;
}

internal sealed class CredentialInfoAnswer
{
    public required KeyInfo Key { get; init; }

    public required CertificateInfo Cert { get; init; }
}

internal sealed class KeyInfo
{
    public required string Status { get; init; }

    /// <summary>The values that <c>signAlgo</c> may have.</summary>
    public required IReadOnlyList<string> Algo { get; init; }
}

internal sealed class CertificateInfo
{
    /// <summary>DER, end entity first.</summary>
    public required IReadOnlyList<byte[]> Certificates { get; init; }
}

internal sealed class AuthorizeRequest
{
    public required string CredentialID { get; init; }

    public required int NumSignatures { get; init; }

    public required IReadOnlyList<byte[]> Hashes { get; init; }

    public required string HashAlgorithmOID { get; init; }

    public required IReadOnlyList<AuthenticationObject> AuthData { get; init; }

    /// <summary>What the signer's device calls the documents; null for nothing.</summary>
    public string? Description { get; init; }
}

internal sealed class AuthenticationObject
{
    public required string Id { get; init; }

    /// <summary>Null for what is answered elsewhere.</summary>
    public Secret? Value { get; init; }
}

internal sealed class AuthorizeAnswer
{
    [JsonPropertyName("SAD")]
    public required Secret SAD { get; init; }

    /// <summary>Seconds; the CSC API says 3600 where a service is silent.</summary>
    public int ExpiresIn { get; init; } = 3600;
}

internal sealed class SignHashRequest
{
    public required string CredentialID { get; init; }

    [JsonPropertyName("SAD")]
    public required Secret SAD { get; init; }

    public required IReadOnlyList<byte[]> Hashes { get; init; }

    public required string HashAlgorithmOID { get; init; }

    public required string SignAlgo { get; init; }
}

internal sealed class SignHashAnswer
{
    public required IReadOnlyList<byte[]> Signatures { get; init; }
}

internal sealed class ErrorAnswer
{
    public string? Error { get; init; }

    [JsonPropertyName("error_description")]
    public string? ErrorDescription { get; init; }
}
