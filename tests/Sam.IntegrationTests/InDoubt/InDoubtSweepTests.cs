using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.InDoubt;

/// <summary>
/// Everything that can happen to a request on its way to the storage and back, to every request of authorize and signHash, at the main store and the audit
/// (security decisions 4 and 5). What must hold is <see cref="DisturbedPair"/>.
/// </summary>
[Trait("Requirement", "SIG-2d")]
[Trait("Requirement", "SIG-3")]
[Trait("Soak", "indoubt")]
public sealed class InDoubtSweepTests
{
    // Azurite is one thread, and a pair is mostly waiting for it.
    private const int Lanes = 3;

    private readonly AzuriteFixture _azurite;

    public InDoubtSweepTests(AzuriteFixture azurite) => _azurite = azurite;

    /// <summary>The exact outcome of each single fault: only a write that the service never had, or had too late, may cost the owner a signature.</summary>
    [Fact]
    public async Task A_signature_is_lost_only_to_a_write_that_did_not_arrive()
    {
        (string Request, StorageFault Fault)[] cases = [.. from request in await RequestsAsync(rightPin: true, keyed: true) from fault in StorageFault.All select (request, fault)];
        Assert.True(cases.Length >= 13 * StorageFault.All.Count, "A pair has fewer requests than it had.");
        IReadOnlyDictionary<string, int> outcomes = await RunAsync(cases, async (bed, one) =>
        {
            string seen = await DisturbedPair.RunAsync(bed, [one], keyed: true);
            Assert.Equal(1, bed.Plan.Met);
            Assert.Equal(Expected(one.Request, one.Fault), seen);
            return seen;
        });
        TestReport.Add("storage faults, one per pair, signHash then sent again", $"{cases.Length / StorageFault.All.Count} requests × {StorageFault.All.Count} faults: {Histogram(outcomes)}");
    }

    [Fact]
    public async Task An_attempt_with_a_wrong_pin_is_counted_whatever_the_storage_does()
    {
        (string Request, StorageFault Fault)[] cases = [.. from request in await RequestsAsync(rightPin: false) from fault in StorageFault.All select (request, fault)];
        Assert.True(cases.Length >= 4 * StorageFault.All.Count, "A refusal has fewer requests than it had.");
        IReadOnlyDictionary<string, int> outcomes = await RunAsync(cases, (bed, one) => DisturbedPair.RunAsync(bed, [one], rightPin: false));
        TestReport.Add("storage faults, wrong PIN", $"{cases.Length / StorageFault.All.Count} requests × {StorageFault.All.Count} faults: {Histogram(outcomes)}");
    }

    /// <summary>Two faults, also on the requests that the first one leads to: reading back, trying again.</summary>
    [Fact]
    public async Task Two_faults_at_once_let_nobody_sign_twice()
    {
        int seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        Random random = new(seed);
        string[] usual = [.. await RequestsAsync(rightPin: true)];
        string[] requests = [.. usual, "Read Transactions #2", "Read Transactions #3", "Read Signers counters #2", "Read Signers counters #3", "Read Audit #1", "Insert Audit #3", "Commit Transactions #1"];
        Two[] cases =
        [
            .. Enumerable.Range(0, TestCounts.DoubleStorageFaults).Select(_ => new Two(
                random.GetItems(usual, 1)[0], random.GetItems(requests, 1)[0], random.GetItems([.. StorageFault.All], 2), RightPin: random.Next(8) > 0, Keyed: random.Next(2) > 0)),
        ];
        int met = 0;
        IReadOnlyDictionary<string, int> outcomes;
        try
        {
            outcomes = await RunAsync(cases, async (bed, two) =>
            {
                string seen = await DisturbedPair.RunAsync(bed, two.Faults, two.RightPin, two.Keyed);
                Interlocked.Add(ref met, bed.Plan.Met);
                return seen;
            });
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"Seed {seed}.", failure);
        }

