using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sam.Api.Csc;

/// <summary>A distinguished name as text by RFC 4514, which the API asks for. .NET's own text is the older X.500 style with quotes.</summary>
internal static class DistinguishedNameText
{
    // RFC 4514 section 3: the names that every reader knows. All others stand as numbers.
    private static readonly Dictionary<string, string> _names = new(StringComparer.Ordinal)
    {
        ["2.5.4.3"] = "CN",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.10"] = "O",
        ["2.5.4.11"] = "OU",
        ["2.5.4.6"] = "C",
        ["2.5.4.9"] = "STREET",
        ["0.9.2342.19200300.100.1.25"] = "DC",
        ["0.9.2342.19200300.100.1.1"] = "UID",
    };

    /// <exception cref="AsnContentException">The name is no DER, which a certificate that .NET could load may still hold.</exception>
    internal static string Of(X500DistinguishedName name)
    {
        List<string> sets = [];
        AsnReader sequence = new AsnReader(name.RawData, AsnEncodingRules.BER).ReadSequence();
        while (sequence.HasData)
        {
            List<string> attributes = [];
            AsnReader set = sequence.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                AsnReader attribute = set.ReadSequence();
                attributes.Add(Attribute(attribute.ReadObjectIdentifier(), attribute.ReadEncodedValue().Span));
            }

            sets.Add(string.Join('+', attributes));
        }

        // The last comes first (section 2.1).
        sets.Reverse();
        return string.Join(',', sets);
    }

    private static string Attribute(string oid, ReadOnlySpan<byte> value) =>
        _names.TryGetValue(oid, out string? name) && ReadText(value) is { } text
            ? $"{name}={Escape(text)}"
            : $"{name ?? oid}=#{Convert.ToHexStringLower(value)}";

    private static string? ReadText(ReadOnlySpan<byte> value)
    {
        Asn1Tag tag = Asn1Tag.Decode(value, out _);
        try
        {
            return tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue
                is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String
                or UniversalTagNumber.T61String or UniversalTagNumber.BMPString
                ? AsnDecoder.ReadCharacterString(value, AsnEncodingRules.BER, (UniversalTagNumber)tag.TagValue, out _)
                : null;
        }
        catch (AsnContentException)
        {
            // Authorities do write an underscore into a PrintableString, which has none: one such name must not take a signer's whole list away.
            return null;
        }
    }

    /// <summary>Section 2.4.</summary>
    private static string Escape(string text)
    {
        StringBuilder escaped = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\0')
            {
                escaped.Append("\\00");
                continue;
            }

            bool atStart = i == 0 && c is (' ' or '#');
            bool atEnd = i == text.Length - 1 && c == ' ';
            if (atStart || atEnd || c is '"' or '+' or ',' or ';' or '<' or '>' or '\\')
            {
                escaped.Append('\\');
            }

            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
