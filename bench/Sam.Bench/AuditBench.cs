using System.Globalization;
using System.Text;
using System.Text.Json;
using Sam.Core.Algorithms;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;

namespace Sam.Bench;

/// <summary>
/// What the audit costs: the same parts of the domain composed twice on one Azurite and one token, with the audit log and without, in turns. No HTTP, which would make its share smaller. The composition without is
/// this bench's own; a product has none.
/// </summary>
internal static class AuditBench
{
    private const int Rounds = 7;

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    internal static async Task<int> RunAsync(BenchPlan plan)
    {
        SoftHsmFixture hsm = new();
        AzuriteFixture azurite = new();
        await hsm.InitializeAsync();
        await azurite.InitializeAsync();
        try
        {
            List<AuditFigure> figures = [];
            foreach (KeyAlgorithm key in plan.Keys.Where(k => k == KeyAlgorithm.Rsa2048 || k == KeyAlgorithm.P256))
            {
                figures.AddRange(await MeasureAsync(hsm, azurite, plan, key));
            }

            string page = Render(plan, figures);
            await Console.Out.WriteAsync(page);
            plan.Results.Create();
            await File.WriteAllTextAsync(Path.Combine(plan.Results.FullName, "AUDIT.md"), page);
            await File.WriteAllTextAsync(
                Path.Combine(plan.Results.FullName, "audit.json"),
                JsonSerializer.Serialize(new { finished = DateTimeOffset.UtcNow, processors = Environment.ProcessorCount, figures }, _indented) + "\n");
            return 0;
        }
        finally
        {
            await azurite.DisposeAsync();
            await hsm.DisposeAsync();
        }
    }

    private static async Task<IEnumerable<AuditFigure>> MeasureAsync(SoftHsmFixture hsm, AzuriteFixture azurite, BenchPlan plan, KeyAlgorithm key)
    {
        await using AuditParts parts = await AuditParts.OpenAsync(hsm, azurite, await hsm.AddTokenAsync(CancellationToken.None));
        Func<Task>[] with = await parts.MakeClientsAsync(key, isAudited: true);
        Func<Task>[] without = await parts.MakeClientsAsync(key, isAudited: false);
        await Console.Error.WriteLineAsync($"bench: audit, {key.Name}");
        List<AuditFigure> figures = [];
        foreach (int clients in plan.Clients)
        {
            _ = await ClosedLoop.ForAsync(plan.Seconds, clients, client => with[client]());
            _ = await ClosedLoop.ForAsync(plan.Seconds, clients, client => without[client]());
            List<Round> audited = [];
            List<Round> bare = [];
            int operations = 0;
            for (int round = 0; round < (plan.Rounds == 1 ? 3 : Rounds); round++)
            {
                int before = parts.AuditOperations;
                audited.Add(await ClosedLoop.ForAsync(plan.Seconds, clients, client => with[client]()));
                operations += parts.AuditOperations - before;
                bare.Add(await ClosedLoop.ForAsync(plan.Seconds, clients, client => without[client]()));
            }

            figures.Add(AuditFigure.Of(key.Name, clients, audited, bare, operations));
        }

        return figures;
    }

    private static string Render(BenchPlan plan, IEnumerable<AuditFigure> figures)
    {
        StringBuilder page = new();
        _ = page.AppendLine("# What the audit costs (./dev bench audit)").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processors, shared by the domain and Azurite; rounds of {plan.Seconds} s with and without the audit in turns. The ratio is the median of the rounds' own.")
            .AppendLine("A signature is a pair of authorize and signHash without HTTP. Load average is the machine's over the last minute.").AppendLine()
            .AppendLine("| key | clients | with audit, /s | without, /s | ratio (wanted at 32: 0.9) | p50 ms with | without | operations of the audit per signature (wanted at 32: 0.1) | load average |")
            .AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (AuditFigure f in figures)
        {
            _ = page.AppendLine(
                CultureInfo.InvariantCulture, $"| {f.Key} | {f.Clients} | {f.WithAudit:f0} | {f.Without:f0} | {f.Ratio:f2} | {f.MedianMsWithAudit:f1} | {f.MedianMsWithout:f1} | {f.OperationsPerSignature:f3} | {f.LoadAverage:f1} |");
        }

        return page.ToString();
    }
}

/// <summary>Signatures per second with the audit and without it.</summary>
internal sealed record AuditFigure(
    string Key, int Clients, double WithAudit, double Without, double Ratio, double MedianMsWithAudit, double MedianMsWithout, double OperationsPerSignature, double LoadAverage)
{
    internal static AuditFigure Of(string key, int clients, IReadOnlyList<Round> audited, IReadOnlyList<Round> bare, int operations)
    {
        double[] ratios = [.. audited.Zip(bare, (with, without) => with.PerSecond / without.PerSecond).Order()];
        Round with = Round.MedianOf(audited);
        Round without = Round.MedianOf(bare);
        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        return new AuditFigure(
            key, clients, with.PerSecond, without.PerSecond, ratios[ratios.Length / 2], with.Median, without.Median, (double)operations / audited.Sum(r => r.Count), load);
    }
}
