using System.Security.Cryptography;
using CsCheck;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Properties;

/// <summary>
/// The life of a signer and of a credential as state machines: random acts by officers, the signer and strangers at two processes, each judged by <see cref="LifeModel"/>, and after each
/// the question that all of it is about: does this key sign?
/// </summary>
[Trait("Requirement", "MGT-2")]
[Trait("Requirement", "STP-1")]
[Trait("Requirement", "T-STP-1")]
public sealed class LifePropertyTests
{
    private const int StepsOfASequence = 30;

    // What ends a life comes seldom, or there would be none.
    private static readonly Gen<LifeAct> _act = Gen.Frequency(
        (40, Gen.OneOf(LifeAct.IssueCode, LifeAct.Enrol, LifeAct.Certify, LifeAct.Confirm)),
        (12, Gen.OneOf(LifeAct.SuspendSigner, LifeAct.SuspendByOfficer, LifeAct.SuspendBySigner, LifeAct.Unlock)),
        (24, Gen.OneOf(LifeAct.ResumeSigner, LifeAct.ResumeByOfficer, LifeAct.ResumeBySigner)),
        (4, Gen.OneOf(LifeAct.CloseSigner, LifeAct.RevokeByOfficer, LifeAct.DestroyByOfficer, LifeAct.RevokeBySigner, LifeAct.DestroyBySigner)));

    private static readonly LifeStep[] _beginning =
        [.. new[] { LifeAct.IssueCode, LifeAct.Enrol, LifeAct.Certify, LifeAct.Confirm }.Select(act => new LifeStep(0, act, IsRight: true))];

    private static readonly Gen<LifeStep[]> _sequence = Gen.Select(Gen.Int[0, 1], _act, Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))), (process, act, isRight) =>
        new LifeStep(process, act, isRight)).Array[StepsOfASequence];

    [Fact]
    [Trait("Soak", "lives")]
    public async Task A_key_signs_when_signer_and_credential_are_active_and_never_else()
    {
        ulong seed = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        int signed = 0;
        int refused = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, TestCounts.LifeSequences),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken },
            async (number, cancellation) =>
            {
                // Half of them begin with a key that signs.
                LifeStep[] steps = [.. number % 2 == 0 ? _beginning : [], .. _sequence.Generate(new PCG((uint)number, seed), null, out Size _)];
                cancellation.ThrowIfCancellationRequested();
                (int Signed, int Refused, string? Fault) played = await PlayAsync(steps);
                Assert.True(played.Fault is null, $"seed {seed}, sequence {number}: {played.Fault}");
                _ = Interlocked.Add(ref signed, played.Signed);
                _ = Interlocked.Add(ref refused, played.Refused);
            });
        Assert.True(signed > TestCounts.LifeSequences && refused > TestCounts.LifeSequences);
        TestReport.Add("lives of signers and credentials", $"{TestCounts.LifeSequences} sequences of {StepsOfASequence} acts, {signed} times signed, {refused} times not, seed {seed}");
        await SoakResults.WriteAsync("lives", new { seed, sequences = TestCounts.LifeSequences, acts = StepsOfASequence, signed, refused });
    }

    private static async Task<(int Signed, int Refused, string? Fault)> PlayAsync(LifeStep[] steps)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        ActivationModule[] processes = [bed.Sam, await bed.OpenProcessAsync()];
        LifeModel model = new();
        LifeStage stage = await LifeStage.OpenAsync(bed);
        int signed = 0;
        int refused = 0;
        for (int i = 0; i < steps.Length; i++)
        {
            LifeStep step = steps[i];
            SamErrorCode? expected = model.Apply(step);
            SamErrorCode? told = await stage.DoAsync(processes[step.Process], step);
            if (told != expected)
            {
                return (0, 0, $"step {i} of {string.Join(", ", steps.Take(i + 1))}: {expected?.ToString() ?? "done"} was expected, and {told?.ToString() ?? "done"} told");
            }

            // At the other process: a stop holds there, too.
            bool signs = await stage.SignsAsync(processes[1 - step.Process]);
            if (signs != model.Signs)
            {
                return (0, 0, $"after step {i} of {string.Join(", ", steps.Take(i + 1))}: the key {(signs ? "signs" : "does not sign")}");
            }

            _ = signs ? signed++ : refused++;
        }

        return (signed, refused, null);
    }
}

/// <summary>One act.</summary>
/// <param name="Process">At which process.</param>
/// <param name="Act">What.</param>
/// <param name="IsRight">Whether who acts has what it takes: the right login, code, PIN or challenge.</param>
internal sealed record LifeStep(int Process, LifeAct Act, bool IsRight)
{
    public override string ToString() => $"{Act}{(IsRight ? string.Empty : " (wrong)")}";
}

/// <summary>What may be done.</summary>
internal enum LifeAct
{
    IssueCode,
    Enrol,
    SuspendSigner,
    ResumeSigner,
    CloseSigner,
    Unlock,
    Certify,
    Confirm,
    SuspendByOfficer,
    ResumeByOfficer,
    RevokeByOfficer,
    DestroyByOfficer,
    SuspendBySigner,
    ResumeBySigner,
    RevokeBySigner,
    DestroyBySigner,
}

/// <summary>Does each act with the real module.</summary>
internal sealed class LifeStage
{
    private static readonly LoginName _alice = SamTestBed.Login("alice");
    private static readonly LoginName _mallory = SamTestBed.Login("mallory");
    private static readonly Digest _digest = Digests.Some(1)[0];

