using System.Diagnostics;
using System.Globalization;
using Sam.Cli.Audit;
using Sam.Core.Audit;
using Sam.Testing.Run;
using Xunit;

namespace Sam.Tests.Audit;

/// <summary>An audit of many records is verified by a process that has less memory than the audit is long.</summary>
public sealed class LongAuditTests
{
    // One record a row, the longest that an audit of so many records can be; in an export, 400 bytes a row.
    private const int RowsPerChain = 20_000;
    private const string HeapLimit = "0x1800000";

    [Fact]
    [Trait("Requirement", "SYS-4")]
    public async Task A_long_audit_is_verified_in_bounded_memory()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sam-audit-");
        string export = Path.Combine(folder.FullName, "rows.ndjson");
        string heads = Path.Combine(folder.FullName, "heads");
        await WriteAsync(export, heads, TestCounts.AuditRecords);
        Assert.True(new FileInfo(export).Length > Convert.ToInt64(HeapLimit, 16));

        Stopwatch watch = Stopwatch.StartNew();
        using Process sam = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "sam.dll"), "audit", "verify", export, "--witness", heads])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_GCHeapHardLimit"] = HeapLimit },
        })!;
        string output = await sam.StandardOutput.ReadToEndAsync(cancellationToken);
        string error = await sam.StandardError.ReadToEndAsync(cancellationToken);
        await sam.WaitForExitAsync(cancellationToken);
        watch.Stop();
        folder.Delete(recursive: true);

        Assert.True(sam.ExitCode == 0, error);
        Assert.Matches($"records +{TestCounts.AuditRecords}\n", output);
        Assert.Empty(error);
        TestReport.Add("long audit", $"{TestCounts.AuditRecords} records verified in {Convert.ToInt64(HeapLimit, 16) / 1024 / 1024} MiB of heap");
        if (TestCounts.TimesAreJudged)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed}");
            await SoakResults.WriteAsync("audit", new { records = TestCounts.AuditRecords, seconds = Math.Round(watch.Elapsed.TotalSeconds, 1), heapBytes = Convert.ToInt64(HeapLimit, 16) });
        }
    }

    private static async Task WriteAsync(string export, string heads, int records)
    {
        byte[] sealedRecord = new byte[150];
        await using StreamWriter rows = new(export);
        await using StreamWriter witness = new(heads);
        for (int chainNumber = 0; chainNumber * RowsPerChain < records; chainNumber++)
        {
            string chain = chainNumber.ToString("d32", CultureInfo.InvariantCulture);
            AuditRatchet ratchet = AuditRatchet.Of(chain, new byte[AuditFormat.HashSize]);
            ReadOnlyMemory<byte> head = AuditChain.Genesis;
            for (int sequence = 0; sequence < RowsPerChain; sequence++)
            {
                byte[] content = AuditChain.Content(ratchet, sequence, 1, head.Span, new byte[AuditFormat.HashSize], sealedRecord);
                head = AuditChain.Head(chain, content);
                ratchet.Turn();
                Core.Rows.RowAddress address = AuditChain.Address(chain, sequence);
                await rows.WriteLineAsync(ExportedRows.Write(new AuditRow(address.PartitionKey, address.RowKey, content)));
                if (sequence % 100 == 99)
                {
                    await witness.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{chain} {sequence} {Convert.ToHexStringLower(head.Span)}"));
                }
            }
        }
    }
}
