using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Core.Certificates;

/// <summary>Reads names as the pairs they are made of. The text that .NET makes of a name is for eyes: two names may have one text.</summary>
internal static class NameReader
{
    internal const string AlternativeNameOid = "2.5.29.17";

    private static readonly Asn1Tag _rfc822Name = new(TagClass.ContextSpecific, 1);

    /// <summary>All attributes in the order of the encoding, whatever sets they stand in; null for what is no name. A value is null when it is none of the texts of RFC 5280.</summary>
    internal static IReadOnlyList<(string Oid, string? Text, byte[] Der)>? Read(X500DistinguishedName name)
    {
        List<(string, string?, byte[])> attributes = [];
        try
        {
            AsnReader outer = new(name.RawData, AsnEncodingRules.DER);
            AsnReader sequence = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            while (sequence.HasData)
            {
                // Some authorities sort their sets by type and not by encoding. The order means nothing.
                AsnReader set = sequence.ReadSetOf(skipSortOrderValidation: true);
                while (set.HasData)
                {
                    AsnReader attribute = set.ReadSequence();
                    string oid = attribute.ReadObjectIdentifier();
                    byte[] value = attribute.ReadEncodedValue().ToArray();
                    attribute.ThrowIfNotEmpty();
                    attributes.Add((oid, ReadText(value), value));
                }
            }

            return attributes;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>
    /// The mail addresses of a subjectAltName; null when there is anything else in it. Another kind of name (a directory name, a login, a host) would name the holder a second time, in words that nobody registered.
    /// </summary>
    internal static IReadOnlyList<string>? ReadMailAddresses(X509ExtensionCollection extensions)
    {
        List<string> addresses = [];
        try
        {
            foreach (X509Extension extension in extensions.Where(e => e.Oid?.Value == AlternativeNameOid))
            {
                AsnReader outer = new(extension.RawData, AsnEncodingRules.DER);
                AsnReader names = outer.ReadSequence();
                outer.ThrowIfNotEmpty();
                while (names.HasData)
                {
                    addresses.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, _rfc822Name));
                }
            }

            return addresses;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>A subjectAltName with one mail address (RFC 5280 section 4.2.1.6: not in the name itself).</summary>
    internal static X509Extension OfMailAddress(string address)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, address, _rfc822Name);
        }

        return new X509Extension(AlternativeNameOid, writer.Encode(), critical: false);
    }

    private static string? ReadText(byte[] value)
    {
        Asn1Tag tag = Asn1Tag.Decode(value, out _);
        try
        {
            return tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue
                is UniversalTagNumber.UTF8String or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.BMPString
                ? AsnDecoder.ReadCharacterString(value, AsnEncodingRules.DER, (UniversalTagNumber)tag.TagValue, out _)
                : null;
        }
        catch (AsnContentException)
        {
            // Not the type's alphabet. What the name says is then anybody's guess, and a guess matches nothing.
            return null;
        }
    }
}
