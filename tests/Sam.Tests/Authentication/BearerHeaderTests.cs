using Microsoft.AspNetCore.Http;
using Sam.Api.Authentication;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>RFC 6750 section 2.1: credentials = "Bearer" 1*SP b64token.</summary>
public sealed class BearerHeaderTests
{
    [Theory]
    [InlineData("Bearer abc", "abc")]
    [InlineData("bearer abc", "abc")]
    [InlineData("BEARER abc", "abc")]
    [InlineData("Bearer   abc", "abc")]
    [InlineData("Bearer aZ09-._~+/==", "aZ09-._~+/==")]
    public void A_header_of_the_form_gives_its_token(string header, string expected)
    {
        Assert.True(BearerHeader.TryRead(Headers(header), out string? token));
        Assert.Equal(expected, token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer  ")]
    [InlineData("Bearer =")]
    [InlineData("Bearer ====")]
    [InlineData("Bearerabc")]
    [InlineData("Bearer\tabc")]
    [InlineData(" Bearer abc")]
    [InlineData("Bearer abc ")]
    [InlineData("Bearer abc def")]
    [InlineData("Bearer abc, Bearer def")]
    [InlineData("Bearer a=b")]
    [InlineData("Bearer \"abc\"")]
    [InlineData("Bearer abc\n")]
    [InlineData("Bearer ab\u00e9")]
    [InlineData("Bearer ab\u0000c")]
    [InlineData("Basic YTpi")]
    [InlineData("DPoP abc")]
    [InlineData("Token abc")]
    public void Any_other_header_is_malformed(string header) => Assert.False(BearerHeader.TryRead(Headers(header), out _));

    [Fact]
    public void No_header_is_malformed() => Assert.False(BearerHeader.TryRead(new HeaderDictionary(), out _));

    [Fact]
    public void Two_headers_are_malformed_even_when_equal()
    {
        Assert.True(BearerHeader.TryRead(Headers("Bearer abc"), out _));
        Assert.False(BearerHeader.TryRead(Headers("Bearer abc", "Bearer abc"), out _));
        Assert.False(BearerHeader.TryRead(Headers("Bearer abc", string.Empty), out _));
    }

    [Fact]
    public void A_token_is_read_up_to_the_limit()
    {
        Assert.True(BearerHeader.TryRead(Headers("Bearer " + new string('a', BearerHeader.LongestToken)), out _));
        Assert.False(BearerHeader.TryRead(Headers("Bearer " + new string('a', BearerHeader.LongestToken + 1)), out _));
    }

    private static HeaderDictionary Headers(params string[] values) => new() { ["Authorization"] = values };
}
