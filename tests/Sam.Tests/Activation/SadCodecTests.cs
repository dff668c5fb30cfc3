using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using CsCheck;
using Sam.Core.Activation;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.Tests.Activation;

[Trait("Requirement", "SIG-2b")]
[Trait("Requirement", "T-USE-7")]
public sealed class SadCodecTests
{
    private const uint Epoch = 3;

    private static readonly DateTimeOffset _end = new(2026, 3, 14, 15, 14, 26, 535, TimeSpan.Zero);
    private static readonly RowETag _etag = new("W/\"datetime'2026-03-14T15%3A09%3A26.5350000Z'\"");

    private readonly TransactionId _transaction = TransactionId.New();
    private readonly SadCodec _codec = new(Seals.NewEnvelope(), Epoch);

    [Fact]
    public void What_was_minted_is_read_back_by_every_process()
    {
        SadClaims expected = new(_transaction, 29_556_555, 2, _etag, _end, Epoch);
        Assert.Equal(expected, _codec.Open(Mint()).Value);
        Assert.Equal(expected, new SadCodec(Seals.NewEnvelope(), Epoch).Open(Mint()).Value);
    }

    public static TheoryData<string> SadVectors => [.. TestVector.NamesIn("sad")];

    /// <summary>Made by another implementation, in another language, from the description alone.</summary>
    [Theory]
    [MemberData(nameof(SadVectors))]
    public void A_SAD_is_what_is_described(string name)
    {
        TestVector vector = TestVector.Read("sad", name);

        Result<SadClaims> opened = _codec.Open(new SecretText(vector.Text("sad")));

        Assert.Equal(vector.Expect, opened.Refusal?.Code.ToString() ?? "accepted");
        if (opened.Refusal is null)
        {
            SadClaims claims = opened.Value;
            Assert.Equal(
                (vector.Text("transaction"), vector.Text("purge-minute"), vector.Text("generation"), vector.Text("expires"), vector.Text("etag")),
                (claims.Transaction.Value, $"{claims.PurgeMinute}", $"{claims.Generation}", $"{claims.ExpiresAt.ToUnixTimeMilliseconds()}", claims.ETag.Value));
        }
    }

    [Fact]
    public void Any_claims_survive() =>
        Gen.Select(Gen.UInt, Gen.Int, Gen.Long[0, 253_402_300_799_999], Gen.Char[' ', '~'].Array[1, 128])
            .Sample((minute, generation, end, etag) =>
            {
                SadClaims claims = new(TransactionId.New(), minute, generation, new RowETag(new string(etag)), DateTimeOffset.FromUnixTimeMilliseconds(end), Epoch);
                return _codec.Open(_codec.Mint(claims.Transaction, minute, generation, claims.ETag, claims.ExpiresAt)).Value == claims;
            });

    [Fact]
    public void Any_one_bit_flipped_is_refused()
    {
        string sad = Mint().Reveal();
        byte[] envelope = Base64Url.DecodeFromChars(sad);
        for (int bit = 0; bit < envelope.Length * 8; bit++)
        {
            byte[] changed = [.. envelope];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(SamErrorCode.SadForged, Cause(Base64Url.EncodeToString(changed)));
        }

        for (int bit = 0; bit < sad.Length * 8; bit++)
        {
            char[] changed = sad.ToCharArray();
            changed[bit / 8] ^= (char)(1 << (bit % 8));
            Assert.NotNull(Cause(new string(changed)));
        }
    }

    /// <summary>Any other character at any place, so also each spelling of the last one that only differs in bits that are not used.</summary>
    [Fact]
    public void No_character_can_be_another()
    {
        // Three lengths, because the last character holds 2, 4 or 6 bits that count.
        foreach (RowETag etag in new[] { "a", "ab", "abc" }.Select(e => new RowETag(e)))
        {
            string sad = _codec.Mint(_transaction, 29_556_555, 2, etag, _end).Reveal();
            for (int at = 0; at < sad.Length; at++)
            {
                for (char c = '\0'; c < '\u0080'; c++)
                {
                    if (c != sad[at])
                    {
                        string changed = sad[..at] + c + sad[(at + 1)..];
                        Assert.True(Cause(changed) is not null, $"'{(int)c:x2}' at {at} of {sad.Length}");
                    }
                }
            }
        }
    }

