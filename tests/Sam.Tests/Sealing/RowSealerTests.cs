using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Testing.TestBed;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.Tests.Sealing;

[Trait("Requirement", "REG-1")]
[Trait("Requirement", "T-INS-3")]
public sealed class RowSealerTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero);
    private static readonly RowAddress _address = new(SamTable.Signers, "partition", "row");
    private static readonly byte[] _plaintext = "{}"u8.ToArray();

    private readonly RowSealer _sealer = Seals.NewSealer();

    public static TheoryData<string, RowAddress, string> OtherPlaces => new()
    {
        { "another table", _address with { Table = SamTable.Clients }, "signer/1" },
        { "another partition", _address with { PartitionKey = "partitioN" }, "signer/1" },
        { "another row key", _address with { RowKey = "row2" }, "signer/1" },
        { "another schema", _address, "counters/1" },
        { "another version of the schema", _address, "signer/2" },
        { "the same letters cut elsewhere", _address with { PartitionKey = "partitionr", RowKey = "ow" }, "signer/1" },
        { "the same letters cut elsewhere, into the schema", _address with { RowKey = "rows" }, "igner/1" },
        { "keys exchanged", _address with { PartitionKey = "row", RowKey = "partition" }, "signer/1" },
    };

    public static TheoryData<string> RowVectors => [.. TestVector.NamesIn("row")];

    /// <summary>Made by another implementation, in another language, from the description alone.</summary>
    [Theory]
    [MemberData(nameof(RowVectors))]
    public void A_sealed_row_is_what_is_described(string name)
    {
        TestVector vector = TestVector.Read("row", name);
        RowAddress address = new(Enum.Parse<SamTable>(vector.Text("table")), vector.Text("partition"), vector.Text("row"));
        DateTimeOffset timestamp = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(vector.Text("timestamp"), CultureInfo.InvariantCulture));

        Result<byte[]> opened = _sealer.Open(new StoredRow(address, vector.Bytes("content"), new RowETag("1"), timestamp), vector.Text("schema"));

        Assert.Equal(vector.Expect, opened.Refusal?.Code.ToString() ?? Encoding.UTF8.GetString(opened.Value));
    }

    [Fact]
    public void A_row_opens_where_and_when_it_was_written() =>
        Assert.Equal(_plaintext, _sealer.Open(Stored(_now), "signer/1").Value);

    /// <summary>Nothing seals it anew: its process may be dead, and the SAM may only add to the audit.</summary>
    [Fact]
    [Trait("Requirement", "SYS-4")]
    public void An_audit_row_opens_however_late_it_was_written()
    {
        RowAddress audit = _address with { Table = SamTable.Audit };
        StoredRow late = new(audit, _sealer.Seal(audit, "audit/1", _now, _plaintext), new RowETag("1"), _now.AddSeconds(10));
        Assert.Equal(_plaintext, _sealer.Open(late, "audit/1").Value);
    }

    [Theory]
    [MemberData(nameof(OtherPlaces))]
    public void A_row_opens_nowhere_else(string place, RowAddress address, string schema) =>
        Assert.True(_sealer.Open(Stored(_now) with { Address = address }, schema).Refusal?.Code == SamErrorCode.RowBroken, place);

    [Theory]
    [InlineData(0, null)]
    [InlineData(5_000, null)]
    [InlineData(-5_000, null)]
    [InlineData(5_001, SamErrorCode.RowRolledBack)]
    [InlineData(-5_001, SamErrorCode.RowRolledBack)]
    [InlineData(86_400_000, SamErrorCode.RowRolledBack)]
    public void A_row_is_as_old_as_its_place(int millisecondsLater, SamErrorCode? refused) =>
        Assert.Equal(refused, _sealer.Open(Stored(_now.AddMilliseconds(millisecondsLater)), "signer/1").Refusal?.Code);

    [Fact]
    public void A_row_whose_seal_is_broken_is_not_called_old()
    {
        StoredRow row = Stored(_now.AddDays(1));
        byte[] changed = row.Content.ToArray();
        changed[^1] ^= 1;

        Assert.Equal(SamErrorCode.RowBroken, _sealer.Open(row with { Content = changed }, "signer/1").Refusal?.Code);
    }

    [Fact]
    public void What_another_purpose_sealed_is_no_row()
    {
        Envelope envelope = Seals.NewEnvelope();
        byte[] bound = AssociatedData.Of("sam-row", "Signers", "partition", "row", "signer/1");
        byte[] time = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, _now.ToUnixTimeMilliseconds());

        // Only the purpose differs from the row that opens.
        Assert.Equal(_plaintext, _sealer.Open(Stored(_now) with { Content = envelope.Seal("row/Signers", bound, [.. time, .. _plaintext]) }, "signer/1").Value);
        Assert.All(
            new[] { "sad", "keyring", "row/Clients", "row" },
            purpose => Assert.Equal(
                SamErrorCode.RowBroken,
                _sealer.Open(Stored(_now) with { Content = envelope.Seal(purpose, bound, [.. time, .. _plaintext]) }, "signer/1").Refusal?.Code));
    }

    /// <summary>Each part of the associated data on its own, taken out or changed under the right purpose: what a row is bound to stands twice for the table, once for the rest.</summary>
    [Fact]
    public void The_associated_data_are_the_ones_described()
    {
        Envelope envelope = Seals.NewEnvelope();
        byte[] sealedRow = Stored(_now).Content.ToArray();

        Assert.NotNull(envelope.Open("row/Signers", AssociatedData.Of("sam-row", "Signers", "partition", "row", "signer/1"), sealedRow));
        Assert.All(
            new string[][]
            {
                ["Signers", "partition", "row", "signer/1"], ["sam-row", "partition", "row", "signer/1"], ["sam-row", "Signers", "row", "signer/1"],
                ["sam-row", "Signers", "partition", "signer/1"], ["sam-row", "Signers", "partition", "row"], ["sam-sad/1", "Signers", "partition", "row", "signer/1"],
            },
            parts => Assert.Null(envelope.Open("row/Signers", AssociatedData.Of(parts), sealedRow)));
    }

    [Fact]
    public void A_sealed_row_shows_nothing_of_its_content()
    {
        byte[] secret = Encoding.UTF8.GetBytes("a name that must not be read");
        byte[] content = _sealer.Seal(_address, "signer/1", _now, secret);
        Assert.True(content.AsSpan().IndexOf(secret.AsSpan(0, 4)) < 0);
    }

    private StoredRow Stored(DateTimeOffset timestamp) =>
        new(_address, _sealer.Seal(_address, "signer/1", _now, _plaintext), new RowETag("1"), timestamp);
}
