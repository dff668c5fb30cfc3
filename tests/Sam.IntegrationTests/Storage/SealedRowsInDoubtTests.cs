using System.Security.Cryptography;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

/// <summary>How writes in doubt are settled: what was read back and is ours, is ours (security decision 4).</summary>
[Trait("Requirement", "SIG-2d")]
public sealed class SealedRowsInDoubtTests : ProxiedStoreTests
{
    private static readonly RowAddress _address = new(SamTable.Clients, "partition", "client");

    private readonly DataKey _dataKey = new(RandomNumberGenerator.GetBytes(DataKey.IdSizeInBytes), RandomNumberGenerator.GetBytes(DataKey.SizeInBytes));

    public SealedRowsInDoubtTests(AzuriteFixture azurite)
        : base(azurite)
    {
    }

    private SealedRows Rows => field ??= new SealedRows(Store, new RowSealer(new Envelope(_dataKey)));

    [Theory]
    [InlineData("answer lost")]
    [InlineData("answer 503")]
    [InlineData("delivered twice")]
    public async Task A_write_that_did_arrive_is_found_to_be_ours(string how)
    {
        TableFault fault = how switch
        {
            "answer lost" => TableFaults.AnswerLost,
            "answer 503" => TableFaults.DoneButRefused(503, "ServerBusy"),
            _ => TableFaults.Twice,
        };
        Proxy.On(r => r.IsWrite, fault, times: 2);

        RowETag inserted = (await InsertAsync("first")).Value;
        RowETag replaced = (await ReplaceAsync("second", inserted)).Value;

        Assert.Equal([TableRequestKind.Insert, TableRequestKind.Read, TableRequestKind.Replace, TableRequestKind.Read], Proxy.Requests.Select(r => r.Kind));
        await AssertIsAsync("second", replaced);
    }

    [Theory]
    [InlineData("request lost")]
    [InlineData("answer 503")]
    [InlineData("answer 429")]
    public async Task A_write_that_did_not_arrive_stays_in_doubt(string how)
    {
        TableFault fault = how switch
        {
            "request lost" => TableFaults.RequestLost,
            "answer 503" => TableFaults.Refused(503, "ServerBusy"),
            _ => TableFaults.Refused(429, "TooManyRequests"),
        };
        RowETag inserted = (await InsertAsync("first")).Value;
        Proxy.On(r => r.IsWrite, fault);

        await Assert.ThrowsAsync<RowStoreException>(() => ReplaceAsync("second", inserted));

        Assert.Single(Proxy.Requests, r => r.Kind == TableRequestKind.Replace);
        await AssertIsAsync("first", inserted);
    }

    [Fact]
    public async Task Somebody_elses_write_is_a_conflict_however_ours_was_answered()
    {
        RowETag inserted = (await InsertAsync("first")).Value;
        await ReplaceAsync("theirs", inserted);
        Assert.Equal(SamErrorCode.RowConflict, (await ReplaceAsync("ours", inserted)).Refusal?.Code);
        Assert.Equal(SamErrorCode.RowConflict, (await InsertAsync("ours")).Refusal?.Code);
    }

    [Fact]
    public async Task Equal_content_of_somebody_else_is_not_taken_for_ours()
    {
        RowETag inserted = (await InsertAsync("first")).Value;
        await ReplaceAsync("same", inserted);
        Assert.Equal(SamErrorCode.RowConflict, (await ReplaceAsync("same", inserted)).Refusal?.Code);
    }

    /// <summary>The service's clock seems to have gone on by 5 s between the sealing and the answer: such a row would look written back.</summary>
    [Theory]
    [InlineData(TableRequestKind.Insert)]
    [InlineData(TableRequestKind.Replace)]
    public async Task A_write_that_took_over_4_seconds_is_sealed_anew_at_once(TableRequestKind kind)
    {
        RowETag before = kind == TableRequestKind.Replace ? (await InsertAsync("first")).Value : default;
        await SetTheClockBackAsync(TimeSpan.FromSeconds(6));

        RowETag written = (kind == TableRequestKind.Insert ? await InsertAsync("second") : await ReplaceAsync("second", before)).Value;

        Assert.Equal([kind, TableRequestKind.Replace], Proxy.Requests.Select(r => r.Kind));
        await AssertIsAsync("second", written);
    }

    [Fact]
    public async Task A_write_in_doubt_and_late_is_read_back_and_sealed_anew()
    {
        await SetTheClockBackAsync(TimeSpan.FromSeconds(6));
        Proxy.On(r => r.Kind == TableRequestKind.Insert, TableFaults.AnswerLost);

        RowETag written = (await InsertAsync("first")).Value;

        Assert.Equal([TableRequestKind.Insert, TableRequestKind.Read, TableRequestKind.Replace], Proxy.Requests.Select(r => r.Kind));
        await AssertIsAsync("first", written);
    }

    [Fact]
    public async Task Without_the_new_seal_the_late_row_would_be_refused()
    {
        await SetTheClockBackAsync(TimeSpan.FromSeconds(8));
        Proxy.On(r => r.Kind == TableRequestKind.Replace, TableFaults.RequestLost);
        await Assert.ThrowsAsync<RowStoreException>(() => InsertAsync("first"));
        Assert.Equal(SamErrorCode.RowRolledBack, (await Rows.ReadAsync(_address, RowSchemas.Client, Cancellation)).Refusal?.Code);
    }

    [Fact]
    public async Task A_commit_that_did_arrive_is_found_to_be_ours()
    {
        Proxy.On(r => r.IsWrite, TableFaults.Truncated);
        Result<RowWriteResult> committed = await Rows.CommitAsync(
            [
                RowWrite.Insert(_address with { RowKey = "other" }, RowSchemas.Client, new ClientRow("other", true, [])),
                RowWrite.Insert(_address, RowSchemas.Client, new ClientRow("first", true, [])),
            ],
            Cancellation);
        Assert.Equal(RowWriteOutcome.Written, committed.Value.Outcome);
    }

    /// <summary>The store believes an earlier time until its next answer.</summary>
    private async Task SetTheClockBackAsync(TimeSpan by)
    {
        Proxy.On(_ => true, TableFaults.Misdated(-by));
        await Store.ReadAsync(Row, Cancellation);
        Proxy.Mend();
        Proxy.Forget();
    }

    private Task<Result<RowETag>> InsertAsync(string client) => Rows.InsertAsync(_address, RowSchemas.Client, new ClientRow(client, true, []), Cancellation);

    private Task<Result<RowETag>> ReplaceAsync(string client, RowETag etag) =>
        Rows.ReplaceAsync(_address, RowSchemas.Client, new ClientRow(client, true, []), etag, Cancellation);

    private async Task AssertIsAsync(string client, RowETag etag)
    {
        Proxy.Mend();
        SealedRow<ClientRow> row = (await Rows.ReadAsync(_address, RowSchemas.Client, Cancellation)).Value;
        Assert.Equal((client, etag), (row.Value.Client, row.ETag));
    }
}
