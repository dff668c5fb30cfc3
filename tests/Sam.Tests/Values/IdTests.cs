using Sam.Core.Keys;
using Sam.Core.Values;
using Xunit;

namespace Sam.Tests.Values;

/// <summary>Ids have one spelling, so that equal ids have equal text and no row is found under two names.</summary>
public sealed class IdTests
{
    private const string Hex32 = "0123456789abcdef0123456789abcdef";

    public static TheoryData<string?> NotHex32 => new(
        null, string.Empty, Hex32[1..], Hex32 + "0", Hex32.ToUpperInvariant(), "0123456789abcdef0123456789abcdeF", "0123456789abcdef0123456789abcdeg",
        " " + Hex32[1..], Hex32[..31] + "\n", Hex32 + "\0", "0123456789abcdef-123456789abcdef", "٠123456789abcdef0123456789abcdef", Hex32.Replace('0', 'o'),
        "{" + Hex32[1..31] + "}");

    [Theory]
    [MemberData(nameof(NotHex32))]
    public void Ids_of_16_bytes_have_one_spelling(string? text)
    {
        Assert.False(SignerId.TryParse(text, out SignerId signer));
        Assert.False(TransactionId.TryParse(text, out TransactionId transaction));
        Assert.False(OperationId.TryParse(text, out OperationId operation));
        Assert.Equal((default, default, default), (signer, transaction, operation));
    }

    [Fact]
    public void New_ids_differ_and_are_read_back()
    {
        string[] signers = [.. Enumerable.Range(0, 1_000).Select(_ => SignerId.New().Value)];
        Assert.Equal(signers.Length, signers.Distinct().Count());
        Assert.All(signers, s => Assert.Equal(s, SignerId.TryParse(s, out SignerId id) ? id.ToString() : null));
        Assert.Equal(TransactionId.New().Value.Length, TransactionId.TryParse(TransactionId.New().Value, out TransactionId t) ? t.Value.Length : 0);
        Assert.Equal(OperationId.New().Value.Length, OperationId.TryParse(OperationId.New().Value, out OperationId o) ? o.Value.Length : 0);
    }

    [Fact]
    public void A_credential_id_carries_its_signer()
    {
        SignerId signer = SignerId.New();
        CredentialId credential = CredentialId.New(signer);

        Assert.True(CredentialId.TryParse(credential.Value, out CredentialId parsed));
        Assert.Equal(credential, parsed);
        Assert.Equal(signer, parsed.Signer);
        Assert.Equal($"{signer}-{credential.Suffix}", credential.ToString());
        Assert.NotEqual(credential, CredentialId.New(signer));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(Hex32)]
    [InlineData(Hex32 + "-")]
    [InlineData(Hex32 + "-0123456789abcde")]
    [InlineData(Hex32 + "-0123456789abcdef0")]
    [InlineData(Hex32 + "-0123456789abcdeF")]
    [InlineData(Hex32 + "_0123456789abcdef")]
    [InlineData("0123456789ABCDEF0123456789abcdef-0123456789abcdef")]
    [InlineData("0123456789abcdef-0123456789abcdef0123456789abcdef")]
    [InlineData(Hex32 + "-0123456789abcde/")]
    [InlineData(Hex32 + "-01234567 9abcdef")]
    public void A_credential_id_has_one_spelling(string? text) => Assert.False(CredentialId.TryParse(text, out _));

    [Theory]
    [InlineData("sca")]
    [InlineData("SCA")]
    [InlineData("https://sca.example/app?x=1")]
    [InlineData(" ")]
    [InlineData("~")]
    public void A_client_id_is_kept_as_its_issuer_spells_it(string text)
    {
        Assert.True(ClientId.TryParse(text, out ClientId id));
        Assert.Equal(text, id.Value);
    }

    [Fact]
    public void A_client_id_is_short_printable_ASCII()
    {
        Assert.True(ClientId.TryParse(new string('x', 255), out _));
        Assert.All(
            new string?[] { null, string.Empty, new('x', 256), "a\tb", "a\u007f", "a\0", "caf\u00e9", "a\u200b" },
            text => Assert.False(ClientId.TryParse(text, out _)));
    }

    [Fact]
    public void A_key_reference_is_short_printable_ASCII_without_blanks()
    {
        Assert.True(KeyReference.TryParse(new string('x', 255), out KeyReference reference));
        Assert.Equal(255, reference.Value.Length);
        Assert.All(
            new string?[] { null, string.Empty, new('x', 256), "a b", "a\tb", "a\u007f", "caf\u00e9" },
            text =>
            {
                Assert.False(KeyReference.TryParse(text, out _));
                Assert.Throws<FormatException>(() => KeyReference.Parse(text!));
            });
    }

    [Fact]
    public void An_id_that_was_never_set_says_so()
    {
        Assert.All(
            new object[] { default(SignerId), default(CredentialId), default(TransactionId), default(OperationId), default(ClientId), default(KeyReference) },
            id => Assert.Equal("(none)", id.ToString()));
    }
}
