namespace Sam.Testing.Tables;

/// <summary>Hands requests to the service one at a time, so that the order in which it stored them is known.</summary>
public sealed class TableOrder
{
    private readonly Lock _lock = new();
    private readonly List<TableRequest> _stored = [];
    private Task _last = Task.CompletedTask;

    /// <summary>What was stored, in this order.</summary>
    public IReadOnlyList<TableRequest> Stored
    {
        get
        {
            lock (_lock)
            {
                return [.. _stored];
            }
        }
    }

    /// <summary>Delivers it when those before it have been answered. What the service refuses is not in the order.</summary>
    public Task<TableAnswer> DeliverAsync(TableExchange exchange)
    {
        lock (_lock)
        {
            Task<TableAnswer> delivered = DeliverAfterAsync(_last, exchange);
            _last = delivered;
            return delivered;
        }
    }

    private async Task<TableAnswer> DeliverAfterAsync(Task before, TableExchange exchange)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        TableAnswer answer = await exchange.ForwardAsync();
        lock (_lock)
        {
            _stored.AddRange(answer.Status < 300 ? [exchange.Request] : []);
        }

        return answer;
    }
}
