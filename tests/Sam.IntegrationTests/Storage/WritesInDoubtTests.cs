using Sam.Core.Rows;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

/// <summary>What a write says when the network or the service fails it, and that it is sent once, whatever happens (security decision 4).</summary>
[Trait("Requirement", "SIG-2d")]
public sealed class WritesInDoubtTests : ProxiedStoreTests
{
    public WritesInDoubtTests(AzuriteFixture azurite)
        : base(azurite)
    {
    }

    public static TheoryData<TableRequestKind, int, string> LeftOpen { get; } = ForEachWrite(
        (408, "RequestTimeout"), (429, "TooManyRequests"), (500, "OperationTimedOut"), (502, "BadGateway"), (503, "ServerBusy"), (504, "GatewayTimeout"));

    public static TheoryData<TableRequestKind, int, string> Refused { get; } = ForEachWrite(
        (400, "InvalidInput"), (403, "AuthorizationFailure"), (404, "TableNotFound"), (409, "TableBeingDeleted"));

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_is_one_request(TableRequestKind kind)
    {
        RowWriteResult result = await WriteAsync(kind);
        Assert.Equal(RowWriteOutcome.Written, result.Outcome);
        Assert.Equal(kind, Assert.Single(Proxy.Requests).Kind);
        Assert.True(await IsWrittenAsync(kind));
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_lost_answer_leaves_a_write_in_doubt_that_was_written_once(TableRequestKind kind)
    {
        Proxy.On(r => r.IsWrite, TableFaults.AnswerLost);
        Assert.Equal(new RowWriteResult(RowWriteOutcome.InDoubt), await WriteAsync(kind));
        Assert.Single(Proxy.Requests);
        Assert.True(await IsWrittenAsync(kind));
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_lost_request_leaves_a_write_in_doubt_that_is_not_sent_again(TableRequestKind kind)
    {
        Proxy.On(r => r.IsWrite, TableFaults.RequestLost);
        Assert.Equal(new RowWriteResult(RowWriteOutcome.InDoubt), await WriteAsync(kind));
        Assert.Single(Proxy.Requests);
        Assert.False(await IsWrittenAsync(kind));
    }

    /// <summary>The HTTP handler would send a DELETE four times here, if it had no body.</summary>
    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_connection_closed_without_an_answer_does_not_make_a_write_go_twice(TableRequestKind kind)
    {
        Proxy.On(r => r.IsWrite, TableFaults.AnswerUnsaid);
        Assert.Equal(new RowWriteResult(RowWriteOutcome.InDoubt), await WriteAsync(kind));
        Assert.Single(Proxy.Requests);
        Assert.True(await IsWrittenAsync(kind));
    }

    [Theory]
    [MemberData(nameof(LeftOpen))]
    public async Task An_answer_that_leaves_it_open_leaves_a_write_in_doubt(TableRequestKind kind, int status, string code)
    {
        Proxy.On(r => r.IsWrite, TableFaults.DoneButRefused(status, code));
        Assert.Equal(RowWriteOutcome.InDoubt, (await WriteAsync(kind)).Outcome);
        Assert.Single(Proxy.Requests);
        Assert.True(await IsWrittenAsync(kind));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_refusal_for_certain_is_an_exception(TableRequestKind kind, int status, string code)
    {
        Proxy.On(r => r.IsWrite, TableFaults.Refused(status, code));
        await Assert.ThrowsAsync<RowStoreException>(() => WriteAsync(kind));
        Assert.Single(Proxy.Requests);
        Assert.False(await IsWrittenAsync(kind));
    }

    [Theory]
    [InlineData(TableRequestKind.Insert, 409, "EntityAlreadyExists")]
    [InlineData(TableRequestKind.Replace, 412, "UpdateConditionNotSatisfied")]
    [InlineData(TableRequestKind.Replace, 404, "ResourceNotFound")]
    [InlineData(TableRequestKind.Delete, 412, "UpdateConditionNotSatisfied")]
    [InlineData(TableRequestKind.Delete, 404, "ResourceNotFound")]
    public async Task A_condition_that_failed_is_a_conflict(TableRequestKind kind, int status, string code)
    {
        Proxy.On(r => r.IsWrite, TableFaults.Refused(status, code));
        Assert.Equal(RowWriteOutcome.Conflict, (await WriteAsync(kind)).Outcome);
        Assert.Single(Proxy.Requests);
    }

    [Fact]
    public async Task A_commit_whose_answer_is_cut_off_is_in_doubt()
    {
        Proxy.On(r => r.IsWrite, TableFaults.Truncated);
        Assert.Equal(RowWriteOutcome.InDoubt, (await WriteAsync(TableRequestKind.Commit)).Outcome);
        Assert.Single(Proxy.Requests);
        Assert.True(await IsWrittenAsync(TableRequestKind.Commit));
    }

    /// <summary>Why a SAM may never send a write twice: the call that won would be told that it lost.</summary>
    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_that_the_network_doubles_conflicts_with_itself(TableRequestKind kind)
    {
        Proxy.On(r => r.IsWrite, TableFaults.Twice);
        Assert.Equal(RowWriteOutcome.Conflict, (await WriteAsync(kind)).Outcome);
        Assert.True(await IsWrittenAsync(kind));
    }

    [Fact]
    public async Task A_write_that_left_is_not_given_up_by_its_caller()
    {
        using CancellationTokenSource caller = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        TableBarrier barrier = new(1) { OpensWhenFull = false };
        Proxy.On(r => r.IsWrite, TableFaults.HeldAt(barrier));
        Task<RowWriteResult> write = Store.ReplaceAsync(Row, Bytes("new"), ETag, caller.Token);
        await barrier.Full;
        await caller.CancelAsync();
        barrier.Release();
        Assert.Equal(RowWriteOutcome.Written, (await write).Outcome);
    }

    [Fact]
    public async Task Writes_replace_whole_rows_and_ask_for_no_content()
    {
        foreach (TableRequestKind kind in new[] { TableRequestKind.Insert, TableRequestKind.Replace })
        {
            await WriteAsync(kind);
        }

        Assert.Equal(["POST", "PUT"], Proxy.Requests.Select(r => r.Method));
        Assert.Equal([null, ETag.Value], Proxy.Requests.Select(r => r.IfMatch));
        Assert.Equal(["return-no-content", null], Proxy.Requests.Select(r => r.Prefer));
    }

    [Fact]
    public async Task Sixty_four_writes_are_on_their_way_at_once()
    {
        TableBarrier barrier = new(64);
        Proxy.On(r => r.IsWrite, TableFaults.HeldAt(barrier));
        RowWriteResult[] results = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Store.InsertAsync(Row with { RowKey = $"{i}" }, Bytes("new"), Cancellation)));
        Assert.All(results, result => Assert.Equal(RowWriteOutcome.Written, result.Outcome));
    }

    private static TheoryData<TableRequestKind, int, string> ForEachWrite(params (int Status, string Code)[] answers) =>
        [.. from kind in WriteKinds from answer in answers select new TheoryDataRow<TableRequestKind, int, string>(kind, answer.Status, answer.Code)];
}
