using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sam.Api.Csc;
using Sam.Core.Results;
using Sam.Testing.Vectors;
using Sam.Tests.Pipeline;
using Xunit;

namespace Sam.Tests.Csc;

public sealed class CscErrorRendererTests
{
    private const string Parameter = "aParameter";

    // What no client is to read: parts and inner workings of the service, and the words of exceptions.
    private static readonly string[] _internals =
        ["row", "table", "stor", "hsm", "pkcs", "key", "seal", "audit", "transaction", "spent", "forge", "rolled", "etag", "exception", "sam.", " at ", "null reference"];

    private static readonly Dictionary<string, (int Status, string Error, string Description)> _golden = VectorTable.Read("csc", "errors", columns: 4)
        .ToDictionary(line => line[0], line => (int.Parse(line[1], CultureInfo.InvariantCulture), line[2], line[3].Replace("{parameter}", Parameter, StringComparison.Ordinal)), StringComparer.Ordinal);

    public static TheoryData<SamErrorCode> Codes => [.. Enum.GetValues<SamErrorCode>()];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Every_code_has_a_line(SamErrorCode code)
    {
        Answer answer = await RenderAsync(new Refusal(code, Parameter));
        Assert.Equal(_golden[code.ToString()], (answer.Status, answer.Error!, answer.Description!));
        Assert.Equal("application/json;charset=UTF-8", answer.Headers.ContentType);
        Assert.Equal(answer.Length, answer.Headers.ContentLength);
    }

    [Fact]
    public void No_line_is_left_over() => Assert.Empty(_golden.Keys.Except(Enum.GetNames<SamErrorCode>()));

    [Fact]
    public async Task A_number_that_is_no_code_is_a_mistake_in_the_program() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => RenderAsync(new Refusal((SamErrorCode)int.MaxValue)));

    /// <summary>A text names the cause no more exactly than the API's own words do, and nothing of what is behind it.</summary>
    [Theory]
    [MemberData(nameof(Codes))]
    public async Task No_line_tells_anything_internal(SamErrorCode code)
    {
        string text = (await RenderAsync(new Refusal(code, Parameter))).Text;
        Assert.DoesNotContain(code.ToString(), text, StringComparison.Ordinal);
        Assert.DoesNotContain(_internals, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Who steals or guesses a SAD must not learn which check stopped him; who has another's credential id, not whether it exists.</summary>
    [Theory]
    [InlineData("Invalid parameter SAD", 9)]
    [InlineData("Hash is not authorized by the SAD", 3)]
    [InlineData("Invalid parameter credentialID", 3)]
    [InlineData("The authentication data is invalid", 8)]
    public async Task Causes_that_an_attacker_may_not_tell_apart_answer_alike_to_the_byte(string description, int causes)
    {
        List<string> seen = [];
        foreach (SamErrorCode code in Enum.GetValues<SamErrorCode>().Where(c => CscErrorRenderer.Render(new Refusal(c, Parameter)).Description == description))
        {
            Answer answer = await RenderAsync(code);
            seen.Add($"{answer.Status} {string.Join(' ', answer.Headers)} {answer.Text}");
        }

        Assert.Equal(causes, seen.Count);
        Assert.Single(seen.Distinct());
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task What_is_away_for_a_while_says_when_to_come_again(SamErrorCode code)
    {
        Answer answer = await RenderAsync(new Refusal(code, Parameter));
        Assert.Equal(answer.Status is 503 or 409 or 429 ? "1" : null, (string?)answer.Headers.RetryAfter);
    }

    /// <summary>RFC 6750 section 3.1: of an expired token, too, the challenge says invalid_token; the body has the API's own word.</summary>
    [Theory]
    [MemberData(nameof(Codes))]
    public async Task What_is_unauthorized_says_how_to_authenticate(SamErrorCode code)
    {
        Answer answer = await RenderAsync(new Refusal(code, Parameter));
        Assert.Equal(answer.Status == 401 ? "Bearer error=\"invalid_token\"" : null, (string?)answer.Headers.WWWAuthenticate);
    }

    private static async Task<Answer> RenderAsync(Refusal refusal)
    {
        DefaultHttpContext context = new() { Response = { Body = new MemoryStream() } };
        await CscErrorRenderer.WriteAsync(context.Response, refusal);
        return Answer.Of(context);
    }
}