    private readonly SamTestBed _bed;
    private readonly SecretText _pin = SamTestBed.NewPin();
    private SecretText _code = new("none");
    private SignerId _signer;
    private CredentialId _credential;
    private byte[] _certificate = [];

    private LifeStage(SamTestBed bed) => _bed = bed;

    internal static async Task<LifeStage> OpenAsync(SamTestBed bed)
    {
        LifeStage stage = new(bed) { _signer = (await bed.Sam.RegisterAsync("alice", LinkedClients.Of(bed.Client), CancellationToken.None)).Value };
        _ = (await bed.Sam.RegisterAsync("mallory", LinkedClients.Of(bed.Client), CancellationToken.None)).Value;
        (stage._credential, SigningKey key) = (await bed.Sam.CreateCredentialAsync(stage._signer, Core.Algorithms.KeyAlgorithm.P256, 1, null, CancellationToken.None)).Value;
        stage._certificate = bed.IssueCertificate(key, bed.Clock.GetUtcNow().AddDays(-1), bed.Clock.GetUtcNow().AddYears(1));
        return stage;
    }

    internal async Task<SamErrorCode?> DoAsync(ActivationModule sam, LifeStep step)
    {
        LoginName login = step.IsRight ? _alice : _mallory;
        const string Reason = "a model";
        switch (step.Act)
        {
            case LifeAct.IssueCode:
                Result<(SecretText Code, DateTimeOffset ExpiresAt)> issued = await sam.Enrolment.IssueCodeAsync(_signer, Actor.Sam, CancellationToken.None);
                _code = issued.Refusal is null ? issued.Value.Code : _code;
                return issued.Refusal?.Code;
            case LifeAct.Enrol:
                return (await sam.Enrolment.EnrolAsync(_alice, step.IsRight ? _code : new SecretText("22222"), _pin, CancellationToken.None)).Refusal?.Code;
            case LifeAct.SuspendSigner:
                return (await sam.Signers.SuspendAsync(_signer, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code;
            case LifeAct.ResumeSigner:
                return (await sam.Signers.ResumeAsync(_signer, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code;
            case LifeAct.CloseSigner:
                return (await sam.Signers.CloseAsync(_signer, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code;
            case LifeAct.Unlock:
                return (await sam.Signers.UnlockAsync(_signer, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code;
            case LifeAct.Certify:
                return (await sam.Credentials.SetCertificateAsync(_credential, [step.IsRight ? _certificate : []], Actor.Sam, null, CancellationToken.None)).Refusal?.Code;
            case LifeAct.Confirm:
                return (await sam.Own.ConfirmAsync(login, _credential, _pin, CancellationToken.None)).Refusal?.Code;
            case LifeAct.SuspendByOfficer:
                return (await sam.Credentials.SuspendAsync(_credential, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code;
            case LifeAct.ResumeByOfficer:
                return (await sam.Credentials.ResumeAsync(_credential, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code;
            case LifeAct.RevokeByOfficer:
                return (await sam.Credentials.RevokeAsync(_credential, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code;
            case LifeAct.DestroyByOfficer:
                return (await sam.Credentials.DestroyAsync(_credential, Actor.Sam, Reason, null, CancellationToken.None)).Refusal?.Code;
            default:
                return await StopAsync(sam, step, login, Reason);
        }
    }

    /// <summary>As <see cref="LifeModel.State"/> has it.</summary>
    internal async Task<string> StateAsync(ActivationModule sam)
    {
        SignerStatus signer = (await sam.Signers.ViewAsync(_signer, CancellationToken.None)).Value.Status;
        CredentialStatus credential = (await sam.Credentials.ViewAsync(_credential, CancellationToken.None)).Value.Status;
        return $"{signer}, {(credential == CredentialStatus.AwaitingCertificate ? "bare" : credential.ToString())}".ToLowerInvariant();
    }

    internal async Task<bool> SignsAsync(ActivationModule sam)
    {
        Result<IssuedSad> issued = await sam.AuthorizeAsync(new AuthorizeRequest(_bed.Caller, _credential, 1, [_digest], _pin), CancellationToken.None);
        return issued.Refusal is null
            && (await sam.SignHashAsync(
                new SignHashRequest(_bed.Caller, _credential, issued.Value.Sad, [_digest], Core.Algorithms.SignatureAlgorithm.EcdsaSha256), CancellationToken.None)).Refusal is null;
    }

    private async Task<SamErrorCode?> StopAsync(ActivationModule sam, LifeStep step, LoginName login, string reason)
    {
        CredentialAct act = step.Act switch
        {
            LifeAct.SuspendBySigner => CredentialAct.Suspend,
            LifeAct.ResumeBySigner => CredentialAct.Resume,
            LifeAct.RevokeBySigner => CredentialAct.Revoke,
            _ => CredentialAct.Destroy,
        };
        return (await sam.Own.ChallengeAsync(login, _credential, act, CancellationToken.None)).IsRefused(out Refusal? refused, out (SecretText Challenge, DateTimeOffset ExpiresAt) made)
            ? refused.Code
            : (await sam.Own.StopAsync(login, _credential, act, made.Challenge, _pin, reason, CancellationToken.None)).Refusal?.Code;
    }
}
