using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Sam.Tests.Pipeline;

/// <summary>What was written into a response that has no server behind it.</summary>
internal sealed class Answer
{
    private readonly HttpResponse _response;
    private readonly byte[] _body;

    private Answer(HttpResponse response, byte[] body)
    {
        _response = response;
        _body = body;
    }

    internal int Status => _response.StatusCode;

    internal IHeaderDictionary Headers => _response.Headers;

    internal int Length => _body.Length;

    internal string Text => System.Text.Encoding.UTF8.GetString(_body);

    /// <summary>The code of a problem; null for any other answer.</summary>
    internal string? Code => _response.ContentType == "application/problem+json" ? Member("code") : null;

    internal string? Error => Member("error");

    internal string? Description => Member("error_description");

    /// <summary>Reads the response; its body must be a <see cref="MemoryStream"/>.</summary>
    internal static Answer Of(HttpContext context) => new(context.Response, Assert.IsType<MemoryStream>(context.Response.Body).ToArray());

    internal void Is(int status, string error) => Assert.Equal((status, error), (Status, Error));

    private string? Member(string name)
    {
        using JsonDocument document = JsonDocument.Parse(_body);
        return document.RootElement.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
    }
}
