using System.Security.Cryptography;
using CsCheck;
using Sam.Testing.Run;
using Xunit;

namespace Sam.Tests.Properties;

/// <summary>
/// The adversary: two applications, two signers' devices, a stranger's, and somebody who writes the tables, at two processes that may begin anew, with every handle, challenge, answer, JWE and SAD
/// that was ever seen, for two credentials. However they mix them: for an application nothing is signed with a key that Alice has not consented to for it, on her device or on her page, no hash more
/// often than there, and by no SAD twice.
/// </summary>
[Trait("Requirement", "ACT-2")]
[Trait("Requirement", "SIG-2d")]
[Trait("Requirement", "T-USE-1")]
[Trait("Requirement", "T-USE-3")]
[Trait("Requirement", "T-USE-7")]
public sealed class ApprovalPropertyTests
{
    private const int StepsOfASequence = 30;

    private static readonly Gen<ApprovalAct> _act = Gen.Frequency(
        (5, Gen.Const(ApprovalAct.Ask)),
        (6, Gen.Const(ApprovalAct.Decide)),
        (5, Gen.Const(ApprovalAct.Redeem)),
        (3, Gen.Const(ApprovalAct.Answer)),
        (4, Gen.Const(ApprovalAct.Enter)),
        (8, Gen.Const(ApprovalAct.Sign)),
        (5, Gen.Const(ApprovalAct.Extend)),
        (1, Gen.Const(ApprovalAct.Stop)),
        (1, Gen.Const(ApprovalAct.Wait)),
        (1, Gen.Const(ApprovalAct.Restart)),
        (2, Gen.Const(ApprovalAct.WriteBack)),
        (1, Gen.Const(ApprovalAct.Delete)));

    private static readonly Gen<ApprovalStep[]> _sequence = Gen.Select(
        _act, Gen.Int[0, 1], Gen.Int[0, 4], Gen.Int[0, 9], Gen.Int[0, 99], (act, process, who, what, which) => new ApprovalStep(act, process, who == 4 ? 1 : 0, what, which)).Array[StepsOfASequence];

    [Fact]
    [Trait("Soak", "approvals")]
    public async Task Nothing_is_signed_that_the_signer_has_not_consented_to()
    {
        ulong seed = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        int signed = 0;
        int refused = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, TestCounts.ApprovalSequences),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken },
            async (number, cancellation) =>
            {
                ApprovalStep[] steps = _sequence.Generate(new PCG((uint)number, seed), null, out Size _);
                cancellation.ThrowIfCancellationRequested();
                await using ApprovalStage stage = await ApprovalStage.OpenAsync();
                for (int i = 0; i < steps.Length; i++)
                {
                    await stage.TryAsync(steps[i]);
                    Assert.True(stage.Fault is null, $"seed {seed}, sequence {number}, step {i} of {string.Join(", ", steps.Take(i + 1))}: {stage.Fault}");
                }

                _ = Interlocked.Add(ref signed, stage.Signed);
                _ = Interlocked.Add(ref refused, stage.Refused);
            });
        Assert.True(signed > TestCounts.ApprovalSequences / 4 && refused > TestCounts.ApprovalSequences, $"{signed} signed, {refused} refused");
        TestReport.Add("approvals against an adversary", $"{TestCounts.ApprovalSequences} sequences of {StepsOfASequence} acts, {signed} signatures, {refused} refusals, seed {seed}");
        await SoakResults.WriteAsync("approvals", new { seed, sequences = TestCounts.ApprovalSequences, acts = StepsOfASequence, signed, refused });
    }
}
