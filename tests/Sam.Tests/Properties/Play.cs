using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;

namespace Sam.Tests.Properties;

/// <summary>Plays a sequence: what the acts do. What is seen of it meanwhile stands in <c>Play.Watching.cs</c>, and how it is judged in <c>Play.Judging.cs</c>.</summary>
internal sealed partial class Play : IAsyncDisposable
{
    private readonly SamTestBed _bed;
    private readonly Cast _cast;
    private readonly Ledger _ledger;
    private readonly AuditWatch _audit;
    private readonly Interleaving _interleaving = new();
    private readonly ActivationModule[] _processes;
    private readonly List<Issued> _issued = [];
    private readonly Dictionary<SignerId, Attempts> _attempts;
    private readonly List<string> _violations = [];
    private Flow[] _flows = [];

    private Play(SamTestBed bed, Cast cast, ActivationModule[] processes)
    {
        _bed = bed;
        _cast = cast;
        _processes = processes;
        _audit = new AuditWatch(bed);
        _attempts = cast.Signers.ToDictionary(s => s, _ => new Attempts());
        _ledger = new Ledger(bed.Table);
        foreach (StoredRow row in bed.Table.Attacker.Rows())
        {
            _ledger.Add(row, row.Timestamp, MeaningAtFirst(row));
        }

        Watch();
    }

    /// <summary>What was played, for the report.</summary>
    internal Tally Tally { get; } = new();

    /// <summary>Plays a sequence to its end. Throws at the first step that the model does not allow.</summary>
    internal static async Task<Tally> RunAsync(IReadOnlyList<Step> steps)
    {
        (SamTestBed bed, Cast cast) = await Cast.OpenAsync();
        await using Play play = new(bed, cast, [bed.Sam, await bed.OpenProcessAsync(), await bed.OpenProcessAsync()]);
        for (int i = 0; i < steps.Count; i++)
        {
            await play.StepAsync(i, steps[i]);
        }

        play.JudgeTheEnd();
        return play.Tally;
    }

    public ValueTask DisposeAsync()
    {
        Unwatch();
        _interleaving.Dispose();
        return _bed.DisposeAsync();
    }

    private async Task StepAsync(int number, Step step)
    {
        _flows = [.. step.Acts.Select(act => Prepare(new Flow(act, alone: step.Acts.Count == 1)))];
        _auditIsAway = _flows is [{ Act.Fault.Kind: FaultKind.AuditAway }];
        _audit.Begin();
        await _interleaving.RunAsync(_flows, RunAsync, step.Schedule, Observe);
        foreach (Flow flow in _flows)
        {
            await JudgeAsync(flow);
        }

        await JudgeStepAsync();
        await ReplaceTheDeadAsync();
        _flows = [];
        if (_violations.Count > 0)
        {
            throw new InvalidOperationException($"step {number}: {string.Join("\n  ", _violations)}");
        }
    }

    private Flow Prepare(Flow flow)
    {
        switch (flow.Act)
        {
            case Authorize act:
                flow.Authorization = RequestOf(act);
                break;
            case Sign act:
                Issued? issued = _issued.Count == 0 ? null : _issued[^(1 + (act.Sad % _issued.Count))];
                flow.Signing = RequestOf(act, issued);
                flow.Sad = _issued.Find(i => i.Text == flow.Signing.Sad.Reveal());
                break;
            default:
                break;
        }

        return flow;
    }

    private AuthorizeRequest RequestOf(Authorize act)
    {
        TestSigner credential = _cast.Credentials[act.Credential % 3];
        bool sha384 = (credential.Key.Algorithm == Core.Algorithms.KeyAlgorithm.P384) ^ act.OtherHash;
        Digest[] digests = [.. act.Documents.Select(d => Document(d, sha384))];
        if (act.Mixed && digests.Length > 0)
        {
            digests[^1] = Document(0, !sha384);
        }

        CredentialState? state = _ledger.See(SignerRows.Credential(credential.Credential)).Meaning as CredentialState;
        int current = state?.Pin ?? _cast.PinCount(credential.Id) - 1;
        SecretText? pin = act.Pin switch
        {
            PinGiven.Current => new SecretText(_cast.PinOf(credential.Credential, current)),
            PinGiven.Former => new SecretText(_cast.PinOf(credential.Credential, Math.Max(0, current - 1))),
            PinGiven.Wrong => new SecretText("not the PIN"),
            PinGiven.Empty => new SecretText(string.Empty),
            _ => null,
        };
        return new AuthorizeRequest(CallerOf(act.Client, act.User, credential), credential.Credential, digests.Length + act.Off, digests, pin);
    }

    private SignHashRequest RequestOf(Sign act, Issued? issued)
    {
        CredentialId id = act.Credential < 0 && issued is not null ? issued.Credential : _cast.Credentials[Math.Max(0, act.Credential)].Credential;
        TestSigner credential = _cast.Find(id);
        Caller caller = act.Client < 0 && issued is not null ? CallerOf(issued.Client, act.User, credential) : CallerOf(Math.Max(0, act.Client), act.User, credential);
        return new SignHashRequest(
            caller,
            id,
            new SecretText(issued is null ? "there is no SAD yet" : Forger.Forge(act, issued, _issued, _bed)),
            NamedBy(act, issued?.Digests ?? [Document(0, sha384: false)]),
            act.Algorithm < 0 ? _cast.AlgorithmOf(id) : Core.Algorithms.SignatureAlgorithm.All[act.Algorithm]);
    }

