using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sam.Core.Rows;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>
/// One stop against 64 calls to signHash at two hosts, each with a SAD of its own of the same credential. They are held where they shall be held, the stop is stored, and they go on.
/// The store is given spends and stop one at a time, so it is known which was stored before which.
/// </summary>
internal sealed class StopRace
{
    private const int Each = 10;
    private const int Workers = 4;
    private const int CallsOfAWorker = 6;

    private readonly StopRaceBed _bed;
    private readonly CscClient[] _clients;
    private readonly TestCredential _credential;
    private readonly TableOrder _order = new();
    private readonly Queue<(byte[] Digest, string Sad)> _sads = new();
    private readonly ConcurrentQueue<RacingCall> _calls = new();
    private readonly TaskCompletionSource _stopped = NewSignal();
    private readonly TaskCompletionSource _allChecked = NewSignal();
    private readonly TableBarrier _between = new(Each) { OpensWhenFull = false };
    private readonly TableBarrier _before = new(Each) { OpensWhenFull = false };
    private readonly TaskCompletionSource _allAround = NewSignal();
    private readonly TaskCompletionSource[] _turns = [.. Enumerable.Range(0, Each + 2).Select(_ => NewSignal())];
    private readonly Queue<int> _places;
    private readonly int _placeOfStop;
    private int _stateReads;

    private StopRace(StopRaceBed bed, CscClient client, TestCredential credential, Random random)
    {
        _bed = bed;
        _clients = [client.At(bed.One.Http), client.At(bed.Two.Http)];
        _credential = credential;

        // Not the first and not the last: some are on either side of it.
        _placeOfStop = random.Next(1, Each);
        int[] places = [.. Enumerable.Range(0, Each + 1).Where(place => place != _placeOfStop)];
        random.Shuffle(places);
        _places = new Queue<int>(places);
    }

    /// <summary>How many calls a race has.</summary>
    internal const int Calls = (4 * Each) + (Workers * CallsOfAWorker);

