using System.Security.Cryptography;
using Sam.Cli.Audit;
using Sam.Core.Audit;
using Xunit;
using static Sam.Tests.Audit.AuditSample;

namespace Sam.Tests.Audit;

/// <summary>What somebody does to the audit who may do anything to its table, and what an outsider says to it.</summary>
[Trait("Requirement", "SYS-4")]
[Trait("Requirement", "T-INS-3")]
public sealed class AuditVerifierTests : IAsyncLifetime
{
    // Of the fixed part of a checkpoint.
    private const int Tag = 24;

    private AuditSample _sample = null!;

    public async ValueTask InitializeAsync() => _sample = await MakeAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public void A_whole_audit_is_clean_while_it_runs_and_when_it_ended()
    {
        Assert.Null(_sample.Judge(_sample.Running, heads: _sample.Heads));
        Assert.Null(_sample.Judge(_sample.Ended, heads: _sample.Heads));
        Assert.Null(_sample.Judge(_sample.Ended, withCertificate: false));
    }

    [Theory]
    [InlineData("version", 0, nameof(AuditFaultKind.Form), 0)]
    [InlineData("sequence", 8, nameof(AuditFaultKind.OtherPlace), 0)]
    [InlineData("number of records", 10, nameof(AuditFaultKind.Unchained), 1)]
    [InlineData("previous head", 20, nameof(AuditFaultKind.Unchained), 0)]
    [InlineData("MAC", 50, nameof(AuditFaultKind.Unchained), 1)]
    [InlineData("sealed records", 80, nameof(AuditFaultKind.Unchained), 1)]
    [InlineData("last byte", -1, nameof(AuditFaultKind.Unchained), 1)]
    public void A_bit_of_a_row_counts(string field, int offset, string kind, int later)
    {
        Assert.NotEmpty(field);
        AuditFault? fault = _sample.Judge(With(_sample.Ended, IndexOf(_sample.Ended, _sample.One, 65), row => Flip(row, offset)));
        Assert.Equal(new AuditFault(Enum.Parse<AuditFaultKind>(kind), _sample.One, 65 + later), fault);
    }

    [Theory]
    [InlineData("length of the tag", 1, nameof(AuditFaultKind.CheckpointForm))]
    [InlineData("tag", 5, nameof(AuditFaultKind.CheckpointForm))]
    [InlineData("end", Tag, nameof(AuditFaultKind.CheckpointForm))]
    [InlineData("number", Tag + 8, nameof(AuditFaultKind.CheckpointForeign))]
    [InlineData("time", Tag + 16, nameof(AuditFaultKind.CheckpointOtherPlace))]
    [InlineData("previous", Tag + 20, nameof(AuditFaultKind.CheckpointForeign))]
    [InlineData("chain", Tag + 49, nameof(AuditFaultKind.CheckpointOtherPlace))]
    [InlineData("sequence", Tag + 49 + 39, nameof(AuditFaultKind.CheckpointForeign))]
    [InlineData("hash", Tag + 49 + 50, nameof(AuditFaultKind.CheckpointForeign))]
    [InlineData("number of others", Tag + 49 + 73, nameof(AuditFaultKind.CheckpointForm))]
    [InlineData("another's sequence", Tag + 49 + 74 + 39, nameof(AuditFaultKind.CheckpointForeign))]
    [InlineData("another's hash", Tag + 49 + 74 + 60, nameof(AuditFaultKind.CheckpointForeign))]
    [InlineData("signature", -1, nameof(AuditFaultKind.CheckpointForeign))]
    public void A_bit_of_a_checkpoint_counts(string field, int offset, string kind)
    {
        // The second of at least one of the two names the other chain.
        int index = Array.FindIndex(_sample.Ended, row => IsCheckpoint(row) && CheckpointContent.Read(row.Content)!.Others.Count > 0);
        AuditFault? fault = _sample.Judge(With(_sample.Ended, index, row => Flip(row, offset)));

        // A hexadecimal digit whose bit is flipped may be none any more.
        string? found = field == "chain" && fault?.Kind == AuditFaultKind.CheckpointForm ? nameof(AuditFaultKind.CheckpointOtherPlace) : fault?.Kind.ToString();
        Assert.True(kind == found, $"{field}: {fault}");
    }

