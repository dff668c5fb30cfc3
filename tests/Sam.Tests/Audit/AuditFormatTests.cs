using System.Globalization;
using Sam.Cli.Audit;
using Sam.Core.Audit;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.Tests.Audit;

/// <summary>The format of rows and checkpoints, by vectors that another program made from its description: writer and verifier agree with it, and so with each other.</summary>
[Trait("Requirement", "SYS-4")]
public sealed class AuditFormatTests
{
    public static TheoryData<string> Rows => [.. TestVector.NamesIn("audit").Where(name => name.StartsWith("row", StringComparison.Ordinal))];

    public static TheoryData<string> Checkpoints => [.. TestVector.NamesIn("audit").Where(name => name.StartsWith("checkpoint", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_row_is_written_as_described(string name)
    {
        TestVector vector = TestVector.Read("audit", name);
        string chain = vector.Text("chain");
        byte[] content = AuditChain.Content(
            AuditRatchet.Of(chain, vector.Bytes("key")), Number(vector, "sequence"), (int)Number(vector, "records"), vector.Bytes("previous"), vector.Bytes("root"), vector.Bytes("sealed"));
        Assert.Equal(vector.Bytes("content"), content);
        Assert.Equal(vector.Expect, Convert.ToHexStringLower(AuditChain.Head(chain, content)));
        Assert.Equal((vector.Text("partition"), vector.Text("row")), (AuditChain.Address(chain, Number(vector, "sequence")).PartitionKey, AuditChain.Address(chain, Number(vector, "sequence")).RowKey));
    }

    [Fact]
    public void The_verifier_reads_what_is_described()
    {
        AuditRow[] rows = [.. new[] { "row-first", "row-second" }.Select(name => TestVector.Read("audit", name)).Select(v => new AuditRow(v.Text("partition"), v.Text("row"), v.Bytes("content")))];
        TestVector second = TestVector.Read("audit", "row-second");
        using AuditVerifier verifier = new(identity: null);
        Assert.All(rows, row => Assert.Null(verifier.Take(row)));
        Assert.Equal((2, 101), (verifier.Rows.Rows, verifier.Rows.Records));
        Assert.Null(verifier.Compare(new ChainHead(second.Text("chain"), 1, Convert.FromHexString(second.Expect)), "the vector"));
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void A_checkpoint_is_written_and_read_as_described(string name)
    {
        TestVector vector = TestVector.Read("audit", name);
        ChainHead head = new(vector.Text("chain"), Number(vector, "sequence"), vector.Bytes("hash"));
        ChainHead[] others = vector.Text("others") == "none" ? [] : [.. vector.Text("others").Split(' ').Select(Head)];
        bool ends = Number(vector, "ends") == 1;
        AuditCheckpoint checkpoint = new(head, Number(vector, "number"), DateTimeOffset.FromUnixTimeMilliseconds(Number(vector, "milliseconds")), vector.Bytes("previous"), ends, others);
        Assert.Equal(vector.Expect, Convert.ToHexStringLower(checkpoint.ToStatement()));
        Assert.Equal((vector.Text("partition"), vector.Text("row")), (checkpoint.Address.PartitionKey, checkpoint.Address.RowKey));

        CheckpointContent read = CheckpointContent.Read((byte[])[.. Convert.FromHexString(vector.Expect), .. new byte[64]])!;
        Assert.Equal((vector.Text("partition"), vector.Text("row")), read.Address);
        Assert.Equal((checkpoint.Number, ends), (read.Number, read.Ends));
        Assert.Equal(vector.Bytes("previous"), read.Previous.ToArray());
        Assert.Equal(new[] { head }.Concat(others).Select(Text), new[] { read.Head }.Concat(read.Others).Select(Text));
    }

    private static ChainHead Head(string text)
    {
        string[] parts = text.Split('/');
        return new ChainHead(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture), Convert.FromHexString(parts[2]));
    }

    private static string Text(ChainHead head) => $"{head.ChainId}/{head.Sequence}/{Convert.ToHexStringLower(head.Hash.Span)}";

    private static long Number(TestVector vector, string field) => long.Parse(vector.Text(field), CultureInfo.InvariantCulture);
}
