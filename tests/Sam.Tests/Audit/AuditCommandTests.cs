using System.Security.Cryptography;
using Sam.Cli.Audit;
using Sam.Tests.Cli;
using Xunit;

namespace Sam.Tests.Audit;

/// <summary><c>sam audit verify</c> as scripts and people see it.</summary>
[Trait("Requirement", "SYS-4")]
public sealed class AuditCommandTests : IAsyncLifetime
{
    private readonly CliRun _run = new();
    private AuditSample _sample = null!;

    public async ValueTask InitializeAsync()
    {
        _sample = await AuditSample.MakeAsync();
        _run.Write("sam.pem", PemEncoding.WriteString("CERTIFICATE", _sample.Certificate));
        _run.Write("heads", string.Concat(_sample.Heads.Select(h => $"{h.ChainId} {h.Sequence} {Convert.ToHexStringLower(h.Hash.Span)}\n")) + "torn");
    }

    public ValueTask DisposeAsync()
    {
        _run.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_clean_audit_is_counted()
    {
        Write(_sample.Ended);
        Assert.Equal(0, await _run.RunAsync("audit", "verify", "rows.ndjson", "--certificate", "sam.pem", "--witness", "heads"));
        Assert.Equal(
            ["chains 2", "rows 85", "records 85", $"checkpoints {_sample.Ended.Count(AuditSample.IsCheckpoint)}, signed by this SAM", $"kept heads {_sample.Heads.Length}, and 1 lines that are none", "rows after the last known head 0"],
            _run.Out.TrimEnd().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Fact]
    public async Task What_was_not_asked_is_said()
    {
        Write(_sample.Running);
        Assert.Equal(0, await _run.RunAsync("audit", "verify", "rows.ndjson"));
        Assert.Contains("signatures not checked: no --certificate", _run.Out, StringComparison.Ordinal);
        Assert.Contains("none: no --witness", _run.Out, StringComparison.Ordinal);
        Assert.Matches("rows after the last known head +8\n", _run.Out);
    }

    [Fact]
    public async Task The_first_bad_row_is_named()
    {
        Write([.. _sample.Ended.Where((_, i) => i != AuditSample.IndexOf(_sample.Ended, _sample.One, 5))]);
        Assert.Equal(1, await _run.RunAsync("audit", "verify", "rows.ndjson", "--certificate", "sam.pem"));
        Assert.Equal($"sam: The audit is broken: chain {_sample.One}, sequence 5: the row is missing.\n", _run.Error);
        Assert.Empty(_run.Out);
    }

    [Fact]
    public async Task What_the_witness_knows_is_named_with_its_line()
    {
        Write([]);
        Assert.Equal(1, await _run.RunAsync("audit", "verify", "rows.ndjson", "--witness", "heads"));
        Assert.Contains("the whole chain is missing, which the witness in line 1 knows up to here.", _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"partition\":\"a\",\"row\":\"b\",\"content\":\"AA==\"}", "Line 1")]
    [InlineData("{\"partition\":\"a\"}\n", "Line 1")]
    [InlineData("nothing\n", "Line 1")]
    [InlineData("null\n", "Line 1")]
    [InlineData("\n", "Line 1")]
    public async Task What_is_no_export_is_not_readable(string text, string line)
    {
        _run.Write("rows.ndjson", text);
        Assert.Equal(2, await _run.RunAsync("audit", "verify", "rows.ndjson"));
        Assert.StartsWith($"sam: {line} of the export is no whole row.", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_an_end_is_not_readable_and_fills_no_memory()
    {
        _run.Write("rows.ndjson", new string('x', 3_000_000));
        Assert.Equal(2, await _run.RunAsync("audit", "verify", "rows.ndjson"));
    }

    [Fact]
    public async Task What_is_not_there_is_not_readable()
    {
        Write(_sample.Ended);
        Assert.Equal(2, await _run.RunAsync("audit", "verify", "none"));
        Assert.Equal(2, await _run.RunAsync("audit", "verify"));
        Assert.Equal(2, await _run.RunAsync("audit", "verify", "rows.ndjson", "--certificate", "none"));
        Assert.Equal(2, await _run.RunAsync("audit", "verify", "rows.ndjson", "--witness", "none"));
        Assert.Equal(2, await _run.RunAsync("audit", "verify", "rows.ndjson", "--certificate", "heads"));
        Assert.Equal(2, await _run.With(TableRows.Variable, "nonsense").RunAsync("audit", "verify"));
        Assert.Equal(2, await _run.With(TableRows.Variable, "http://elsewhere.test/?sig=x").RunAsync("audit", "export"));
    }

    private void Write(IEnumerable<AuditRow> rows) => _run.Write("rows.ndjson", string.Concat(rows.Select(row => ExportedRows.Write(row) + "\n")));
}