    public static TheoryData<string, string> Spellings => new()
    {
        { "padded", "{0}=" },
        { "padded twice", "{0}==" },
        { "padded thrice", "{0}===" },
        { "with a percent-encoded pad", "{0}%3D" },
        { "a blank before", " {0}" },
        { "a blank behind", "{0} " },
        { "a line break behind", "{0}\n" },
        { "a carriage return behind", "{0}\r" },
        { "a tab before", "\t{0}" },
        { "a NUL behind", "{0}\0" },
        { "in quotes", "\"{0}\"" },
        { "as a bearer token", "Bearer {0}" },
        { "with a zero-width space", "{0}\u200b" },
        { "with a byte order mark", "\ufeff{0}" },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void A_SAD_has_one_spelling(string how, string format)
    {
        // All lengths modulo three, so that a pad is right for one of them at least.
        foreach (RowETag etag in new[] { "a", "ab", "abc" }.Select(e => new RowETag(e)))
        {
            string sad = _codec.Mint(_transaction, 29_556_555, 2, etag, _end).Reveal();
            Assert.Equal((how, SamErrorCode.SadMalformed), (how, Cause(format.Replace("{0}", sad, StringComparison.Ordinal))));
        }
    }

    [Fact]
    public void Blanks_inside_and_the_other_alphabet_are_refused()
    {
        string sad = Enumerable.Range(0, 1_000).Select(_ => Mint().Reveal()).First(s => s.Contains('-', StringComparison.Ordinal) && s.Contains('_', StringComparison.Ordinal));

        Assert.Null(Cause(sad));
        Assert.Equal(SamErrorCode.SadMalformed, Cause(sad.Replace('-', '+')));
        Assert.Equal(SamErrorCode.SadMalformed, Cause(sad.Replace('_', '/')));
        Assert.Equal(SamErrorCode.SadMalformed, Cause(sad.Replace('-', '+').Replace('_', '/')));
        Assert.All(Enumerable.Range(0, sad.Length), at => Assert.Equal(SamErrorCode.SadMalformed, Cause(sad.Insert(at, " "))));
        Assert.All(Enumerable.Range(0, sad.Length), at => Assert.Equal(SamErrorCode.SadMalformed, Cause(sad.Insert(at, "\r\n"))));
    }

    [Fact]
    public void A_part_of_a_SAD_is_none()
    {
        string sad = Mint().Reveal();
        Assert.All(Enumerable.Range(0, sad.Length), length => Assert.NotNull(Cause(sad[..length])));
        Assert.All(Enumerable.Range(1, sad.Length), from => Assert.NotNull(Cause(sad[from..])));
        Assert.All(new[] { sad + "A", sad + "AA", sad + "AAA", sad + sad, "AAAA" + sad }, longer => Assert.NotNull(Cause(longer)));
    }

    [Theory]
    [InlineData("", SamErrorCode.SadMalformed)]
    [InlineData("AAAA", SamErrorCode.SadMalformed)]
    [InlineData("not a SAD", SamErrorCode.SadMalformed)]
    public void What_has_not_the_form_is_malformed(string text, SamErrorCode cause) => Assert.Equal(cause, Cause(text));

    [Fact]
    public void Length_bounds_the_work_and_the_form()
    {
        Assert.Equal(SamErrorCode.SadMalformed, Cause(Base64Url.EncodeToString(new byte[84])));
        Assert.Equal(SamErrorCode.SadForged, Cause(Base64Url.EncodeToString(new byte[85])));
        Assert.Equal(SamErrorCode.SadForged, Cause(Base64Url.EncodeToString(new byte[384])));
        Assert.Equal(SamErrorCode.SadMalformed, Cause(Base64Url.EncodeToString(new byte[385])));
    }

    [Fact]
    public void A_SAD_of_another_epoch_or_key_is_forged()
    {
        byte[] otherSecret = Seals.Secret;
        otherSecret[0] ^= 1;

        Assert.Equal(SamErrorCode.SadForged, new SadCodec(Seals.NewEnvelope(), Epoch + 1).Open(Mint()).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadForged, new SadCodec(Seals.NewEnvelope(), Epoch - 1).Open(Mint()).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadForged, new SadCodec(Seals.NewEnvelope(Seals.KeyId, otherSecret), Epoch).Open(Mint()).Refusal?.Code);
    }

    /// <summary>Written from the description, and a proof that every part of it counts: an insider who can read sealed rows out of the table cannot hand one in.</summary>
    [Fact]
    public void Only_what_was_sealed_as_a_SAD_is_one()
    {
        byte[] claims = new byte[36 + 1];
        Convert.FromHexString(_transaction.Value).CopyTo(claims, 0);
        BinaryPrimitives.WriteUInt32BigEndian(claims.AsSpan(16), 29_556_555);
        BinaryPrimitives.WriteInt32BigEndian(claims.AsSpan(20), 2);
        BinaryPrimitives.WriteInt64BigEndian(claims.AsSpan(24), _end.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt32BigEndian(claims.AsSpan(32), Epoch);
        claims[36] = (byte)'e';

        Assert.Equal(new SadClaims(_transaction, 29_556_555, 2, new RowETag("e"), _end, Epoch), Open("sad", AssociatedData.Of("sam-sad/1"), claims).Value);
        Assert.Equal(SamErrorCode.SadForged, Open("row/Transactions", AssociatedData.Of("sam-sad/1"), claims).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadForged, Open("keyring", AssociatedData.Of("sam-sad/1"), claims).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadForged, Open("sad", [], claims).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadForged, Open("sad", AssociatedData.Of("sam-sad/2"), claims).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadForged, Open("sad", AssociatedData.Of("sam-sad/1"), [.. claims, .. new byte[128]]).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "SIG-2c")]
    public void A_SAD_shows_nothing_of_what_it_says_and_no_two_are_alike()
    {
        string sad = Mint().Reveal();
        byte[] envelope = Base64Url.DecodeFromChars(sad);

        Assert.True(envelope.AsSpan().IndexOf(Convert.FromHexString(_transaction.Value).AsSpan(0, 4)) < 0);
        Assert.True(envelope.AsSpan().IndexOf(Encoding.ASCII.GetBytes("datetime")) < 0);
        Assert.NotEqual(sad, Mint().Reveal());
    }

    private static Result<SadClaims> Open(string purpose, byte[] bound, byte[] claims) =>
        new SadCodec(Seals.NewEnvelope(), Epoch).Open(new SecretText(Base64Url.EncodeToString(Seals.NewEnvelope().Seal(purpose, bound, claims))));

    private SecretText Mint() => _codec.Mint(_transaction, 29_556_555, 2, _etag, _end);

    private SamErrorCode? Cause(string sad) => _codec.Open(new SecretText(sad)).Refusal?.Code;
}
