using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;
using Sam.Testing.Run;
using Xunit;

namespace Sam.Tests.Properties;

/// <summary>
/// authorize and signHash as a state machine, against a small model, with an adversary who holds every SAD ever issued and writes to the table.
/// <see cref="SignRules"/> and <see cref="AuthorizeRules"/> are the model; <see cref="Play"/> holds what must be true besides.
/// </summary>
[Trait("Requirement", "SIG-1")]
[Trait("Requirement", "SIG-2d")]
[Trait("Requirement", "T-INS-3")]
public sealed class SigningPropertyTests
{
    // SAM_PROPERTY_SEED=seed:number runs one sequence again; SAM_PROPERTY_SEED=seed the whole run.
    private static readonly string[] _again = (Environment.GetEnvironmentVariable("SAM_PROPERTY_SEED") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries);

    private static readonly JsonSerializerOptions _printing = new() { Converters = { new JsonStringEnumConverter() } };

    // A few for a failure's first sight, and for somebody who runs the one sequence again as many as help.
    private static int TriesToShorten => _again.Length > 1 ? 1_000 : 50;

    [Fact]
    [Trait("Soak", "properties")]
    public async Task Nothing_is_signed_but_what_was_authorized_and_that_once()
    {
        ulong seed = _again.Length > 0 ? ulong.Parse(_again[0], CultureInfo.InvariantCulture) : BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        IEnumerable<int> numbers = _again.Length > 1 ? [int.Parse(_again[1], CultureInfo.InvariantCulture)] : Enumerable.Range(0, TestCounts.PropertySequences);
        Tally tally = new();
        int played = 0;
        await Parallel.ForEachAsync(numbers, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (number, cancellation) =>
        {
            Step[] steps = Gens.Sequence.Generate(new PCG((uint)number, seed), null, out _);
            cancellation.ThrowIfCancellationRequested();
            if (await PlayAsync(steps, tally) is not null)
            {
                IReadOnlyList<Step> shortest = await Shortening.ShortenAsync(steps, TriesToShorten, async s => await PlayAsync(s, new Tally()) is not null);
                Assert.Fail($"SAM_PROPERTY_SEED={seed}:{number}, {steps.Length} steps shortened to {shortest.Count}:\n{Print(shortest)}\n{await PlayAsync(shortest, new Tally())}");
            }

            _ = Interlocked.Increment(ref played);
        });

        TestReport.Add("signing properties", $"{played} sequences, {tally.Calls} calls, {Count("signHash: Signed")} signed, {tally.Outcomes.Count} kinds of outcomes, seed {seed}");
        await SoakResults.WriteAsync("properties", new { seed, sequences = played, calls = tally.Calls, outcomes = new SortedDictionary<string, int>(tally.Outcomes.ToDictionary()) });

        int Count(string outcome) => tally.Outcomes.GetValueOrDefault(outcome);
    }

    /// <summary>Null when the model allows all of it.</summary>
    private static async Task<string?> PlayAsync(IReadOnlyList<Step> steps, Tally tally)
    {
        try
        {
            tally.Add(await Play.RunAsync(steps));
            return null;
        }
#pragma warning disable CA1031 // Whatever breaks off a sequence is what was looked for.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return failure is InvalidOperationException ? failure.Message : failure.ToString();
        }
    }

    private static string Print(IReadOnlyList<Step> steps) => string.Join('\n', steps.Select((step, i) =>
        $"{i}: {string.Join(" | ", step.Acts.Select(a => a.GetType().Name + JsonSerializer.Serialize(a, a.GetType(), _printing)))} {JsonSerializer.Serialize(step.Schedule)}"));
}
