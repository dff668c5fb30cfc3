using Sam.Core.Rows;
using Sam.Testing.Tables;

namespace Sam.IntegrationTests.InDoubt;

/// <summary>
/// Decides for each request at the proxy whether it meets a fault. Requests have names that do not depend on their order (<c>Replace Signers counters #2</c>): what is sent side by side
/// arrives in any order.
/// </summary>
internal sealed class FaultPlan
{
    // The PIN's refund, and the transaction.
    private static readonly string[] _sideBySide = ["Replace Signers counters #2", "Insert Transactions #1"];

    private readonly PatientClock _clock;
    private readonly Lock _lock = new();
    private readonly List<string> _seen = [];
    private readonly List<string> _auditPartitions = [];
    private Dictionary<string, StorageFault> _faults = [];
    private TableBarrier _beforeRetry = NewBarrier();
    private TableBarrier _afterRetry = NewBarrier();
    private int _running;
    private int _silent;
    private int _met;

    internal FaultPlan(TableProxy proxy, PatientClock clock)
    {
        _clock = clock;
        proxy.On(_ => true, HandleAsync);
    }

    /// <summary>The names of all requests since the plan began.</summary>
    internal IReadOnlyList<string> Seen
    {
        get
        {
            lock (_lock)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>The chain that was written to since the plan began: a process has one.</summary>
    internal string Chain
    {
        get
        {
            lock (_lock)
            {
                return _auditPartitions.Select(p => p.Split('-')[0]).Distinct().Single();
            }
        }
    }

    /// <summary>How many faults have met their request.</summary>
    internal int Met => Volatile.Read(ref _met);

    internal TableFault RequestSilent => SilenceAsync;

    internal TableFault AnswerSilent => async exchange =>
    {
        await exchange.ForwardAsync();
        await SilenceAsync(exchange);
    };

    internal TableFault Late(Arrival when) => async exchange =>
    {
        Task held = TableFaults.HeldAt(Barrier(when))(exchange);
        await GiveUpAsync();
        await held;
    };

    internal TableFault TwiceLate(Arrival when) => TableFaults.TwiceTheSecondAt(Barrier(when));

    /// <summary>Begins to count requests anew, with these faults.</summary>
    internal void Begin(IEnumerable<(string Request, StorageFault Fault)> faults)
    {
        lock (_lock)
        {
            _seen.Clear();
            _auditPartitions.Clear();
            _faults = faults.ToDictionary(f => f.Request, f => f.Fault);
            (_beforeRetry, _afterRetry) = (NewBarrier(), NewBarrier());
            _met = 0;
        }
    }

    /// <summary>No further request meets a fault. What is held stays held.</summary>
    internal void Mend()
    {
        lock (_lock)
        {
            _faults = [];
        }
    }

    /// <summary>What was held until then arrives; returns when the service has answered it.</summary>
    internal async Task DeliverAsync(Arrival when)
    {
        Barrier(when).Release();
        await UntilAsync(() => Volatile.Read(ref _running) <= (when == Arrival.BeforeRetry ? _afterRetry.Arrivals : 0));
    }

    private static TableBarrier NewBarrier() => new(int.MaxValue) { OpensWhenFull = false };

    private static async Task UntilAsync(Func<bool> holds)
    {
        using CancellationTokenSource patience = new(AzuritePatience);
        while (!holds())
        {
            await Task.Delay(1, patience.Token);
        }
    }

    private static TimeSpan AzuritePatience => Storage.AzuriteStores.Patience;

    private TableBarrier Barrier(Arrival when) => when == Arrival.BeforeRetry ? _beforeRetry : _afterRetry;

    private async Task HandleAsync(TableExchange exchange)
    {
        StorageFault? fault;
        lock (_lock)
        {
            string name = Describe(exchange.Request);
            string numbered = $"{name} #{_seen.Count(s => s.StartsWith(name + " #", StringComparison.Ordinal)) + 1}";
            _seen.Add(numbered);
            if (exchange.Request.Is(TableRequestKind.Insert, SamTable.Audit))
            {
                _auditPartitions.Add(exchange.Request.PartitionKey!);
            }

            if (_faults.TryGetValue(numbered, out fault))
            {
                _met++;
            }

            _running++;
        }

        try
        {
            await (fault?.Apply(this) ?? TableFaults.None)(exchange);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task SilenceAsync(TableExchange exchange)
    {
        Task givenUp = exchange.WaitUntilGivenUpAsync();
        Interlocked.Increment(ref _silent);
        try
        {
            await GiveUpAsync();
            await givenUp;
        }
        finally
        {
            Interlocked.Decrement(ref _silent);
        }
    }

    /// <summary>The client's patience ends when this request is all that it waits for: those beside it have their answers.</summary>
    private async Task GiveUpAsync()
    {
        await UntilAsync(() => SideBySideHasCome() && Volatile.Read(ref _running) <= Volatile.Read(ref _silent) + _beforeRetry.Arrivals + _afterRetry.Arrivals);
        _clock.GiveUp();
    }

    /// <summary>Both writes that are sent side by side have come, or neither: on a busy machine one may be under way still, and its patience would end with the other's.</summary>
    private bool SideBySideHasCome()
    {
        lock (_lock)
        {
            // A second fault may have changed what is sent, and then no outcome is exact.
            return _faults.Count != 1 || _sideBySide.Count(_seen.Contains) != 1;
        }
    }

    private static string Describe(TableRequest request)
    {
        string table = Enum.GetNames<SamTable>().First(name => request.Table.EndsWith(name, StringComparison.Ordinal));
        string row = table == nameof(SamTable.Signers) ? " " + request.RowKey!.Split('-')[0] : string.Empty;
        return $"{request.Kind} {table}{row}";
    }
}
