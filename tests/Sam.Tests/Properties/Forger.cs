using System.Buffers.Text;
using Sam.Core.Activation;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;
using Sam.Testing.TestBed;

namespace Sam.Tests.Properties;

/// <summary>Makes of SADs what a client could hand in instead.</summary>
internal static class Forger
{
    private const int MaxLength = 512;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    // Envelope: version 1, key id 8, salt 16, counter 8, tag 16. Claims: id 16, purge minute 4, generation 4, end 8, epoch 4.
    private const int MinSize = 1 + 8 + 16 + 8 + 16 + 16 + 4 + 4 + 8 + 4;

    internal static string Forge(Sign act, Issued sad, IReadOnlyList<Issued> all, SamTestBed bed)
    {
        byte[] bytes = Base64Url.DecodeFromChars(sad.Text);
        switch (act.Forgery)
        {
            case Forgery.BitFlipped:
                bytes[act.Spot / 8 % bytes.Length] ^= (byte)(1 << (act.Spot % 8));
                return Base64Url.EncodeToString(bytes);
            case Forgery.Truncated:
                return sad.Text[..(act.Spot % sad.Text.Length)];
            case Forgery.SplicedWithAnother:
                int at = act.Spot % sad.Text.Length;
                string other = all[act.Pick % all.Count].Text;
                return sad.Text[..at] + (other.Length > at ? other[at..] : string.Empty);
            case Forgery.SpelledOtherwise:
                return Respell(sad.Text, act.Spot);
            case Forgery.OfAnotherEpoch:
                SadCodec codec = new(bed.SystemKeys.Envelope, bed.SystemKeys.Epoch);
                SadClaims claims = codec.Open(new SecretText(sad.Text)).Value;
                return new SadCodec(bed.SystemKeys.Envelope, bed.SystemKeys.Epoch + 1)
                    .Mint(claims.Transaction, claims.PurgeMinute, claims.Generation, claims.ETag, claims.ExpiresAt).Reveal();
            case Forgery.SealedWithoutItsTag:
                Envelope envelope = bed.SystemKeys.Envelope;
                byte[] plain = envelope.Open("sad", AssociatedData.Of("sam-sad/1"), bytes) ?? envelope.Open("sad", [], bytes) ?? [];
                return Base64Url.EncodeToString(envelope.Seal("sad", [], plain));
            case Forgery.ARowInItsPlace:
                StoredRow[] rows = [.. bed.Table.Attacker.Rows().Where(r => r.Address.Table != SamTable.Keys)];
                return Base64Url.EncodeToString(rows[act.Spot % rows.Length].Content.Span);
            default:
                return sad.Text;
        }
    }

    /// <summary>Base64url (RFC 4648) without padding, in its one spelling, and as long as a SAD.</summary>
    internal static bool IsWellFormed(string text)
    {
        if (text.Length is 0 or > MaxLength || text.Length % 4 == 1 || text.Any(c => !Alphabet.Contains(c, StringComparison.Ordinal)))
        {
            return false;
        }

        int unused = (text.Length % 4) switch { 2 => 4, 3 => 2, _ => 0 };
        return (Alphabet.IndexOf(text[^1], StringComparison.Ordinal) & ((1 << unused) - 1)) == 0 && text.Length * 6 / 8 >= MinSize;
    }

    /// <summary>Other texts for the same bytes, as a lenient decoder reads them.</summary>
    private static string Respell(string text, int spot)
    {
        int unused = (text.Length % 4) switch { 2 => 4, 3 => 2, _ => 0 };
        return unused == 0 || spot % 2 == 0
            ? text.Insert(spot / 2 % text.Length, "\n")
            : text[..^1] + Alphabet[Alphabet.IndexOf(text[^1], StringComparison.Ordinal) | 1];
    }
}
