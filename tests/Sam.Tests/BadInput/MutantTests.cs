using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sam.Core.Rows;
using Sam.Testing.Run;
using Sam.Tests.Pipeline;
using Xunit;

namespace Sam.Tests.BadInput;

/// <summary>
/// Requests that went wrong on the way, by the hundred thousand: whatever they are, they are answered, as the API says, and nothing of them stays behind.
/// The gates have as many places as there are senders, so one that is not given back shows as a 503.
/// </summary>
[Trait("Requirement", "SIG-1")]
[Collection(typeof(Alone))]
public sealed class MutantTests
{
    private const int Senders = 2;

    // So many that as many as there are senders are left of them for what is not urgent.
    private const int Places = 3;
    private const int Tenths = 10;

    // As much as the caches of a process fill up with; a leak of 100 bytes per request would be twice as much.
    private const long MaxGrowth = 4 * 1024 * 1024;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    [Trait("Soak", "badinput")]
    public async Task Every_mutant_is_answered_and_leaves_nothing_behind()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("SAM_MUTANT_SEED"), out int again) ? again : RandomNumberGenerator.GetInt32(int.MaxValue / 2);
        await using PipelineBed bed = await PipelineBed.OpenAsync(o => (o.Gate.MaxAuthorizing, o.Gate.MaxSigning) = (Places, Senders));
        bed.SendsStrangers = true;
        CscRequests requests = await CscRequests.OpenAsync(bed);
        Mutator[] mutators = [.. Enumerable.Range(0, Senders).Select(sender => new Mutator(seed + sender))];
        SortedDictionary<string, int> statuses = new(StringComparer.Ordinal);
        List<long> memory = [];
        int perSender = TestCounts.MutatedRequests / Senders / Tenths;
        for (int tenth = 0; tenth < Tenths; tenth++)
        {
            // Each sender begins with fresh requests, so that mutants that kept what matters get through.
            List<Dictionary<string, JsonObject>> valid = [];
            await requests.RenewPinAsync();
            for (int sender = 0; sender < Senders; sender++)
            {
                valid.Add([]);
                foreach (string route in CscRequests.Routes)
                {
                    valid[sender][route] = await requests.ValidAsync(route);
                }
            }

            await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(bed, mutators[sender], valid[sender], perSender, statuses, seed))))
                .WaitAsync(_patience * 10, TestContext.Current.CancellationToken);
            Forget(bed);
            memory.Add(GC.GetTotalMemory(forceFullCollection: true));
        }

        // The first tenths fill what fills once: pools, caches, tiered code.
        Assert.True(memory[^1] - memory[2] < MaxGrowth, $"the memory grows, seed {seed}: {string.Join(", ", memory)}");
        Assert.True(statuses.GetValueOrDefault("200") > 0 && statuses.GetValueOrDefault("400") > 0, "no mutant came through, or all did");
        Assert.All(bed.Logged, line => Assert.Fail($"an exception, seed {seed}: {line.Exception}"));
        int all = statuses.Values.Sum();
        TestReport.Add("mutated requests", $"{all} of 4 methods, {string.Join(", ", statuses.Select(s => $"{s.Key}: {s.Value}"))}, seed {seed}");
        await SoakResults.WriteAsync("badinput", new { seed, requests = all, statuses, memory });
    }

    private static async Task SendAsync(
        PipelineBed bed, Mutator mutator, Dictionary<string, JsonObject> valid, int count, SortedDictionary<string, int> statuses, int seed)
    {
        Dictionary<int, int> seen = [];
        for (int i = 0; i < count; i++)
        {
            string route = CscRequests.Routes[mutator.Next(CscRequests.Routes.Count)];
            byte[] body = mutator.Mutate(valid[route]);
            string? type = mutator.ContentType();
            long? length = mutator.Length(body.Length);
            Answer answer = await bed.SendAsync(
                route,
                new CountedBody(body, atATime: 1 + mutator.Next(2_000)),
                context => (context.Request.ContentType, context.Request.ContentLength) = (type, length)).WaitAsync(_patience);
            if (answer.Status >= 500 || !IsAnswer(answer))
            {
                Assert.Fail($"{route} answers {answer.Status} {answer.Text}, seed {seed}, type {type}, length {length}, body {Convert.ToBase64String(body)}");
            }

            seen[answer.Status] = seen.GetValueOrDefault(answer.Status) + 1;
        }

        lock (statuses)
        {
            foreach ((int status, int number) in seen)
            {
                string key = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
                statuses[key] = statuses.GetValueOrDefault(key) + number;
            }
        }
    }

    private static bool IsAnswer(Answer answer)
    {
        try
        {
            return answer.Status is >= 200 and < 300 ? answer.Error is null && answer.Length > 0 : answer.Error is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>What is kept on purpose: rows, and what the test's own stores and meters count.</summary>
    private static void Forget(PipelineBed bed)
    {
        foreach (StoredRow row in bed.Sam.AuditTable.Attacker.Rows())
        {
            _ = bed.Sam.AuditTable.Attacker.Delete(row.Address);
        }

        foreach (StoredRow row in bed.Sam.Table.Attacker.Rows(SamTable.Transactions))
        {
            _ = bed.Sam.Table.Attacker.Delete(row.Address);
        }

        bed.Sam.Rows.ForgetCalls();
        bed.Sam.Audit.ForgetCalls();
        bed.ForgetRefusals();
    }
}
