using Sam.Core.Rows;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

/// <summary>The clock is the service's, from whatever it answers.</summary>
public sealed class ServiceTimeTests : ProxiedStoreTests
{
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(30);

    public ServiceTimeTests(AzuriteFixture azurite)
        : base(azurite)
    {
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task The_clock_follows_the_service_and_not_the_machine(int days)
    {
        Proxy.On(_ => true, TableFaults.Misdated(TimeSpan.FromDays(days)));
        await Store.ReadAsync(Row, Cancellation);
        AssertNear(DateTimeOffset.UtcNow.AddDays(days), await Store.GetTimeAsync(Cancellation));

        Proxy.Mend();
        await Store.ReadAsync(Row, Cancellation);
        AssertNear(DateTimeOffset.UtcNow, await Store.GetTimeAsync(Cancellation));
    }

    [Fact]
    public async Task A_refusal_tells_the_time_too()
    {
        Proxy.On(_ => true, TableFaults.Misdated(TimeSpan.FromDays(1)));
        await Store.InsertAsync(Row, Bytes("conflict"), Cancellation);
        AssertNear(DateTimeOffset.UtcNow.AddDays(1), await Store.GetTimeAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_has_the_date_of_its_own_answer(TableRequestKind kind)
    {
        Proxy.On(r => r.IsWrite, TableFaults.Misdated(TimeSpan.FromDays(1)));
        RowWriteResult written = await WriteAsync(kind);
        Assert.Equal(RowWriteOutcome.Written, written.Outcome);
        AssertNear(DateTimeOffset.UtcNow.AddDays(1), written.ServerDate);
    }

    private static void AssertNear(DateTimeOffset expected, DateTimeOffset actual) => Assert.InRange(actual, expected - _tolerance, expected + _tolerance);
}
