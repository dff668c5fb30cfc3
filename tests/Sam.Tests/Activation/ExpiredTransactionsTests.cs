using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Sam.Core.Activation;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Xunit;

namespace Sam.Tests.Activation;

public sealed class ExpiredTransactionsTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryRowStore _store;
    private readonly ExpiredTransactions _expired;

    public ExpiredTransactionsTests()
    {
        _store = new InMemoryRowStore(_clock);
        _expired = new ExpiredTransactions(_store);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_an_hour_and_four_minutes_the_timer_has_been_everywhere()
    {
        for (int slice = 0; slice < ExpiredTransactions.Slices; slice++)
        {
            await InsertAsync(slice * 64, _clock.GetUtcNow().AddMinutes(-5));
            await InsertAsync((slice * 64) + 63, _clock.GetUtcNow().AddMinutes(-5));
        }

        int deleted = 0;
        for (int minute = 0; minute < ExpiredTransactions.Slices; minute++)
        {
            deleted += await _expired.PurgeDueAsync(Cancellation);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(2 * ExpiredTransactions.Slices, deleted);
        Assert.Empty(_store.Attacker.Rows());
    }

    /// <summary>Deleting the record of a spend too early would not revive the SAD, but deleting a transaction too early burns it.</summary>
    [Fact]
    public async Task A_row_stays_until_its_minute_is_over()
    {
        DateTimeOffset keptUntil = _clock.GetUtcNow().AddMinutes(10).AddSeconds(1);
        RowAddress address = await InsertAsync(0, keptUntil);

        while (_clock.GetUtcNow() <= keptUntil)
        {
            await _expired.PurgeAsync(0, Cancellation);
            Assert.NotNull(await _store.ReadAsync(address, Cancellation));
            _clock.Advance(TimeSpan.FromSeconds(20));
        }

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await _expired.PurgeAsync(0, Cancellation));
    }

    /// <summary>Somebody with the account's key could otherwise stop the purge for good with one row.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Keys_that_nobody_here_writes_do_not_stop_the_purge()
    {
        RowAddress address = await InsertAsync(0, _clock.GetUtcNow().AddMinutes(-5));
        _store.Attacker.Write(address with { RowKey = "0000000000-O'Brien" }, new byte[] { 1 });
        Assert.Equal(1, await _expired.PurgeAsync(0, Cancellation));
        Assert.Null(await _store.ReadAsync(address, Cancellation));
    }

    [Fact]
    public async Task Other_tables_are_left_alone()
    {
        RowAddress address = (await InsertAsync(0, _clock.GetUtcNow().AddMinutes(-5))) with { Table = SamTable.Signers };
        await _store.InsertAsync(address, new byte[] { 1 }, Cancellation);
        await _expired.PurgeAsync(0, Cancellation);
        Assert.NotNull(await _store.ReadAsync(address, Cancellation));
    }

    private async Task<RowAddress> InsertAsync(int partition, DateTimeOffset keptUntil)
    {
        RowAddress address = TransactionRows.Address(TransactionId.New(), TransactionRows.PurgeMinute(keptUntil)) with
        {
            PartitionKey = partition.ToString("x3", CultureInfo.InvariantCulture),
        };
        Assert.Equal(RowWriteOutcome.Written, (await _store.InsertAsync(address, new byte[] { 1 }, Cancellation)).Outcome);
        return address;
    }
}
