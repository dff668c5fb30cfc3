using System.Security.Cryptography;
using System.Text;
using Sam.Cli.Audit;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Testing.InMemory;
using Xunit;

namespace Sam.Tests.Audit;

/// <summary>Checkpoints and heads go beside the log: whatever becomes of them, records are written, and the next turn makes up for it.</summary>
[Trait("Requirement", "SYS-4")]
public sealed class AuditCheckpointsTests : IAsyncLifetime
{
    private readonly ListedHeads _witness = new();
    private AuditSite _site = null!;
    private AuditSite.Process _one = null!;

    public async ValueTask InitializeAsync()
    {
        _site = await AuditSite.OpenAsync();
        _one = _site.Start(_witness);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task Nothing_is_signed_where_nothing_was_written_and_nothing_on_the_path_of_a_record()
    {
        int before = _site.Hsm.SignCalls;
        await TurnAsync(30);
        Assert.Empty(_site.Table.Attacker.Rows());

        await _one.WriteAsync(20);
        Assert.Equal(before, _site.Hsm.SignCalls);
        Assert.Equal(20, _site.Way.Calls.Count(call => call.IsWrite));

        await _site.TurnUntilSignedAsync(_one);
        await TurnAsync(60);
        Assert.Equal(before + 1, _site.Hsm.SignCalls);
        Assert.Equal(_one.Log.Latest, Assert.Single(_witness.Heads));
    }

    [Fact]
    public async Task Two_processes_name_each_other_once()
    {
        AuditSite.Process other = _site.Start();
        await _one.WriteAsync(2);
        await other.WriteAsync(3);
        await _site.TurnUntilSignedAsync(_one, other);
        await TurnAsync(60);

        Assert.Equal([(other.Chain, 2L)], _site.CheckpointsOf(_one.Chain).SelectMany(c => c.Others).Select(h => (h.ChainId, h.Sequence)));
        Assert.Equal([(_one.Chain, 1L)], _site.CheckpointsOf(other.Chain).SelectMany(c => c.Others).Select(h => (h.ChainId, h.Sequence)));
    }

    [Fact]
    public async Task A_checkpoint_that_nobody_signed_is_not_believed()
    {
        AuditSite.Process other = _site.Start();
        int before = _site.Hsm.SignCalls;
        await _one.WriteAsync(1);
        await other.WriteAsync(1);
        AuditCheckpoint forged = new(new ChainHead(new string('f', 32), 7, new byte[32]), 0, _site.Clock.GetUtcNow(), new byte[32], Ends: false, []);
        _ = _site.Table.Attacker.Write(forged.Address, (byte[])[.. forged.ToStatement(), .. new byte[64]]);
        await _site.Clock.TurnUntilAsync(() => _site.Hsm.SignCalls >= before + 3);
        Assert.DoesNotContain(_site.CheckpointsOf(_one.Chain).SelectMany(c => c.Others), head => head.ChainId[0] == 'f' && head.Sequence == 7);
    }

    [Fact]
    public async Task The_last_checkpoint_ends_the_chain()
    {
        await _one.WriteAsync(3);
        await _one.EndAsync();
        CheckpointContent last = _site.CheckpointsOf(_one.Chain)[^1];
        Assert.True(last.Ends);
        Assert.Equal((2, _one.Chain), (last.Head.Sequence, last.Head.ChainId));
        Assert.Equal(2, Assert.Single(_witness.Heads).Sequence);
        Assert.Empty(_site.Told);
    }

    [Fact]
    public async Task A_chain_whose_log_gave_up_does_not_end()
    {
        await _one.WriteAsync(1);
        _site.Way.Fate = call => call.Address.RowKey == $"{1:d12}" ? WriteFate.LostBeforeArriving : WriteFate.Answered;
        await Assert.ThrowsAsync<AuditUnavailableException>(() => _one.Log.AppendAsync(new AuditRecord { Event = AuditEvent.AuditRead }));
        await _one.EndAsync();
        Assert.All(_site.CheckpointsOf(_one.Chain), checkpoint => Assert.False(checkpoint.Ends));
    }

    [Fact]
    public async Task An_HSM_that_is_away_costs_the_checkpoint_of_this_turn()
    {
        await _one.WriteAsync(1);
        _site.Hsm.BeforeSign = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "test");
        await _site.Clock.TurnUntilAsync(() => _site.Told.Count > 0);
        Assert.IsType<KeyBackendException>(_site.Told[0]);
        Assert.Single(_witness.Heads);

        await _one.WriteAsync(1);
        _site.Hsm.BeforeSign = null;
        await _site.TurnUntilSignedAsync(_one);
        Assert.Equal([0], _site.CheckpointsOf(_one.Chain).Select(c => c.Number));
    }

