using Sam.Core.Algorithms;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;

namespace Sam.Bench;

/// <summary>Everything in one run on one machine: figures of different runs are not compared, their ratios are.</summary>
internal static class BenchRun
{
    internal const string Azurite = "Azurite";

    internal static async Task<int> RunAsync(BenchPlan plan)
    {
        SoftHsmFixture hsm = new();
        AzuriteFixture azurite = new();
        await hsm.InitializeAsync();
        await azurite.InitializeAsync();
        try
        {
            BenchReport report = new();
            await using (BenchSam sam = await BenchSam.StartAsync(hsm, BenchHost.InMemory, cheapPin: true))
            {
                await MeasureBaselinesAsync(sam, plan, report);
                await MeasurePairsAsync(sam, plan, report, "memory", null);
                await MeasureOnEndAsync(sam, plan, report);

                // Few and long requests do not warm up a process: behind all the others it is warm.
                await MeasureManyAsync(sam, plan, report);
            }

            await using (BenchSam sam = await BenchSam.StartAsync(hsm, azurite.ConnectionString, cheapPin: true))
            {
                report.BareStorage = await MeasureStorageAsync(azurite.ConnectionString, plan);
                await MeasurePairsAsync(sam, plan, report, Azurite, azurite.ProcessId);
            }

            await using (BenchSam sam = await BenchSam.StartAsync(hsm, BenchHost.InMemory, cheapPin: false))
            {
                await MeasurePairsAsync(sam, plan with { Keys = [KeyAlgorithm.P256], Clients = [BenchPlan.MostClients] }, report, "memory, PIN at its real cost", null);
            }

            report.Write(plan, Console.Out);
            return 0;
        }
        finally
        {
            await azurite.DisposeAsync();
            await hsm.DisposeAsync();
        }
    }

    private static async Task MeasureBaselinesAsync(BenchSam sam, BenchPlan plan, BenchReport report)
    {
        foreach (KeyAlgorithm key in plan.Keys)
        {
            foreach (int threads in (int[])[1, 2])
            {
                List<double> rates = [];
                for (int round = 0; round < plan.Rounds; round++)
                {
                    rates.Add((await sam.RawAsync(key, threads, plan.Seconds)).PerSecond);
                }

                report.Raw[(key.Name, threads)] = rates.Order().ElementAt(rates.Count / 2);
            }
        }

        report.EmptyPairs = await MedianAsync(plan, BenchPlan.MostClients, _ => sam.EmptyPairAsync());
    }

    private static async Task MeasureManyAsync(BenchSam sam, BenchPlan plan, BenchReport report)
    {
        ManyBench many = await sam.OpenManyAsync();
        await Console.Error.WriteLineAsync("bench: measuring a thousand hashes in a request, and approvals");
        foreach (KeyAlgorithm key in plan.Keys.Where(k => k != KeyAlgorithm.Rsa3072))
        {
            report.Batches.Add(await many.SignAsync(key, plan));
        }

        report.ApprovalCpuMs = await many.ApprovalCpuAsync(plan.Rounds);
    }

    private static async Task<Round> MeasureStorageAsync(string connectionString, BenchPlan plan)
    {
        using BareStorage storage = await BareStorage.OpenAsync(connectionString);
        Func<Task>[] clients = new Func<Task>[BenchPlan.MostClients];
        for (int i = 0; i < clients.Length; i++)
        {
            clients[i] = await storage.MakeClientAsync(i);
        }

        return await MedianAsync(plan, BenchPlan.MostClients, client => clients[client]());
    }

    private static async Task MeasurePairsAsync(BenchSam sam, BenchPlan plan, BenchReport report, string store, int? azurite)
    {
        foreach (KeyAlgorithm key in plan.Keys)
        {
            Func<Task>[] pairs = await MakeClientsAsync(sam, key);
            foreach (int clients in plan.Clients)
            {
                _ = await ClosedLoop.ForAsync(plan.Seconds, clients, client => pairs[client]());
                Usage before = await sam.UsageAsync();
                double azuriteBefore = azurite is { } process ? Usage.CpuOf(process) : 0;
                List<Round> rounds = [];
                for (int round = 0; round < plan.Rounds; round++)
                {
                    rounds.Add(await ClosedLoop.ForAsync(plan.Seconds, clients, client => pairs[client]()));
                }

                double azuriteCpu = azurite is { } same ? Usage.CpuOf(same) - azuriteBefore : 0;
                report.Pairs.Add(PairFigure.Of(key.Name, store, clients, rounds, before, await sam.UsageAsync(), report.Raw[(key.Name, 1)], azuriteCpu));
            }
        }
    }

    /// <summary>Without a pause, in ten parts: the last must be as fast as the first, in as much memory.</summary>
    private static async Task MeasureOnEndAsync(BenchSam sam, BenchPlan plan, BenchReport report)
    {
        const int Parts = 10;
        Func<Task>[] pairs = await MakeClientsAsync(sam, KeyAlgorithm.P256);
        for (int part = 0; part < Parts; part++)
        {
            int wanted = plan.PairsOnEnd / Parts;
            Round round = await ClosedLoop.RunAsync(BenchPlan.MostClients, client => pairs[client](), (_, started) => started <= wanted);
            report.OnEnd.Add((round.PerSecond, (await sam.UsageAsync()).WorkingSetBytes));
        }
    }

    private static async Task<Func<Task>[]> MakeClientsAsync(BenchSam sam, KeyAlgorithm key)
    {
        Func<Task>[] clients = new Func<Task>[BenchPlan.MostClients];
        for (int i = 0; i < clients.Length; i++)
        {
            clients[i] = await sam.MakeClientAsync(i, key);
        }

        await Console.Error.WriteLineAsync($"bench: measuring {key.Name}");
        return clients;
    }

    private static async Task<Round> MedianAsync(BenchPlan plan, int clients, Func<int, Task> call)
    {
        _ = await ClosedLoop.ForAsync(plan.Seconds, clients, call);
        List<Round> rounds = [];
        for (int round = 0; round < plan.Rounds; round++)
        {
            rounds.Add(await ClosedLoop.ForAsync(plan.Seconds, clients, call));
        }

        return Round.MedianOf(rounds);
    }
}
