using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>
/// Makes SADs and reads them back. A SAD is base64url (RFC 4648 section 5, no padding) of a sealed envelope; clients see an opaque string (SIG-2b, SIG-2c, T-USE-7).
/// One SAD has one spelling: any other text, and any flipped bit, is refused.
/// </summary>
/// <remarks>Inside: transaction id (16) ‖ purge minute (4) ‖ generation (4) ‖ expiry in Unix milliseconds (8) ‖ epoch (4) ‖ ETag (rest, ASCII).</remarks>
internal sealed class SadCodec
{
    private const string Purpose = "sad";
    private const int IdSize = 16;
    private const int FixedSize = IdSize + 4 + 4 + 8 + 4;
    private const int MaxETagSize = 128;
    private const int MaxLength = 512;

    private static readonly byte[] _bound = AssociatedData.Of("sam-sad/1");

    private readonly Envelope _envelope;
    private readonly uint _epoch;

    internal SadCodec(Envelope envelope, uint epoch)
    {
        _envelope = envelope;
        _epoch = epoch;
    }

    internal SecretText Mint(TransactionId transaction, uint purgeMinute, int generation, RowETag etag, DateTimeOffset expiresAt)
    {
        byte[] claims = new byte[FixedSize + etag.Value.Length];
        Convert.FromHexString(transaction.Value).CopyTo(claims, 0);
        Span<byte> rest = claims.AsSpan(IdSize);
        BinaryPrimitives.WriteUInt32BigEndian(rest, purgeMinute);
        BinaryPrimitives.WriteInt32BigEndian(rest[4..], generation);
        BinaryPrimitives.WriteInt64BigEndian(rest[8..], expiresAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt32BigEndian(rest[16..], _epoch);
        Encoding.ASCII.GetBytes(etag.Value, rest[20..]);
        return new SecretText(Base64Url.EncodeToString(_envelope.Seal(Purpose, _bound, claims)));
    }

    /// <summary>Refused with SadMalformed for what has not the form, and with SadForged for what does not open.</summary>
    internal Result<SadClaims> Open(SecretText sad)
    {
        string text = sad.Reveal();
        if (text.Length is 0 or > MaxLength || Decode(text) is not { } envelope || envelope.Length < Envelope.Overhead + FixedSize)
        {
            return SamErrorCode.SadMalformed;
        }

        byte[]? claims = _envelope.Open(Purpose, _bound, envelope);
        if (claims is null || claims.Length is < FixedSize or > FixedSize + MaxETagSize)
        {
            return SamErrorCode.SadForged;
        }

        ReadOnlySpan<byte> rest = claims.AsSpan(IdSize);
        uint epoch = BinaryPrimitives.ReadUInt32BigEndian(rest[16..]);
        if (epoch != _epoch || !TransactionId.TryParse(Convert.ToHexStringLower(claims.AsSpan(0, IdSize)), out TransactionId transaction))
        {
            return SamErrorCode.SadForged;
        }

        return new SadClaims(
            transaction,
            BinaryPrimitives.ReadUInt32BigEndian(rest),
            BinaryPrimitives.ReadInt32BigEndian(rest[4..]),
            new RowETag(Encoding.ASCII.GetString(rest[20..])),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(rest[8..])),
            epoch);
    }

    /// <summary>Null for anything but the one spelling: unused bits at the end, padding and line breaks would give one SAD several texts.</summary>
    private static byte[]? Decode(string text)
    {
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        byte[] decoded = Base64Url.DecodeFromChars(text);
        return string.Equals(Base64Url.EncodeToString(decoded), text, StringComparison.Ordinal) ? decoded : null;
    }
}