    [Theory]
    [InlineData(WriteFate.ArrivesUnanswered)]
    [InlineData(WriteFate.ArrivesAnsweredAsConflict)]
    [InlineData(WriteFate.LostBeforeArriving)]
    public async Task A_checkpoint_in_doubt_is_settled_before_the_next(WriteFate fate)
    {
        int checkpoints = 0;
        _site.Way.Fate = call => call.Address.PartitionKey.StartsWith(AuditFormat.CheckpointPartition, StringComparison.Ordinal) && checkpoints++ == 0 ? fate : WriteFate.Answered;
        await _one.WriteAsync(1);
        await _site.Clock.TurnUntilAsync(() => checkpoints > 0);
        await _one.WriteAsync(1);
        await _site.TurnUntilSignedAsync(_one);

        Assert.Equal([0, 1], _site.CheckpointsOf(_one.Chain).Select(c => c.Number));
        await _one.EndAsync();
        AssertClean();
    }

    [Fact]
    public async Task A_head_that_the_witness_did_not_keep_is_told_and_comes_again()
    {
        _witness.Fault = () => new IOException("test");
        await _one.WriteAsync(1);
        await _site.Clock.TurnUntilAsync(() => _site.Told.Count > 0);
        Assert.IsType<IOException>(_site.Told[0]);
        await _site.TurnUntilSignedAsync(_one);

        _witness.Fault = null;
        await _site.Clock.TurnUntilAsync(() => _witness.Heads.Count > 0);
        Assert.Equal(_one.Log.Latest, _witness.Heads[0]);
    }

    [Fact]
    public async Task The_MACs_of_a_chain_follow_from_its_first_key_as_described()
    {
        await _one.WriteAsync(5);
        byte[] key = new byte[32];
        foreach (AuditRow row in _site.Export())
        {
            byte[] statement = [.. Encoding.ASCII.GetBytes("sam-audit-mac/3" + _one.Chain), .. row.Content[..75], .. SHA256.HashData(row.Content[107..])];
            Assert.Equal(HMACSHA256.HashData(key, statement), row.Content[75..107]);
            key = HMACSHA256.HashData(key, "sam-audit-ratchet/next"u8.ToArray());
        }
    }

    [Fact]
    public async Task Heads_are_lines_at_the_end_of_a_file()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sam-heads-");
        string path = Path.Combine(folder.FullName, "heads");
        FileHeadWitness file = new(path);
        ChainHead head = new(new string('a', 32), 7, Enumerable.Repeat((byte)0xab, 32).ToArray());
        await file.KeepAsync(head, TestContext.Current.CancellationToken);

        // A process ended in the middle of a line.
        await File.AppendAllTextAsync(path, "aaaa", TestContext.Current.CancellationToken);
        await file.KeepAsync(head with { Sequence = 8 }, TestContext.Current.CancellationToken);

        string hash = string.Concat(Enumerable.Repeat("ab", 32));
        Assert.Equal($"{head.ChainId} 7 {hash}\naaaa\n{head.ChainId} 8 {hash}\n", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal([(1, 7), (2, null), (3, 8)], WitnessFile.Read(path).Select(line => ((int)line.Line, (int?)line.Head?.Sequence)));
        folder.Delete(recursive: true);
    }

    private void AssertClean()
    {
        using AuditVerifier verifier = new(identity: null);
        Assert.All(_site.Export(), row => Assert.Null(verifier.Take(row)));
        Assert.Null(verifier.Finish());
        Assert.Equal(0, verifier.Rows.Uncovered);
    }

    private async Task TurnAsync(int seconds)
    {
        for (int i = 0; i < seconds * 10; i++)
        {
            _site.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }
}