    private Caller CallerOf(int client, int user, TestSigner credential) => CallerOf(_cast.Clients[client], user, credential);

    private static Caller CallerOf(ClientId client, int user, TestSigner credential) => new(client, user switch { 0 => null, 1 => SamTestBed.Login(credential.UserId), _ => SamTestBed.Login("mallory") });

    private static Digest Document(int number, bool sha384) =>
        Digests.Of(sha384 ? Core.Algorithms.HashAlgorithm.Sha384 : Core.Algorithms.HashAlgorithm.Sha256, $"document {number}");

    private static Digest[] NamedBy(Sign act, IReadOnlyList<Digest> authorized)
    {
        bool sha384 = authorized[0].Algorithm == Core.Algorithms.HashAlgorithm.Sha384;
        Digest picked = authorized[act.Pick % authorized.Count];
        Digest foreign = Document(4, sha384);
        return act.Naming switch
        {
            Naming.All => [.. authorized],
            Naming.Reversed => [.. authorized.Reverse()],
            Naming.Part => [.. authorized.Skip(act.Pick % authorized.Count)],
            Naming.OneTwice => [picked, picked],
            Naming.OneForeign => [foreign, .. authorized.Skip(1)],
            Naming.OneMore => [.. authorized, act.Pick % 2 == 0 ? picked : foreign],
            Naming.OtherAlgorithm => [.. authorized.Select((_, i) => Document(i, !sha384))],
            Naming.Mixed => [.. authorized, Document(0, !sha384)],
            _ => [],
        };
    }

    private async Task RunAsync(Flow flow)
    {
        Observe(flow);
        try
        {
            await DoAsync(flow);
        }
#pragma warning disable CA1031 // Whatever it is, the model says whether it may be.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            flow.Outcome = "!" + failure.GetType().Name;
        }

        Observe(flow);
        if (flow.Caller is not null && !flow.HasCrashed && _audit.Claim(flow, TransactionOf(flow)) is { } missing)
        {
            _violations.Add(missing);
        }
    }

    private async Task DoAsync(Flow flow)
    {
        switch (flow.Act)
        {
            case Authorize act:
                Result<IssuedSad> issued = await _processes[act.Process].AuthorizeAsync(flow.Authorization!, flow.HangUp.Token);
                flow.IssuedSad = issued.Refusal is null ? issued.Value.Sad : null;
                flow.Outcome = issued.Refusal?.Code.ToString() ?? "Issued";
                break;
            case Sign act:
                Result<IReadOnlyList<byte[]>> signed = await _processes[act.Process].SignHashAsync(flow.Signing!, flow.HangUp.Token);
                flow.Signatures = signed.Refusal is null ? signed.Value : [];
                flow.Outcome = signed.Refusal?.Code.ToString() ?? "Signed";
                break;
            case SetClient act:
                flow.Outcome = OutcomeOf(await _processes[act.Process].Clients.SetApprovedAsync(_cast.Clients[act.Client], act.Approved, CancellationToken.None));
                break;
            case SetCredential act:
                flow.Outcome = OutcomeOf(
                    await _processes[act.Process].SetSuspendedAsync(_cast.Credentials[act.Credential].Credential, act.Suspended, CancellationToken.None));
                break;
            case SetPin act:
                await SetPinAsync(flow, act);
                break;
            case Restart act:
                _processes[act.Process] = await _bed.OpenProcessAsync();
                break;
            case Turn act:
                await _interleaving.GateAsync(flow);
                PassTime(act);
                break;
            case Attack act:
                await _interleaving.GateAsync(flow);
                Tamper(act);
                break;
            default:
                throw new InvalidOperationException("No such act.");
        }
    }

    private static string OutcomeOf<T>(Result<T> result)
        where T : notnull => result.Refusal?.Code.ToString() ?? "Done";

    private async Task SetPinAsync(Flow flow, SetPin act)
    {
        SignerId signer = _cast.Signers[act.Signer];
        SecretText pin = SamTestBed.NewPin();
        flow.NewPin = _cast.AddPin(signer, pin.Reveal());
        flow.Outcome = OutcomeOf(await _processes[act.Process].SetPinAsync(signer, pin, CancellationToken.None));
    }

    private void PassTime(Turn act)
    {
        Issued? sad = _issued.Count == 0 ? null : _issued[^(1 + (act.Which % _issued.Count))];
        DateTimeOffset now = _bed.Clock.GetUtcNow();
        DateTimeOffset until = act.Until switch
        {
            Until.OneMillisecond => now.AddMilliseconds(1),
            Until.TheEndOfTheTolerance => now.AddMilliseconds(5_000),
            Until.BehindTheTolerance => now.AddMilliseconds(5_001),
            Until.TwoSeconds => now.AddMilliseconds(2_000),
            Until.AMinute => now.AddMinutes(1),
            Until.JustBeforeTheSadEnds => (sad?.ExpiresAt ?? now).AddMilliseconds(-1),
            Until.TheSadEnds => sad?.ExpiresAt ?? now,
            Until.TheCertificateEnds => _cast.CertificateEndOf(_cast.Credentials[1].Credential),
            _ => _cast.CertificateEndOf(_cast.Credentials[1].Credential).AddMilliseconds(1),
        };
        if (until > now)
        {
            _bed.Clock.Advance(until - now);
        }
    }
}
