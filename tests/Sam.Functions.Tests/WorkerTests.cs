using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Sam.Core.Rows;
using Sam.Functions.Tests.Host;
using Sam.Functions.Tests.Host.Rpc;
using Sam.Storage.Tables;
using Sam.Testing.Csc;
using Sam.Testing.Run;
using Xunit;

namespace Sam.Functions.Tests;

/// <summary>What the worker does beside answering the API.</summary>
public sealed class WorkerTests : IClassFixture<FunctionsFixture>
{
    private readonly FunctionsFixture _fixture;

    public WorkerTests(FunctionsFixture fixture) => _fixture = fixture;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Start_to_first_info_is_told()
    {
        // Not judged: the machine decides it. The platform's limit is 30 s for the start alone.
        TestReport.Add("worker, start to first info", string.Create(CultureInfo.InvariantCulture, $"{_fixture.StartToInfo.TotalSeconds:0.00} s"));
        Assert.True(_fixture.StartToInfo > TimeSpan.Zero);
    }

    [Fact]
    public void Every_function_for_clients_is_anonymous_and_a_timer_purges()
    {
        HttpTrigger?[] triggers = [.. _fixture.Sam.Host.Functions.Select(HttpTrigger.Of)];
        Assert.All(triggers.OfType<HttpTrigger>(), trigger => Assert.Equal("Anonymous", trigger.AuthLevel));
        Assert.Equal("purge", Assert.Single(_fixture.Sam.Host.Functions, function => HttpTrigger.Of(function) is null).Name);
    }

    [Fact]
    public async Task An_unknown_path_answers_404_as_JSON_by_any_method()
    {
        foreach (string method in new[] { "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS" })
        {
            await ExpectRefusalAsync(method, "no/such/path", HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task A_wrong_method_answers_405_as_JSON_on_every_route()
    {
        foreach (HttpTrigger trigger in _fixture.Sam.Host.Functions.Select(HttpTrigger.Of).OfType<HttpTrigger>().Where(t => t.Methods.Count > 0))
        {
            await ExpectRefusalAsync("PUT", trigger.Route, HttpStatusCode.MethodNotAllowed);
        }
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(1_000_000)]
    public async Task An_over_long_body_is_refused_also_where_its_end_is_far(int length)
    {
        // With its length in the header. One that hides it is refused, too (the suite), but may be cut off while it is sent, and then the platform answers 500.
        CscClient client = await _fixture.Sam.ConnectAsync();
        using MemoryStream body = new(Encoding.UTF8.GetBytes($$"""{"userID":"{{new string('x', length)}}"}"""));
        using StreamContent content = new(body);
        content.Headers.ContentType = new("application/json");
        CscReply reply = await client.SendAsync(HttpMethod.Post, "csc/v2/credentials/list", content);
        Assert.Equal((413, "invalid_request"), (reply.Status, reply.Error));
        Assert.Equal(200, (await client.PostTextAsync("info", "{}")).Status);
    }

    [Fact]
    public async Task The_timer_purges_expired_rows()
    {
        using TableRowStore store = await _fixture.Deployment.OpenStoreAsync(TableStoreOptions.MainTables);
        long minute = (await store.GetTimeAsync(Cancellation)).ToUnixTimeSeconds() / 60;

        // The store's minute chooses the slice, and it may turn before the timer fires.
        RowAddress[] expired = [.. new[] { minute, minute + 1 }.Select(m => new RowAddress(SamTable.Transactions, PartitionOf(m), Key(minute - 1)))];
        RowAddress[] live = [.. expired.Select(row => row with { RowKey = Key(minute + 60) })];
        foreach (RowAddress row in expired.Concat(live))
        {
            Assert.Equal(RowWriteOutcome.Written, (await store.InsertAsync(row, new byte[32], Cancellation)).Outcome);
        }

        StatusResult result = await _fixture.Sam.Host.FireAsync("purge");
        Assert.Equal(StatusResult.Types.Status.Success, result.Status);
        StoredRow?[] left = await Task.WhenAll(expired.Select(row => store.ReadAsync(row, Cancellation)));
        Assert.Contains(left, row => row is null);
        Assert.All(await Task.WhenAll(live.Select(row => store.ReadAsync(row, Cancellation))), Assert.NotNull);
    }

    // 64 slices of 64 partitions each.
    private static string PartitionOf(long minute) => ((minute % 64) * 64).ToString("x3", CultureInfo.InvariantCulture);

    private static string Key(long minute) => string.Create(CultureInfo.InvariantCulture, $"{minute:d10}-{Guid.NewGuid():n}");

    private async Task ExpectRefusalAsync(string method, string path, HttpStatusCode status)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using HttpResponseMessage response = await _fixture.Sam.Http.SendAsync(request, Cancellation);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("invalid_request", body.RootElement.GetProperty("error").GetString());
    }
}