    /// <summary>Runs one, and gives what became of each call.</summary>
    /// <param name="bed">The hosts, the store and the HSM.</param>
    /// <param name="client">Who signs.</param>
    /// <param name="credential">With what.</param>
    /// <param name="random">Decides who comes before the stop and who after.</param>
    /// <param name="stop">Stops the credential at one of the hosts.</param>
    internal static async Task<StopRaceResult> RunAsync(StopRaceBed bed, CscClient client, TestCredential credential, Random random, Func<Task> stop)
    {
        StopRace race = new(bed, client, credential, random);
        for (int i = 0; i < Calls; i++)
        {
            byte[] digest = RandomNumberGenerator.GetBytes(32);
            race._sads.Enqueue((digest, await race._clients[i % 2].GetSadAsync(credential, digest)));
        }

        try
        {
            await race.RunAsync(stop);
        }
        finally
        {
            race.Release();
            bed.Proxy.Mend();
        }

        return race.Judged();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The only write of signHash to its table, and the only commit while calls are under way.
    private static bool IsSpend(TableRequest request) => request.Is(TableRequestKind.Replace, SamTable.Transactions);

    private static bool IsStop(TableRequest request) => request.Is(TableRequestKind.Commit, SamTable.Signers);

    private static bool IsStateRead(TableRequest request) =>
        request.Is(TableRequestKind.Read, SamTable.Signers) && request.RowKey!.StartsWith("credential-", StringComparison.Ordinal);

    private async Task RunAsync(Func<Task> stop)
    {
        // In the order in which the calls are started.
        _bed.Proxy.On(IsStateRead, ReadAsync);
        _bed.Proxy.On(IsSpend, StoreAsync, Each);
        _bed.Proxy.On(IsSpend, StoreAndHoldAsync, Each);
        _bed.Proxy.On(IsSpend, HoldAndStoreAsync, Each);
        _bed.Proxy.On(IsSpend, StoreInTurnAsync, Each);
        _bed.Proxy.On(IsSpend, StoreAsync);
        _bed.Proxy.On(IsStop, StopInTurnAsync, 1);

        // These have found no stop, and their keys are about to be used.
        int hanging = _bed.Shim.Count(Pkcs11Shim.Hanging);
        _bed.Shim.Inject(Pkcs11Shim.Sign, ShimFault.Hold(Each), always: true);
        await HoldAsync(CallClass.InTheHsm, Task.WhenAll(_bed.Shim.WaitForAsync(Pkcs11Shim.Hanging, TestContext.Current.CancellationToken, hanging + Each), _allChecked.Task));
        await HoldAsync(CallClass.BetweenSpendAndHsm, _between.Full);
        await HoldAsync(CallClass.BeforeTheSpend, _before.Full);
        await HoldAsync(CallClass.AroundTheStop, _allAround.Task);

        Task[] first = [.. Enumerable.Range(0, Workers).Select(_ => StartAsync(CallClass.Free))];
        await Task.WhenAll(first);
        Task[] workers = [.. Enumerable.Range(0, Workers).Select(_ => WorkAsync())];
        Task stopping = stop();
        await Task.WhenAny(_stopped.Task, stopping);
        Release();
        await Task.WhenAll([stopping, .. workers, .. _calls.Select(call => call.Reply)]);
        Assert.True(_stopped.Task.IsCompleted);
    }

    private void Release()
    {
        _before.Release();
        _between.Release();
        _bed.Shim.Clear(Pkcs11Shim.Sign);
    }

    /// <summary>One call after the other, while the stop is stored; and a last one after it.</summary>
    private async Task WorkAsync()
    {
        for (int i = 2; i < CallsOfAWorker; i++)
        {
            await StartAsync(CallClass.Free);
        }

        await _stopped.Task;
        await StartAsync(CallClass.AfterTheStop);
    }

    /// <summary>Starts calls and waits until all of them are held. One that is answered will not be, and fails the test with its answer.</summary>
    private async Task HoldAsync(CallClass where, Task held)
    {
        Task<CscReply>[] replies = [.. Enumerable.Range(0, Each).Select(_ => StartAsync(where))];
        if (await Task.WhenAny([held, .. replies]) is Task<CscReply> answered)
        {
            Assert.Fail($"A call that is to be held {where} was answered: {(await answered).Text}");
        }

        await held;
    }

    private Task<CscReply> StartAsync(CallClass where)
    {
        lock (_sads)
        {
            (byte[] digest, string sad) = _sads.Dequeue();
            Task<CscReply> reply = _clients[_sads.Count % 2].SignHashAsync(_credential, sad, [digest]);
            _calls.Enqueue(new RacingCall(where, digest, reply));
            return reply;
        }
    }

    private StopRaceResult Judged()
    {
        IReadOnlyList<TableRequest> stored = _order.Stored;
        int stop = Assert.Single(stored.Index(), s => IsStop(s.Item)).Index;
        Dictionary<string, bool> spends = stored.Index().Where(s => s.Index != stop).ToDictionary(s => s.Item.RowKey!.Split('-')[1], s => s.Index < stop);
        return new StopRaceResult(_credential, [.. _calls], spends, Each - _placeOfStop);
    }

    private async Task ReadAsync(TableExchange exchange)
    {
        await exchange.AnswerAsync(await exchange.ForwardAsync());

        // Each call reads it with its checks, and once more beside the HSM.
        if (Interlocked.Increment(ref _stateReads) == 2 * Each)
        {
            _allChecked.SetResult();
        }
    }

    private async Task StoreAsync(TableExchange exchange) => await exchange.AnswerAsync(await _order.DeliverAsync(exchange));

    private async Task StoreAndHoldAsync(TableExchange exchange)
    {
        TableAnswer answer = await _order.DeliverAsync(exchange);
        await exchange.WaitAtAsync(_between);
        await exchange.AnswerAsync(answer);
    }

    private async Task HoldAndStoreAsync(TableExchange exchange)
    {
        await exchange.WaitAtAsync(_before);
        await StoreAsync(exchange);
    }

    private Task StoreInTurnAsync(TableExchange exchange)
    {
        int place;
        lock (_places)
        {
            place = _places.Dequeue();
            if (_places.Count == 0)
            {
                _allAround.SetResult();
            }
        }

        return StoreInTurnAsync(exchange, place);
    }

    private Task StopInTurnAsync(TableExchange exchange)
    {
        _turns[0].SetResult();
        return StoreInTurnAsync(exchange, _placeOfStop);
    }

    private async Task StoreInTurnAsync(TableExchange exchange, int place)
    {
        await _turns[place].Task;
        TableAnswer answer = await _order.DeliverAsync(exchange);
        if (place == _placeOfStop)
        {
            _stopped.SetResult();
        }

        _turns[place + 1].SetResult();
        await exchange.AnswerAsync(answer);
    }
}

/// <summary>Where a call is when the stop is stored.</summary>
internal enum CallClass
{
    /// <summary>In the HSM, having found no stop.</summary>
    InTheHsm,

    /// <summary>Its spend was stored, and it has not been told so.</summary>
    BetweenSpendAndHsm,

    /// <summary>It has passed all checks, and its spend was not stored.</summary>
    BeforeTheSpend,

    /// <summary>The store gets its spend shortly before or after the stop.</summary>
    AroundTheStop,

    /// <summary>Anywhere: nobody holds it.</summary>
    Free,

    /// <summary>Not sent yet.</summary>
    AfterTheStop,
}

/// <summary>One call of a race.</summary>
internal sealed record RacingCall(CallClass Where, byte[] Digest, Task<CscReply> Reply);

/// <summary>What became of a race.</summary>
/// <param name="Credential">The credential that was stopped.</param>
/// <param name="Calls">The calls, all of them answered.</param>
/// <param name="SpentBefore">The spends that were stored, by their transaction: whether before the stop.</param>
/// <param name="AfterByPlan">How many of those around the stop were to be stored after it.</param>
internal sealed record StopRaceResult(TestCredential Credential, IReadOnlyList<RacingCall> Calls, IReadOnlyDictionary<string, bool> SpentBefore, int AfterByPlan);

/// <summary>Two hosts on one store and one HSM.</summary>
internal sealed record StopRaceBed(LocalHostProcess One, LocalHostProcess Two, TableProxy Proxy, Pkcs11Shim Shim);
