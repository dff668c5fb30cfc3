using System.Net.Http.Headers;
using System.Text.Json;
using Xunit;

namespace Sam.Testing.Csc;

/// <summary>An answer of a SAM: status, headers, and the body as it came.</summary>
public sealed record CscReply(int Status, HttpResponseHeaders Headers, string? MediaType, string Text)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The error's code, or null.</summary>
    public string? Error => Status < 400 ? null : Json.GetProperty("error").GetString();

    /// <summary>The error's text, or null.</summary>
    public string? Description => Status < 400 ? null : Json.GetProperty("error_description").GetString();

    /// <summary>The answer to authorize.</summary>
    public string Sad => SecretLedger.Note("SAD", Success().GetProperty("SAD").GetString()!);

    /// <summary>The answer to signHash.</summary>
    public IReadOnlyList<byte[]> Signatures => [.. Success().GetProperty("signatures").EnumerateArray().Select(s => s.GetBytesFromBase64())];

    /// <summary>What a failing test may print: no SAD.</summary>
    public override string ToString() => $"HTTP {Status}";

    /// <summary>Fails the test unless this is a refusal with this text.</summary>
    public void IsRefused(int status, string error, string? description)
    {
        Assert.Equal((status, error, description), (Status, Error, Description));
        Assert.Equal("application/json", MediaType);
    }

    /// <summary>The JSON of a success; fails the test otherwise.</summary>
    public JsonElement Success()
    {
        Assert.True(Status == 200, $"HTTP {Status}: {Text}");
        return Json;
    }
}