    [Fact]
    public void Every_byte_counts()
    {
        int tried = 0;
        foreach (int index in new[] { IndexOf(_sample.Ended, _sample.Other, 1), IndexOf(_sample.Ended, _sample.Other, 8), IndexOfCheckpoint(_sample.Ended, _sample.Other, 1) })
        {
            for (int offset = 0; offset < _sample.Ended[index].Content.Length; offset++, tried++)
            {
                Assert.NotNull(_sample.Judge(With(_sample.Ended, index, row => Flip(row, offset))));
            }
        }

        Assert.True(tried > 500);
    }

    [Fact]
    public void A_row_that_is_dropped_is_named()
    {
        AuditFaultKind[] named = [AuditFaultKind.Missing, AuditFaultKind.CutOff, AuditFaultKind.CheckpointMissing];
        for (int i = 0; i < _sample.Ended.Length; i++)
        {
            AuditFault? fault = _sample.Judge(_sample.Ended.Where((_, index) => index != i));
            bool isLastCheckpoint = IsCheckpoint(_sample.Ended[i]) && CheckpointContent.Read(_sample.Ended[i].Content)!.Ends;

            // Without the checkpoint that ends a chain, the chain looks as if its process had died; nothing that is in it is lost.
            Assert.True(isLastCheckpoint ? fault is null : fault is not null && named.Contains(fault.Kind), $"{_sample.Ended[i].Partition}/{_sample.Ended[i].Row}: {fault}");
        }
    }

    [Fact]
    public void Rows_that_change_places_are_named()
    {
        int index = IndexOf(_sample.Ended, _sample.One, 5);
        AuditRow[] contents = With(With(_sample.Ended, index, row => row with { Content = _sample.Ended[index + 1].Content }), index + 1, row => row with { Content = _sample.Ended[index].Content });
        Assert.Equal(new AuditFault(AuditFaultKind.OtherPlace, _sample.One, 5), _sample.Judge(contents));

        AuditRow[] lines = [.. _sample.Ended];
        (lines[index], lines[index + 1]) = (lines[index + 1], lines[index]);
        Assert.Equal(new AuditFault(AuditFaultKind.Missing, _sample.One, 5), _sample.Judge(lines));
    }

    [Fact]
    public void A_row_that_is_there_twice_is_named()
    {
        int index = IndexOf(_sample.Ended, _sample.One, 5);
        Assert.Equal(new AuditFault(AuditFaultKind.Disorder, _sample.One, 5), _sample.Judge([.. _sample.Ended[..index], _sample.Ended[index], .. _sample.Ended[index..]]));
        int checkpoint = IndexOfCheckpoint(_sample.Ended, _sample.One, 1);
        Assert.Equal(AuditFaultKind.Disorder, _sample.Judge([.. _sample.Ended[..checkpoint], _sample.Ended[checkpoint], .. _sample.Ended[checkpoint..]])?.Kind);
    }

    [Fact]
    public void A_row_that_is_put_in_is_named()
    {
        int last = IndexOf(_sample.Ended, _sample.One, 75);
        AuditRow end = _sample.Ended[last];
        byte[] content = AuditChain.Content(AuditRatchet.Of(_sample.One, new byte[32]), 76, 1, AuditChain.Head(_sample.One, end.Content), new byte[AuditFormat.HashSize], [1, 2, 3]);
        AuditRow appended = new($"{_sample.One}-0000000001", $"{76:d12}", content);
        Assert.Equal(AuditFaultKind.AfterEnd, _sample.Judge([.. _sample.Ended[..(last + 1)], appended, .. _sample.Ended[(last + 1)..]])?.Kind);

        foreach (AuditRow stray in new[] { end with { Row = end.Row + "0" }, end with { Partition = end.Partition + "0" }, new AuditRow(_sample.One + "-0000000009", $"{77:d12}", content) })
        {
            Assert.Equal(new AuditFault(AuditFaultKind.Stray, $"{stray.Partition}/{stray.Row}", 0), _sample.Judge([.. _sample.Ended[..(last + 1)], stray, .. _sample.Ended[(last + 1)..]]));
        }
    }