        Assert.True(met >= cases.Length, "Most faults never met a request.");
        TestReport.Add("storage faults, two per pair", $"{cases.Length} pairs, {met} faults met, seed {seed}: {Histogram(outcomes)}");
        await SoakResults.WriteAsync("indoubt", new { pairs = cases.Length, faultsMet = met, seed, outcomes });
    }

    private static string Expected(string request, StorageFault fault)
    {
        string same = $"{DisturbedPair.Signed}, {DisturbedPair.SameAgain}";
        string still = $"again {nameof(SamErrorCode.StillSigning)}";
        return request switch
        {
            _ when fault.Arrival == Arrival.InTime || request.StartsWith(nameof(TableRequestKind.Read), StringComparison.Ordinal) => same,

            // The refund: the attempt stays counted, and the owner is not made to pay for it twice.
            "Replace Signers counters #2" => same,
            "Replace Signers counters #1" or "Insert Transactions #1" => $"authorize {nameof(RowStoreException)}",
            "Insert Audit #1" => $"authorize {nameof(AuditUnavailableException)}",

            // A spend that did not arrive leaves the SAD as it was; one that arrives when it was given up burns it, and no answer will come.
            "Replace Transactions #1" => $"signHash {nameof(RowStoreException)}, {(fault.Arrival == Arrival.BeforeRetry ? still : DisturbedPair.SignedNow)}",
            "Insert Audit #2" => $"signHash {nameof(AuditUnavailableException)}, {still}",

            // The answer that is kept is for who asks again, and nobody waits for it who has it.
            "Commit Transactions #1" => fault.Arrival == Arrival.BeforeRetry ? same : $"{DisturbedPair.Signed}, {still}",
            _ => throw new InvalidOperationException($"What becomes of {request} is not known."),
        };
    }

    /// <summary>What an undisturbed pair asks of the storage, as measured.</summary>
    private async Task<IReadOnlyList<string>> RequestsAsync(bool rightPin, bool keyed = false)
    {
        await using InDoubtBed bed = await InDoubtBed.OpenAsync(_azurite);
        string seen = await DisturbedPair.RunAsync(bed, [], rightPin, keyed);
        Assert.Equal(!rightPin ? $"authorize {nameof(SamErrorCode.PinWrong)}" : keyed ? $"{DisturbedPair.Signed}, {DisturbedPair.SameAgain}" : DisturbedPair.Signed, seen);
        return bed.Plan.Seen;
    }

    private async Task<IReadOnlyDictionary<string, int>> RunAsync<T>(IReadOnlyCollection<T> cases, Func<InDoubtBed, T, Task<string>> run)
    {
        ConcurrentDictionary<string, int> outcomes = new();
        ConcurrentQueue<T> left = new(cases);
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(async () =>
        {
            await using InDoubtBed bed = await InDoubtBed.OpenAsync(_azurite);
            while (left.TryDequeue(out T? one))
            {
                try
                {
                    string seen = await run(bed, one);
                    outcomes.AddOrUpdate(seen, 1, (_, count) => count + 1);
                }
                catch (Exception failure)
                {
                    left.Clear();
                    throw new InvalidOperationException($"{one}: {string.Join(", ", bed.Plan.Seen)}", failure);
                }
            }
        })));
        return outcomes;
    }

    private static string Histogram(IReadOnlyDictionary<string, int> outcomes) => string.Join(
        ", ", outcomes.OrderByDescending(o => o.Value).ThenBy(o => o.Key, StringComparer.Ordinal).Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Value} {o.Key}")));

    private sealed record Two(string First, string Second, StorageFault[] Both, bool RightPin, bool Keyed)
    {
        internal IEnumerable<(string, StorageFault)> Faults => First == Second ? [(First, Both[0])] : [(First, Both[0]), (Second, Both[1])];

        public override string ToString() => string.Join(" and ", Faults) + (RightPin ? string.Empty : ", wrong PIN") + (Keyed ? ", with a key" : string.Empty);
    }
}
