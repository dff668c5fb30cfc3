using System.Buffers.Text;
using System.Text.Json;

namespace Sam.Testing.ManagedHsm;

/// <summary>A request as the HSM got it.</summary>
/// <param name="Method">GET, POST, PUT, PATCH or DELETE.</param>
/// <param name="Path">Its path, without the query.</param>
/// <param name="ApiVersion">The query's <c>api-version</c>.</param>
/// <param name="IsAuthorized">Whether it carried a token for this HSM.</param>
/// <param name="Body">Its body.</param>
/// <param name="SkipToken">The query's <c>$skiptoken</c>, which names a page of a list.</param>
public sealed record HsmRequest(string Method, string Path, string? ApiVersion, bool IsAuthorized, byte[] Body, string? SkipToken = null)
{
    /// <summary>Whether the token is that of the identity for import.</summary>
    public bool IsByImporter { get; init; }

    private string[] Parts => Path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The last part of <c>/keys/{name}/{version}/{operation}</c> and <c>/keys/{name}/create</c>; null for other paths.</summary>
    public string? Operation => Parts switch
    {
        ["keys", _, "create"] => "create",
        ["keys", _, _, string operation] => operation,
        _ => null,
    };

    /// <summary>The key's name; null where there is none.</summary>
    public string? KeyName => Parts is ["keys" or "deletedkeys", string name, ..] ? name : null;

    /// <summary>The key's version; null where there is none.</summary>
    public string? KeyVersion => Parts is ["keys", _, string version, ..] && version != "create" ? version : null;

    /// <summary>A key is to make a signature or a MAC.</summary>
    public bool IsSign => IsAuthorized && Operation == "sign";

    /// <summary>A text of the body; null if it has none of this name.</summary>
    public string? Text(string name)
    {
        try
        {
            using JsonDocument body = JsonDocument.Parse(Body);
            return body.RootElement.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Bytes of the body; null if it has none of this name.</summary>
    public byte[]? Bytes(string name)
    {
        try
        {
            return Text(name) is { } text ? Base64Url.DecodeFromChars(text) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
