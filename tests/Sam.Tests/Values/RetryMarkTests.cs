using Sam.Core.Values;
using Xunit;

namespace Sam.Tests.Values;

public sealed class RetryMarkTests
{
    [Theory]
    [InlineData("key", "body", true)]
    [InlineData("key", "bodY", false)]
    [InlineData("Key", "body", false)]
    [InlineData("keyb", "ody", false)]
    [InlineData("\"key\"", "body", false)]
    public void A_mark_is_of_a_key_and_every_byte_of_a_body(string key, string body, bool same)
    {
        Assert.True(RetryMark.TryCreate("key", "body"u8, out RetryMark? mark));
        Assert.True(RetryMark.TryCreate(key, System.Text.Encoding.ASCII.GetBytes(body), out RetryMark? other));
        Assert.Equal(same, mark.Value.SequenceEqual(other.Value));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("kéy")]
    [InlineData("k\ney")]
    [InlineData("k\u007fy")]
    public void Another_text_is_no_key(string? key) => Assert.False(RetryMark.TryCreate(key, "body"u8, out _));

    [Fact]
    public void A_key_has_up_to_255_characters()
    {
        Assert.True(RetryMark.TryCreate(new string('k', 255), default, out _));
        Assert.False(RetryMark.TryCreate(new string('k', 256), default, out _));
    }
}
