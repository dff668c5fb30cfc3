using System.Security.Cryptography;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storm;

/// <summary>
/// An insider with full write access to the storage, against hosts at work and hosts that have ended: no signature that its signer did not agree to, none twice, nobody else's certificate, and no change that nobody
/// sees. What the threat notes concede (src/Sam.Core/README.md) is counted, and nothing else is excused.
/// </summary>
public sealed class StormTests(SoftHsmFixture hsm, AzuriteFixture azurite)
{
    [Fact]
    [Trait("Soak", "storage")]
    [Trait("Requirement", "REG-1")]
    [Trait("Requirement", "SIG-7")]
    [Trait("Requirement", "SYS-2")]
    [Trait("Requirement", "T-USE-3")]
    [Trait("Requirement", "T-USE-8")]
    [Trait("Requirement", "T-INS-3")]
    public async Task Whoever_writes_the_tables_stops_the_service_at_most_and_is_seen()
    {
        int seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        Random random = new(seed);
        int rounds = (TestCounts.Manipulations + TestCounts.ManipulationsOfARound - 1) / TestCounts.ManipulationsOfARound;
        StormSum sum = new();
        while (sum.Manipulations < TestCounts.Manipulations && sum.Rounds < 5 * rounds)
        {
            int wanted = Math.Min(TestCounts.ManipulationsOfARound, TestCounts.Manipulations - sum.Manipulations);
            int seedOfRound = random.Next();
            await using StormRound round = await StormRound.RunAsync(hsm, azurite, seedOfRound, phases: wanted < 200 ? 2 : 3, wanted);
            sum.Add(round);
            Assert.True(round.Receiver.Violations.IsEmpty, $"seed {seed}, round {sum.Rounds} ({seedOfRound}):\n{string.Join('\n', round.Receiver.Violations.Take(20))}");
        }

        Assert.True(sum.Manipulations >= TestCounts.Manipulations, $"{sum.Manipulations} in {sum.Rounds} rounds, seed {seed}");
        Assert.True(sum.Signatures > sum.Manipulations / 20 && sum.Refused > sum.Manipulations / 4, $"{sum.Signatures} signatures, {sum.Refused} refusals: too little happened, seed {seed}");
        Assert.True(sum.FastRollBacks >= 0.3 * sum.Manipulations && sum.Replayed >= 0.13 * sum.Manipulations && sum.StateRows >= 0.1 * sum.Manipulations, $"{sum}, seed {seed}");
        TestReport.Add("storm over the storage", $"{sum}, seed {seed}");
        await SoakResults.WriteAsync("storage", new { seed, sum });
    }
}
