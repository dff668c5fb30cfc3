using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sam.Testing.ManagedHsm;

/// <summary>An answer of the HSM, before the network has it.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="RetryAfter">The header, if it has one.</param>
public sealed record HsmReply(int Status, byte[] Body, string? RetryAfter = null)
{
    /// <summary>A success.</summary>
    public static HsmReply Ok(JsonObject body) => new(200, JsonSerializer.SerializeToUtf8Bytes(body));

    /// <summary>The result of a key operation (REST reference: KeyOperationResult).</summary>
    public static HsmReply Value(Uri kid, ReadOnlySpan<byte> value) => Ok(new JsonObject { ["kid"] = kid.AbsoluteUri, ["value"] = Base64Url.EncodeToString(value) });

    /// <summary>A refusal (REST reference: KeyVaultError).</summary>
    public static HsmReply Error(int status, string code, string? innerCode = null, string? retryAfter = null) => new(
        status,
        JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["code"] = code,
                ["message"] = "Refused by the fake.",
                ["innererror"] = innerCode is null ? null : new JsonObject { ["code"] = innerCode },
            },
        }),
        retryAfter);

    /// <summary>The same with another <c>value</c>.</summary>
    public HsmReply WithValue(Func<byte[], byte[]> change)
    {
        JsonObject body = JsonNode.Parse(Body)!.AsObject();
        body["value"] = Base64Url.EncodeToString(change(Base64Url.DecodeFromChars(body["value"]!.GetValue<string>())));
        return this with { Body = JsonSerializer.SerializeToUtf8Bytes(body) };
    }

    /// <summary>The same with another text.</summary>
    public HsmReply With(string name, string text)
    {
        JsonObject body = JsonNode.Parse(Body)!.AsObject();
        body[name] = text;
        return this with { Body = JsonSerializer.SerializeToUtf8Bytes(body) };
    }
}
