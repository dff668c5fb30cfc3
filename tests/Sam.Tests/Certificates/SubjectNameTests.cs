using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sam.Core.Certificates;
using Sam.Core.Results;
using Sam.Core.Rows;
using Xunit;

namespace Sam.Tests.Certificates;

/// <summary>A certificate names whom it was registered to name, and nobody else (CSR-2).</summary>
[Trait("Requirement", "CSR-2")]
public sealed class SubjectNameTests
{
    private static readonly SubjectName _full = SubjectName.Create(
        "山田 花子", "花子", "山田", "PASJP-TK1234567", "Example 株式会社", "Legal", "NTRJP-0104-01-123456", "JP", "hanako@example.com").Value;

    public static TheoryData<string, string?> Bad() => new()
    {
        { "commonName", null },
        { "commonName", "" },
        { "commonName", new string('x', 65) },
        { "commonName", "Eve\u0000" },
        { "commonName", "Eve\n" },
        { "commonName", " Eve" },
        { "commonName", "Eve " },
        { "commonName", "\u202Eeve" },
        { "commonName", "E\u200Bve" },
        { "commonName", "E\uD800" },
        { "givenName", "" },
        { "givenName", new string('x', 256) },
        { "surname", "\t" },
        { "serialNumber", "PASJP_1" },
        { "serialNumber", "番号" },
        { "organization", new string('x', 65) },
        { "country", "jp" },
        { "country", "JPN" },
        { "country", "J1" },
        { "email", "nobody" },
        { "email", "a@b@c" },
        { "email", "é@example.com" },
        { "email", "a b@example.com" },
        { "email", "@example.com" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void The_attribute_at_fault_is_named(string attribute, string? value)
    {
        string? At(string name, string? otherwise = null) => name == attribute ? value : otherwise;
        Result<SubjectName> result = SubjectName.Create(
            At("commonName", "Eve"), At("givenName"), At("surname"), At("serialNumber"), At("organization", "Org"), At("organizationalUnit"), At("organizationIdentifier"), At("country"), At("email"));
        Assert.Equal(new Refusal(SamErrorCode.ParameterInvalid, $"identity.{attribute}"), result.Refusal);
    }

    [Fact]
    public void A_part_or_a_number_goes_with_its_organisation_only()
    {
        Assert.Equal("identity.organizationalUnit", SubjectName.Create("Eve", organizationalUnit: "Legal").Refusal?.Parameter);
        Assert.Equal("identity.organizationIdentifier", SubjectName.Create("Eve", organizationIdentifier: "NTRJP-1").Refusal?.Parameter);
    }

    [Fact]
    public void A_common_name_is_enough() => Assert.Equal([new NamePart("commonName", "alice")], SubjectName.Create("alice").Value.Attributes);

    [Fact]
    public void A_row_keeps_it_as_it_is()
    {
        string json = JsonSerializer.Serialize(_full, RowJson.Default.SubjectName);
        Assert.Equal(_full, JsonSerializer.Deserialize(json, RowJson.Default.SubjectName));
        Assert.DoesNotContain("Attributes", json, StringComparison.Ordinal);
        SubjectName bare = SubjectName.Create("alice").Value;
        Assert.Equal(bare, JsonSerializer.Deserialize(JsonSerializer.Serialize(bare, RowJson.Default.SubjectName), RowJson.Default.SubjectName));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"CommonName":"alice"}""", RowJson.Default.SubjectName));
    }

    [Fact]
    public void The_encoding_is_from_the_country_to_the_common_name()
    {
        X500DistinguishedName name = _full.ToDistinguishedName();
        Assert.Equal(
            ["2.5.4.6", "2.5.4.10", "2.5.4.97", "2.5.4.11", "2.5.4.4", "2.5.4.42", "2.5.4.5", "2.5.4.3"],
            name.EnumerateRelativeDistinguishedNames(reversed: false).Select(r => r.GetSingleElementType().Value));
        Assert.True(_full.Matches(name));
    }

    [Fact]
    public void Neither_order_nor_sets_nor_the_kind_of_string_count()
    {
        SubjectName name = SubjectName.Create("Eve Example", givenName: "Eve", country: "JP").Value;
        Assert.True(name.Matches(Dn(("2.5.4.3", "Eve Example"), ("2.5.4.42", "Eve"), ("2.5.4.6", "JP"))));
        Assert.True(name.Matches(Dn(UniversalTagNumber.PrintableString, inOneSet: false, ("2.5.4.42", "Eve"), ("2.5.4.6", "JP"), ("2.5.4.3", "Eve Example"))));
        Assert.True(name.Matches(Dn(UniversalTagNumber.BMPString, inOneSet: true, ("2.5.4.42", "Eve"), ("2.5.4.6", "JP"), ("2.5.4.3", "Eve Example"))));
    }

    [Fact]
    public void A_place_or_the_authoritys_own_qualifier_names_nobody() =>
        Assert.True(SubjectName.Create("Eve").Value.Matches(Dn(("2.5.4.3", "Eve"), ("2.5.4.7", "Tokyo"), ("2.5.4.8", "Tokyo"), ("2.5.4.9", "1-1"), ("2.5.4.17", "100"), ("2.5.4.46", "7"))));

    [Fact]
    [Trait("Requirement", "T-CSR-2")]
    public void A_false_name_is_none_of_the_registered_one()
    {
        SubjectName eve = SubjectName.Create("Eve", surname: "Example", country: "JP").Value;
        (string, string) cn = ("2.5.4.3", "Eve"), sn = ("2.5.4.4", "Example"), c = ("2.5.4.6", "JP");
        Assert.True(eve.Matches(Dn(cn, sn, c)));
        Assert.All(
            new X500DistinguishedName[]
            {
                Dn(),
                Dn(cn, c),
                Dn(cn, sn),
                Dn(sn, c),
                Dn(("2.5.4.3", "eve"), sn, c),
                Dn(("2.5.4.3", "Eve "), sn, c),
                Dn(("2.5.4.3", "Alice"), sn, c),
                Dn(cn, ("2.5.4.3", "Alice"), sn, c),
                Dn(cn, cn, sn, c),
                Dn(cn, cn, c),
                Dn(cn, ("2.5.4.41", "Example"), c),
                Dn(cn, sn, c, ("2.5.4.10", "Bank")),
                Dn(cn, sn, c, ("2.5.4.12", "Director")),
                Dn(cn, sn, c, ("2.5.4.65", "Alice")),
                Dn(cn, sn, c, ("2.5.4.5", "1")),
                Dn(cn, sn, c, ("0.9.2342.19200300.100.1.1", "alice")),
                Dn(cn, sn, c, ("1.2.840.113549.1.9.1", "alice@example.com")),
                Dn(cn, sn, c, ("1.2.3.4", "x")),
                new([]),
                new([0x30, 0x03, 0x02, 0x01]),
                new([.. Dn(cn, sn, c).RawData, 0]),
            },
            other => Assert.False(eve.Matches(other)));
    }

    [Fact]
    [Trait("Requirement", "T-CSR-2")]
    public void A_value_that_is_not_of_its_kind_of_string_matches_nothing()
    {
        // An underscore is in no PrintableString: the bytes say "Eve_1" to the lenient and nothing to the strict.
        byte[] der = Dn(UniversalTagNumber.UTF8String, inOneSet: false, ("2.5.4.3", "Eve_1")).RawData;
        SubjectName eve = SubjectName.Create("Eve_1").Value;
        Assert.True(eve.Matches(new X500DistinguishedName(der)));
        der[Array.IndexOf(der, (byte)UniversalTagNumber.UTF8String)] = (byte)UniversalTagNumber.PrintableString;
        Assert.False(eve.Matches(new X500DistinguishedName(der)));
    }

    [Fact]
    public void A_mail_address_stands_in_the_name_or_beside_it()
    {
        SubjectName eve = SubjectName.Create("Eve", email: "eve@example.com").Value;
        X500DistinguishedName bare = Dn(("2.5.4.3", "Eve"));
        X500DistinguishedName with = Dn(("2.5.4.3", "Eve"), ("1.2.840.113549.1.9.1", "eve@example.com"));
        X509Extension mail = Alternative(b => b.AddEmailAddress("eve@example.com"));
        Assert.True(eve.Matches(bare, [mail]));
        Assert.True(eve.Matches(with, []));
        Assert.True(eve.Matches(with, [mail]));
        Assert.False(eve.Matches(bare, []));
        Assert.False(eve.Matches(bare, [Alternative(b => b.AddEmailAddress("Eve@example.com"))]));
    }

    [Fact]
    [Trait("Requirement", "T-CSR-2")]
    public void Another_name_beside_the_registered_one_is_a_false_name()
    {
        SubjectName eve = SubjectName.Create("Eve").Value;
        X500DistinguishedName name = Dn(("2.5.4.3", "Eve"));
        Assert.True(eve.Matches(name, []));
        Assert.All(
            new Action<SubjectAlternativeNameBuilder>[]
            {
                b => b.AddEmailAddress("alice@example.com"),
                b => b.AddUserPrincipalName("alice@example.com"),
                b => b.AddDnsName("example.com"),
                b => b.AddUri(new Uri("https://example.com/alice")),
            },
            add => Assert.False(eve.Matches(name, [Alternative(add)])));
        Assert.False(eve.Matches(name, [new X509Extension("2.5.29.17", [0x30, 0x05], critical: false)]));
    }

    private static X509Extension Alternative(Action<SubjectAlternativeNameBuilder> add)
    {
        SubjectAlternativeNameBuilder builder = new();
        add(builder);
        return builder.Build();
    }

    private static X500DistinguishedName Dn(params (string Oid, string Value)[] attributes) => Dn(UniversalTagNumber.UTF8String, false, attributes);

    private static X500DistinguishedName Dn(UniversalTagNumber kind, bool inOneSet, params (string Oid, string Value)[] attributes)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach ((string Oid, string Value)[] set in inOneSet ? [attributes] : attributes.Select(a => new[] { a }))
            {
                using (writer.PushSetOf())
                {
                    foreach ((string oid, string value) in set)
                    {
                        using (writer.PushSequence())
                        {
                            writer.WriteObjectIdentifier(oid);
                            writer.WriteCharacterString(kind, value);
                        }
                    }
                }
            }
        }

        return new X500DistinguishedName(writer.Encode());
    }
}
