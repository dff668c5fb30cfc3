using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Sam.Tests.Architecture;
using Sam.Tests.Pipeline;
using Xunit;

namespace Sam.Tests.OpenApi;

/// <summary>The page that shows the API: nothing runs on it but its own script, nothing is fetched from elsewhere, and no text becomes markup.</summary>
public sealed partial class DocumentationPageTests
{
    private static string Page => Repository.Read("src/Sam.Api/OpenApi/docs.html");

    [Fact]
    public async Task Anybody_gets_the_page_under_a_policy_that_lets_run_what_stands_in_it_only()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        Answer answer = await bed.SendAsync("sam-docs", string.Empty);
        Assert.Equal((200, Page), (answer.Status, answer.Text));
        string[] policy = answer.Headers.ContentSecurityPolicy.ToString().Split("; ");
        Assert.Equal(
            ["default-src 'none'", $"script-src {HashOf("script")}", $"style-src {HashOf("style")}", "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
            policy);
        Assert.Equal(0, bed.Opened);
    }

    [Fact]
    public void There_is_one_script_and_one_style_and_nothing_is_fetched_from_elsewhere()
    {
        _ = Assert.Single(Regex.Matches(Page, "<script"));
        _ = Assert.Single(Regex.Matches(Page, "<style"));
        Assert.DoesNotMatch(Elsewhere(), Page);
    }

    [Fact]
    public void No_text_becomes_markup_or_code_and_no_token_is_kept() => Assert.DoesNotMatch(Dangerous(), Page);

    private static string HashOf(string element)
    {
        string content = Regex.Match(Page, $"<{element}>(.*)</{element}>", RegexOptions.Singleline).Groups[1].Value;
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";
    }

    [GeneratedRegex(@"https?:|(src|href)\s*=|url\(|@import|\bimport\b")]
    private static partial Regex Elsewhere();

    [GeneratedRegex(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\bstyle=|\son\w+=|localStorage|sessionStorage|\.cookie|DOMParser|setHTML")]
    private static partial Regex Dangerous();
}
