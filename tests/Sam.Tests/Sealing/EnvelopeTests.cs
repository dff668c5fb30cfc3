using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sam.Core.Sealing;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Sealing;

public sealed class EnvelopeTests
{
    private static readonly byte[] _id = Seals.KeyId.ToArray();
    private static readonly byte[] _secret = Seals.Secret;
    private static readonly byte[] _bound = "bound"u8.ToArray();
    private static readonly byte[] _message = "message"u8.ToArray();

    private readonly Envelope _envelope = Seals.NewEnvelope(_id, _secret);

    [Fact]
    public void What_was_sealed_opens_in_every_process_of_the_deployment()
    {
        byte[] sealedBytes = _envelope.Seal("row", _bound, _message);

        Assert.Equal(_message, _envelope.Open("row", _bound, sealedBytes));
        Assert.Equal(_message, Seals.NewEnvelope(_id, _secret).Open("row", _bound, sealedBytes));
    }

    /// <summary>Written from the description alone. Rows of the first day are opened by every later version, so neither layout nor key derivation may drift.</summary>
    [Fact]
    public void The_form_is_the_one_described()
    {
        byte[] sealedBytes = _envelope.Seal("row/Signers", _bound, _message);
        byte[] header = sealedBytes[..33];
        byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, 32, salt: header[9..25], info: Encoding.UTF8.GetBytes("sam/seal/1/row/Signers"));
        byte[] plaintext = new byte[sealedBytes.Length - 33 - 16];

#pragma warning disable CA5390 // The key is the test's own: what is under test is how it is made.
        using AesGcm aes = new(key, 16);
#pragma warning restore CA5390
        byte[] nonce = [0, 0, 0, 0, .. header[25..]];
        byte[] associatedData = [.. header, .. _bound];
        aes.Decrypt(nonce, sealedBytes[33..^16], sealedBytes[^16..], plaintext, associatedData);

        Assert.Equal(_message, plaintext);
        Assert.Equal(1, header[0]);
        Assert.Equal(_id, header[1..9]);
    }

    [Fact]
    [Trait("Requirement", "REG-1")]
    public void No_bit_of_it_can_be_changed()
    {
        byte[] sealedBytes = _envelope.Seal("row", _bound, _message);
        for (int bit = 0; bit < sealedBytes.Length * 8; bit++)
        {
            byte[] changed = [.. sealedBytes];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(_envelope.Open("row", _bound, changed) is null, $"bit {bit}");
        }
    }

    [Fact]
    public void Nothing_can_be_cut_off_or_added()
    {
        byte[] sealedBytes = _envelope.Seal("row", _bound, _message);
        Assert.All(Enumerable.Range(0, sealedBytes.Length), length => Assert.Null(_envelope.Open("row", _bound, sealedBytes.AsSpan(0, length))));
        Assert.Null(_envelope.Open("row", _bound, [.. sealedBytes, 0]));
        Assert.Null(_envelope.Open("row", _bound, [0, .. sealedBytes]));
        Assert.Null(_envelope.Open("row", _bound, new byte[sealedBytes.Length]));
    }

    [Fact]
    public void An_empty_message_is_sealed_too()
    {
        byte[] sealedBytes = _envelope.Seal("row", _bound, []);
        Assert.Equal(Envelope.Overhead, sealedBytes.Length);
        Assert.Empty(_envelope.Open("row", _bound, sealedBytes)!);
    }

    [Theory]
    [InlineData("sad", "bound")]
    [InlineData("Row", "bound")]
    [InlineData("row/", "bound")]
    [InlineData("", "bound")]
    [InlineData("row", "")]
    [InlineData("row", "bounD")]
    [InlineData("row", "bound ")]
    public void It_opens_for_its_own_purpose_and_place_only(string purpose, string bound) =>
        Assert.Null(_envelope.Open(purpose, Encoding.UTF8.GetBytes(bound), _envelope.Seal("row", _bound, _message)));

    [Fact]
    public void Another_data_key_opens_nothing()
    {
        byte[] sealedBytes = _envelope.Seal("row", _bound, _message);
        byte[] otherSecret = [.. _secret];
        otherSecret[^1] ^= 1;

        Assert.Null(Seals.NewEnvelope(_id, otherSecret).Open("row", _bound, sealedBytes));
        Assert.Null(Seals.NewEnvelope("key-id-9"u8, _secret).Open("row", _bound, sealedBytes));
    }

    [Fact]
    public void No_nonce_comes_twice_under_one_key()
    {
        byte[][] all = new byte[10_000][];
        _ = Parallel.For(0, all.Length, i => all[i] = _envelope.Seal(i % 2 == 0 ? "row" : "sad", _bound, _message));

        Assert.Single(all.Select(Salt).Distinct());
        Assert.Equal(all.Length, all.Select(s => BinaryPrimitives.ReadUInt64BigEndian(s.AsSpan(25))).Distinct().Count());
        Assert.NotEqual(Salt(all[0]), Salt(Seals.NewEnvelope(_id, _secret).Seal("row", _bound, _message)));
    }

    [Fact]
    public void More_foreign_salts_than_are_remembered_do_no_harm()
    {
        byte[] sealedBytes = _envelope.Seal("row", _bound, _message);
        for (int i = 0; i < 1_500; i++)
        {
            byte[] foreign = [.. sealedBytes];
            BinaryPrimitives.WriteInt32BigEndian(foreign.AsSpan(9), i);
            Assert.Null(_envelope.Open("row", _bound, foreign));
        }

        Assert.Equal(_message, _envelope.Open("row", _bound, sealedBytes));
    }

    [Fact]
    public void A_data_key_has_its_size()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Seals.NewEnvelope(_id, _secret.AsSpan(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Seals.NewEnvelope(_id.AsSpan(1), _secret));
    }

    [Fact]
    public void Nothing_is_sealed_under_a_key_that_was_cleared()
    {
        using DataKey key = new(_id, _secret);
        Envelope envelope = new(key);
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => envelope.Seal("row", _bound, _message));
    }

    private static string Salt(byte[] sealedBytes) => Convert.ToHexString(sealedBytes.AsSpan(9, 16));
}
