using Sam.Api.Csc;
using Xunit;

namespace Sam.Tests.Csc;

public sealed class Base64TextTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>RFC 4648 section 10.</summary>
    [Theory]
    [InlineData("Zg==", "f")]
    [InlineData("Zm8=", "fo")]
    [InlineData("Zm9v", "foo")]
    [InlineData("Zm9vYg==", "foob")]
    [InlineData("Zm9vYmE=", "fooba")]
    [InlineData("Zm9vYmFy", "foobar")]
    public void The_one_spelling_is_read(string text, string meaning) => Assert.Equal(meaning, System.Text.Encoding.ASCII.GetString(Base64Text.Decode(text)!));

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("====")]
    [InlineData("Z")]
    [InlineData("Zg")]
    [InlineData("Zg=")]
    [InlineData("Zg===")]
    [InlineData("Zg==Zg==")]
    [InlineData("Zm8")]
    [InlineData("Zm8==")]
    [InlineData("Zm9v====")]
    [InlineData("Zm9v=")]
    [InlineData("Zm9vY")]
    [InlineData("Z=g=")]
    [InlineData("=Zg=")]
    [InlineData("Z===")]
    [InlineData(" Zg==")]
    [InlineData("Zg== ")]
    [InlineData("Z g==")]
    [InlineData("Zg= =")]
    [InlineData("Zm9v\n")]
    [InlineData("Zm9v\r\nYmFy")]
    [InlineData("Zm9v\tYmFy")]
    [InlineData("\uFEFFZm9v")]
    [InlineData("Zm9v\0")]
    [InlineData("-_-_")]
    [InlineData("Zm-v")]
    [InlineData("Zm9*")]
    [InlineData("\uFF3Am9v")]
    [InlineData("Zm9\u00E9")]
    [InlineData("data:;base64,Zm9v")]
    public void Another_spelling_is_not(string text) => Assert.Null(Base64Text.Decode(text));

    /// <summary>Of the 16 pairs that say the same byte one is its spelling, and of the 4 triples that say the same two.</summary>
    [Fact]
    public void Unused_bits_must_be_zero()
    {
        int pairs = 0;
        int triples = 0;
        foreach (string two in Alphabet.SelectMany(_ => Alphabet, (a, b) => $"{a}{b}"))
        {
            pairs += Base64Text.Decode($"{two}==") is null ? 0 : 1;
            triples += Alphabet.Count(c => Base64Text.Decode($"{two}{c}=") is not null);
        }

        Assert.Equal((256, 65_536), (pairs, triples));
    }
}
