using System.Security.Cryptography;
using CsCheck;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Properties;

/// <summary>
/// The adversary: two applications, two signers' devices, a stranger's, and somebody who writes the tables, at two processes, with every handle, challenge, answer and SAD that was ever seen.
/// However they mix them: for an application nothing is signed that Alice's own device has not signed for it, no hash more often than there, and by no SAD twice.
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
        (8, Gen.Const(ApprovalAct.Sign)),
        (5, Gen.Const(ApprovalAct.Extend)),
        (1, Gen.Const(ApprovalAct.Stop)),
        (1, Gen.Const(ApprovalAct.Wait)),
        (2, Gen.Const(ApprovalAct.WriteBack)),
        (1, Gen.Const(ApprovalAct.Delete)));

    private static readonly Gen<ApprovalStep[]> _sequence = Gen.Select(
        _act, Gen.Int[0, 1], Gen.Int[0, 4], Gen.Int[0, 9], Gen.Int[0, 99], (act, process, who, what, which) => new ApprovalStep(act, process, who == 4 ? 1 : 0, what, which)).Array[StepsOfASequence];

    [Fact]
    [Trait("Soak", "approvals")]
    public async Task Nothing_is_signed_that_the_signers_device_has_not_signed()
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

/// <summary>Does each act with the real module, and counts what Alice's device has signed against what was released.</summary>
internal sealed class ApprovalStage : IAsyncDisposable
{
    private static readonly Digest[] _documents = [.. Digests.Some(3)];

    private readonly List<SecretText> _handles = [];
    private readonly List<SecretText> _answers = [];
    private readonly List<SecretText> _sads = [];
    private readonly List<StoredRow> _seen = [];
    private readonly HashSet<string> _used = [];
    private readonly Dictionary<(string Client, Digest Digest), int> _consents = [];
    private readonly Dictionary<(string Client, Digest Digest), int> _released = [];
    private SamTestBed _bed = null!;
    private ActivationModule[] _processes = [];
    private Caller[] _clients = [];
    private TestSigner _alice = null!;
    private TestDevice[] _devices = [];

    /// <summary>What must not be; null while all is well.</summary>
    internal string? Fault { get; private set; }

    internal int Signed { get; private set; }

    internal int Refused { get; private set; }

    private TestDevice Phone => _devices[0];

    public async ValueTask DisposeAsync()
    {
        foreach (TestDevice device in _devices)
        {
            device.Dispose();
        }

        await _bed.DisposeAsync();
    }

    internal static async Task<ApprovalStage> OpenAsync()
    {
        ApprovalStage stage = new() { _bed = await SamTestBed.OpenAsync() };
        SamTestBed bed = stage._bed;
        stage._processes = [bed.Sam, await bed.OpenProcessAsync()];
        stage._clients = [bed.Caller, await bed.AddClientAsync("other-sca")];
        stage._alice = await bed.AddSignerAsync("alice", clients: LinkedClients.Of([.. stage._clients.Select(c => c.Client)]));
        TestSigner mallory = await bed.AddSignerAsync("mallory");
        TestDevice theirs = await TestDevice.EnrolAsync(bed, mallory);
        stage._devices = [await TestDevice.EnrolAsync(bed, stage._alice), theirs];
        stage._alice = await bed.AddCredentialAsync("alice", stage._alice.Id, stage._alice.Pin, new CredentialRequest(KeyAlgorithm.P256, 10, null, Level: 2));
        return stage;
    }

    internal async Task TryAsync(ApprovalStep step)
    {
        try
        {
            await DoAsync(step);
        }
        catch (RowStoreException)
        {
            // A list with a row that was written back: nobody goes on with it.
            Refused++;
        }

        _seen.AddRange(Attackable());
    }

    private async Task DoAsync(ApprovalStep step)
    {
        ActivationModule sam = _processes[step.Process];
        Caller client = _clients[step.Who];
        switch (step.Act)
        {
            case ApprovalAct.Ask:
                Keep(await sam.AskForApprovalAsync(Request(client, Choose(step)), CancellationToken.None), _handles);
                break;
            case ApprovalAct.Decide:
                await DecideAsync(sam, step);
                break;
            case ApprovalAct.Redeem when _handles.Count > 0:
                Result<Redeemed> redeemed = await sam.RedeemAsync(client, Pick(_handles, step), CancellationToken.None);
                Keep(redeemed.Refusal is not null ? redeemed.Refusal : redeemed.Value.Sad is { } sad ? sad.Sad : SamErrorCode.ApprovalUnknown, _sads);
                break;
            case ApprovalAct.Answer:
                await AnswerAsync(sam, client, step);
                break;
            case ApprovalAct.Sign when _sads.Count > 0:
                await SignAsync(sam, client, step);
                break;
            case ApprovalAct.Extend when _sads.Count > 0:
                ExtendRequest extension = new(client, _alice.Credential, Pick(_sads, step), step.What % 2 == 0 ? null : Choose(step));
                Result<IssuedSad> extended = await sam.ExtendAsync(extension, CancellationToken.None);
                Keep(extended.Refusal is not null ? extended.Refusal : extended.Value.Sad, _sads);
                break;
            case ApprovalAct.Stop:
                _ = await sam.SetSuspendedAsync(_alice.Credential, suspended: true, CancellationToken.None);
                _ = await sam.SetSuspendedAsync(_alice.Credential, suspended: false, CancellationToken.None);
                break;
            case ApprovalAct.Wait:
                _bed.Clock.Advance(TimeSpan.FromSeconds(step.What * 20));
                break;
            case ApprovalAct.WriteBack when _seen.Count > 0:
                // Within five seconds its age says nothing. A transaction's row has its version then; what several rows of a signer at once allow, is said in the threat notes.
                StoredRow copy = _seen[^(1 + (step.Which * 7919 % _seen.Count))];
                _bed.Clock.Advance(TimeSpan.FromSeconds(copy.Address.Table == SamTable.Transactions ? 0 : 6));
                _ = _bed.Table.Attacker.WriteBack(copy);
                break;
            case ApprovalAct.Delete:
                StoredRow[] rows = [.. Attackable()];
                _ = rows.Length > 0 && _bed.Table.Attacker.Delete(rows[step.Which * 7919 % rows.Length].Address);
                break;
            default:
                break;
        }
    }