    [Fact]
    public void A_fork_that_is_whole_in_itself_is_told_by_the_checkpoints()
    {
        AuditFault? fault = _sample.Judge(Rewrite(_sample.Ended, _sample.One, 40));
        Assert.Equal((AuditFaultKind.Rewritten, _sample.One), (fault!.Kind, fault.Chain));
        Assert.Contains("checkpoint 0 of chain", fault.ToString(), StringComparison.Ordinal);

        // Beside the last checkpoint of all it is one row only.
        Assert.Equal(AuditFaultKind.Rewritten, _sample.Judge(Rewrite(_sample.Ended, _sample.One, 75))?.Kind);
    }

    [Fact]
    public void A_whole_chain_that_is_missing_is_told_by_the_other_or_by_the_witness()
    {
        AuditRow[] others = [.. _sample.Ended.Where(row => !row.Partition.StartsWith(_sample.One, StringComparison.Ordinal))];
        Assert.Equal(AuditFaultKind.ChainMissing, _sample.Judge(others)?.Kind);

        AuditRow[] without = [.. others.Where(row => !row.Row.EndsWith(_sample.One, StringComparison.Ordinal))];
        AuditFault? fault = _sample.Judge(without);
        Assert.Equal((AuditFaultKind.ChainMissing, _sample.One), (fault!.Kind, fault.Chain));
        Assert.Contains(_sample.Other, fault.Witness, StringComparison.Ordinal);

        // All are gone, and nobody in the table can know.
        Assert.Null(_sample.Judge([]));
        Assert.Equal(AuditFaultKind.ChainMissing, _sample.Judge([], heads: _sample.Heads)?.Kind);
    }

    [Fact]
    public void A_checkpoint_by_another_key_is_named()
    {
        using ECDsa stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AuditRow[] forged = With(_sample.Ended, IndexOfCheckpoint(_sample.Ended, _sample.One, 1), row => row with
        {
            Content = [.. row.Content[..^64], .. stranger.SignData(row.Content[..^64], HashAlgorithmName.SHA256)],
        });
        Assert.Equal(new AuditFault(AuditFaultKind.CheckpointForeign, _sample.One, 1), _sample.Judge(forged));
    }

    [Fact]
    public void A_checkpoint_in_the_place_of_another_is_named()
    {
        int second = IndexOfCheckpoint(_sample.Ended, _sample.One, 1);
        AuditRow first = _sample.Ended[IndexOfCheckpoint(_sample.Ended, _sample.One, 0)];
        Assert.Equal(new AuditFault(AuditFaultKind.CheckpointOtherPlace, _sample.One, 1), _sample.Judge(With(_sample.Ended, second, row => row with { Content = first.Content })));

        // Nobody but the HSM can sign a second checkpoint of one number; if it was made to, the chain of checkpoints shows it.
        AuditRow[] unsigned = With(_sample.Ended, second, row => Flip(row, Tag + 20));
        Assert.Equal(new AuditFault(AuditFaultKind.CheckpointUnchained, _sample.One, 1), _sample.Judge(unsigned, withCertificate: false));
    }

    [Fact]
    public void The_end_after_the_last_checkpoint_is_the_witness_s_matter()
    {
        // What the witness had: the rows behind the last checkpoint were told to it, and then the process died.
        ChainHead head = new(_sample.One, 75, AuditChain.Head(_sample.One, _sample.Running[IndexOf(_sample.Running, _sample.One, 75)].Content));
        AuditRow[] rewritten = Rewrite(_sample.Running, _sample.One, 73);
        AuditRow[] cut = [.. _sample.Running.Where((_, i) => i != IndexOf(_sample.Running, _sample.One, 75))];

        Assert.Null(_sample.Judge(_sample.Running, heads: [head]));
        Assert.Null(_sample.Judge(rewritten));
        Assert.Null(_sample.Judge(cut));
        Assert.Equal(new AuditFault(AuditFaultKind.Rewritten, _sample.One, 75, "the witness"), _sample.Judge(rewritten, heads: [head]));
        Assert.Equal(new AuditFault(AuditFaultKind.CutOff, _sample.One, 75, "the witness"), _sample.Judge(cut, heads: [head]));
    }
}
