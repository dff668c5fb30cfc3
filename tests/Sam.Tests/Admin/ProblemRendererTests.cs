using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sam.Api.Admin;
using Sam.Core.Results;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.Tests.Admin;

public sealed class ProblemRendererTests
{
    private static readonly Dictionary<string, string[]> _golden = VectorTable.Read("admin", "problems", columns: 3).ToDictionary(line => line[0], line => line[1..], StringComparer.Ordinal);

    public static TheoryData<SamErrorCode> Codes => [.. Enum.GetValues<SamErrorCode>()];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Every_code_has_a_line(SamErrorCode code)
    {
        DefaultHttpContext context = new() { Response = { Body = new MemoryStream() } };
        await ProblemRenderer.WriteAsync(context.Response, new Refusal(code, "name"));
        context.Response.Body.Position = 0;
        using JsonDocument body = await JsonDocument.ParseAsync(context.Response.Body, cancellationToken: TestContext.Current.CancellationToken);

        string[] line = _golden[code.ToString()];
        Assert.Equal(line, (string?[])[context.Response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture), body.RootElement.GetProperty("title").GetString()]);
        Assert.Equal("application/problem+json", context.Response.ContentType);
        Assert.Equal(context.Response.StatusCode, body.RootElement.GetProperty("status").GetInt32());
        Assert.Equal((code.ToString(), "name"), (body.RootElement.GetProperty("code").GetString(), body.RootElement.GetProperty("parameter").GetString()));
        Assert.Matches("^urn:functionssam:error:[a-z0-9]+(-[a-z0-9]+)*$", body.RootElement.GetProperty("type").GetString());
        Assert.Equal(context.Response.StatusCode == 401, context.Response.Headers.WWWAuthenticate.Count == 1);
        Assert.Equal(context.Response.StatusCode == 503 || code == SamErrorCode.RequestUnderWay, context.Response.Headers.RetryAfter.Count == 1);
    }

    [Fact]
    public void No_line_is_left_over() => Assert.Empty(_golden.Keys.Except(Enum.GetNames<SamErrorCode>()));

    [Fact]
    public void A_code_without_a_line_is_noticed() => Assert.Throws<ArgumentOutOfRangeException>(() => ProblemRenderer.Render(new Refusal((SamErrorCode)int.MaxValue)));
}