    /// <summary>Approvals, challenges and transactions: what of them was ever written can be written again. The rest ends the play.</summary>
    private IEnumerable<StoredRow> Attackable() => _bed.Table.Attacker.Rows().Where(row =>
        row.Address.Table == SamTable.Transactions || ApprovalRows.IsOne(row.Address) || (row.Address.Table == SamTable.Signers && row.Address.RowKey == "challenges"));

    private async Task DecideAsync(ActivationModule sam, ApprovalStep step)
    {
        Result<IReadOnlyList<PendingApproval>> listed = await Phone.ListAsync(sam, _bed.Clock.GetUtcNow());
        if (listed.Refusal is not null || listed.Value.Count == 0)
        {
            return;
        }

        PendingApproval shown = listed.Value[step.Which % listed.Value.Count];
        bool approves = step.What != 0;
        PendingApproval signed = step.What == 1 ? shown with { Digests = Choose(step), Client = _clients[1].Client } : shown;
        Decision decision = (step.Who == 0 ? Phone : _devices[1]).Decide(signed, step.What == 2 ? SamTestBed.NewPin() : _alice.Pin, approves) with { Device = Phone.Id };
        if (step.Who == 0 && approves)
        {
            // What the device has signed, however it came to be asked.
            Consent(signed.Client, signed.Digests);
        }

        Count((await sam.Approvals.DecideAsync(Phone.Login, decision, CancellationToken.None)).Refusal);
    }

    private async Task AnswerAsync(ActivationModule sam, Caller client, ApprovalStep step)
    {
        if (step.What < 6 || _answers.Count == 0)
        {
            Result<string> challenge = await sam.ChallengeAsync(client, _alice.Credential, CancellationToken.None);
            if (challenge.Refusal is not null)
            {
                return;
            }

            Digest[] digests = Choose(step);
            _answers.Add(Phone.Answer(challenge.Value, digests));
            Consent(client.Client, digests);
        }

        AuthorizeRequest request = Request(client, Choose(step)) with { DeviceAnswer = Pick(_answers, step), Pin = _alice.Pin };
        Result<IssuedSad> issued = await sam.AuthorizeAsync(request, CancellationToken.None);
        Keep(issued.Refusal is not null ? issued.Refusal : issued.Value.Sad, _sads);
    }

    private async Task SignAsync(ActivationModule sam, Caller client, ApprovalStep step)
    {
        SecretText sad = Pick(_sads, step);
        Digest[] digests = step.What < 6 ? [_documents[step.What % 3]] : Choose(step);
        Result<IReadOnlyList<byte[]>> signed = await sam.SignHashAsync(_bed.SigningOf(_alice, sad, digests) with { Caller = client }, CancellationToken.None);
        Count(signed.Refusal);
        if (signed.Refusal is not null)
        {
            return;
        }

        Signed += digests.Length;
        Fault ??= _used.Add(sad.Reveal()) ? null : "one SAD signed twice";
        foreach (Digest digest in digests)
        {
            int count = _released[(client.Client.Value, digest)] = _released.GetValueOrDefault((client.Client.Value, digest)) + 1;
            Fault ??= count > _consents.GetValueOrDefault((client.Client.Value, digest)) ? $"{digest} was signed for {client.Client} without the device" : null;
        }
    }

    private AuthorizeRequest Request(Caller client, Digest[] digests) => new(client, _alice.Credential, digests.Length, digests, Pin: null);

    private static Digest[] Choose(ApprovalStep step) => (step.What % 5) switch
    {
        0 => [_documents[0]],
        1 => [_documents[1]],
        2 => [_documents[0], _documents[1]],
        3 => [_documents[0], _documents[0]],
        _ => _documents,
    };

    /// <summary>The newest one more often than the others.</summary>
    private static SecretText Pick(List<SecretText> all, ApprovalStep step) => step.Which < 60 ? all[^1] : all[step.Which % all.Count];

    private void Consent(ClientId client, IEnumerable<Digest> digests)
    {
        foreach (Digest digest in digests)
        {
            _consents[(client.Value, digest)] = _consents.GetValueOrDefault((client.Value, digest)) + 1;
        }
    }

    private void Keep(Result<SecretText> result, List<SecretText> kept)
    {
        Count(result.Refusal);
        if (result.Refusal is null)
        {
            kept.Add(result.Value);
        }
    }

    private void Count(Refusal? refusal) => Refused += refusal is null ? 0 : 1;
}
