using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sam.Bench;

/// <summary>Pairs of authorize and signHash under one load.</summary>
internal sealed record PairFigure(
    string Key, string Store, int Clients, double PerSecond, double MedianMs, double P99Ms, double SamCpuMs, double HsmCpuMs, double AzuriteCpuMs, double AllocatedKiB)
{
    internal static PairFigure Of(string key, string store, int clients, IReadOnlyList<Round> rounds, Usage before, Usage after, double rawPerSecond, double azuriteCpu)
    {
        Round median = Round.MedianOf(rounds);
        double pairs = rounds.Sum(r => r.Count);

        // One thread that does nothing else needs all of its processor.
        double hsm = 1_000 / rawPerSecond;
        return new PairFigure(
            key, store, clients, median.PerSecond, median.Median, median.P99,
            ((after.CpuMilliseconds - before.CpuMilliseconds) / pairs) - hsm,
            hsm,
            azuriteCpu / pairs,
            (after.AllocatedBytes - before.AllocatedBytes) / 1024.0 / pairs);
    }
}

/// <summary>The figures of one run, as a table, a page and JSON.</summary>
internal sealed class BenchReport
{
    // What an undisturbed machine of this kind gave; far below it, somebody else was using it.
    private static readonly Dictionary<(string Key, int Threads), double> _known = new()
    {
        [("rsa2048", 1)] = 1_452,
        [("rsa2048", 2)] = 2_672,
        [("rsa3072", 1)] = 360,
        [("rsa3072", 2)] = 722,
        [("p256", 1)] = 17_004,
        [("p256", 2)] = 25_404,
    };

    // What people wrote below the figures stays: a run knows what was slow, and not why.
    private const string WrittenByHand = "\n## What stands in the way";

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    internal Dictionary<(string Key, int Threads), double> Raw { get; } = [];

    internal Round? EmptyPairs { get; set; }

    internal Round? BareStorage { get; set; }

    internal List<PairFigure> Pairs { get; } = [];

    internal List<BatchFigure> Batches { get; } = [];

    internal double ApprovalCpuMs { get; set; }

    internal List<(double PerSecond, long WorkingSet)> OnEnd { get; } = [];

    internal void Write(BenchPlan plan, TextWriter output)
    {
        string page = Render(plan);
        output.Write(page);
        plan.Results.Create();
        string path = Path.Combine(plan.Results.FullName, "RESULTS.md");
        string before = File.Exists(path) ? File.ReadAllText(path) : string.Empty;
        int byHand = before.IndexOf(WrittenByHand, StringComparison.Ordinal);
        File.WriteAllText(path, byHand < 0 ? page : page + before[byHand..]);
        File.WriteAllText(Path.Combine(plan.Results.FullName, "results.json"), JsonSerializer.Serialize(
            new
            {
                date = DateTimeOffset.UtcNow,
                processors = Environment.ProcessorCount,
                plan = new { plan.Rounds, plan.Seconds, plan.PairsOnEnd },
                raw = Raw.Select(r => new { r.Key.Key, r.Key.Threads, perSecond = r.Value }),
                emptyPairs = EmptyPairs,
                bareStorage = BareStorage,
                batches = Batches,
                approvalCpuMs = ApprovalCpuMs,
                pairs = Pairs,
                onEnd = OnEnd.Select(part => new { part.PerSecond, part.WorkingSet }),
            },
            _indented) + "\n");
    }

    private string Render(BenchPlan plan)
    {
        StringBuilder page = new();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Results of ./dev bench

            {Environment.ProcessorCount} processors, shared by the SAM, the load and Azurite; {plan.Rounds} rounds of {plan.Seconds} s, medians. Only ratios within one run mean something.
            A pair is one `credentials/authorize` and one `signatures/signHash` of one hash. The PIN's cost is set to its minimum unless said otherwise, so that it does not hide the rest.
            The HSM library's share of the CPU is what one signature costs on one thread that does nothing else (first table); it runs in the SAM's process.


            """);
        string[] disturbed = [.. Raw.Where(r => r.Value < 0.7 * _known[r.Key]).Select(r => $"{r.Key.Key}/{r.Key.Threads}")];
        if (disturbed.Length > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"**This run was disturbed, or the machine is another one:** raw figures below 0.7 of the known ones: {string.Join(", ", disturbed)}.\n\n");
        }

        page.Append("## The token alone (C_SignInit + C_Sign), and empty POSTs\n\n| key | 1 thread, /s | 2 threads, /s |\n|---|---|---|\n");
        foreach (string key in Raw.Keys.Select(k => k.Key).Distinct())
        {
            page.Append(CultureInfo.InvariantCulture, $"| {key} | {Raw[(key, 1)]:n0} | {Raw[(key, 2)]:n0} |\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"\nPairs of empty POSTs at {BenchPlan.MostClients} clients: {EmptyPairs!.PerSecond:n0}/s. Azurite alone, with the reads and writes of a pair and nothing between them: {BareStorage!.PerSecond:n0}/s.\n\n");
        page.Append("## A thousand hashes in one request, in memory, and an approval on a device\n\nEach round measures the token alone, the token with each signature verified on the thread that made it, and requests, right after each other; 2 threads. What verifies before it releases cannot be faster than the second.\n\n");
        page.Append("| key | raw, /s | raw and verified, /s | in requests, /s | of raw | of raw and verified | CPU per signature, ms: raw | raw and verified | SAM with HSM library |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (BatchFigure b in Batches)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {b.Key} | {b.RawPerSecond:n0} | {b.VerifiedPerSecond:n0} | {b.PerSecond:n0} | {b.OfRaw:0.00} | {b.OfVerified:0.00} | {b.RawCpuMs:0.000} | {b.VerifiedCpuMs:0.000} | {b.CpuMs:0.000} |\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"\nOne approval of one document (asked for, shown, decided with a PIN, the SAD fetched) takes {ApprovalCpuMs:0.00} ms of the SAM's CPU.\n\n");
        page.Append("## Pairs\n\n| key | stores | clients | pairs/s | of raw, 2 threads | of empty pairs | of bare Azurite | p50 ms | p99 ms | CPU per pair, ms: SAM | HSM library | Azurite | KiB allocated |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (PairFigure figure in Pairs)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {figure.Key} | {figure.Store} | {figure.Clients} | {figure.PerSecond:n0} | {figure.PerSecond / Raw[(figure.Key, 2)]:0.00} | {figure.PerSecond / EmptyPairs.PerSecond:0.00} | {(figure.Store == BenchRun.Azurite ? string.Create(CultureInfo.InvariantCulture, $"{figure.PerSecond / BareStorage.PerSecond:0.00}") : "")} ");
            page.Append(CultureInfo.InvariantCulture, $"| {figure.MedianMs:0.0} | {figure.P99Ms:0.0} | {figure.SamCpuMs:0.00} | {figure.HsmCpuMs:0.00} | {figure.AzuriteCpuMs:0.00} | {figure.AllocatedKiB:n0} |\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"\n## {plan.PairsOnEnd:n0} pairs on end (p256, in memory, {BenchPlan.MostClients} clients), in ten parts\n\n| part | pairs/s | resident MiB |\n|---|---|---|\n");
        foreach (((double perSecond, long workingSet), int part) in OnEnd.Select((figure, i) => (figure, i)))
        {
            page.Append(CultureInfo.InvariantCulture, $"| {part + 1} | {perSecond:n0} | {workingSet / 1048576.0:n0} |\n");
        }

        return page.ToString();
    }
}
