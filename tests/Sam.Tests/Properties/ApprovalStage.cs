using System.Buffers.Text;
using System.Text.Json;
using Sam.Cli;
using Sam.Cli.Factors;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;

namespace Sam.Tests.Properties;

/// <summary>Does each act with the real module, and counts what Alice has consented to against what was released. Her first credential is of level 2, her second takes a PIN, encrypted.</summary>
internal sealed class ApprovalStage : IAsyncDisposable
{
    private static readonly Digest[] _documents = [.. Digests.Some(3)];

    private readonly List<SecretText> _handles = [];
    private readonly List<SecretText> _answers = [];
    private readonly List<SecretText> _jwes = [];
    private readonly List<SecretText> _sads = [];
    private readonly Dictionary<string, int> _credentialOf = [];
    private readonly List<StoredRow> _seen = [];
    private readonly HashSet<string> _used = [];
    private readonly Dictionary<(string Client, int Credential, Digest Digest), int> _consents = [];
    private readonly Dictionary<(string Client, int Credential, Digest Digest), int> _released = [];
    private SamTestBed _bed = null!;
    private ActivationModule[] _processes = [];
    private Caller[] _clients = [];
    private TestSigner[] _alice = [];
    private TestDevice[] _devices = [];
    private JsonWebKey _key = null!;

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
        ApprovalStage stage = new() { _bed = await SamTestBed.OpenAsync(encryption: new EncryptionPolicy()) };
        SamTestBed bed = stage._bed;
        stage._processes = [bed.Sam, await bed.OpenProcessAsync()];
        stage._clients = [bed.Caller, await bed.AddClientAsync("other-sca")];
        TestSigner alice = await bed.AddSignerAsync("alice", clients: LinkedClients.Of([.. stage._clients.Select(c => c.Client)]));
        TestSigner mallory = await bed.AddSignerAsync("mallory");
        TestDevice theirs = await TestDevice.EnrolAsync(bed, mallory);
        stage._devices = [await TestDevice.EnrolAsync(bed, alice), theirs];
        stage._alice = [await bed.AddCredentialAsync("alice", alice.Id, alice.Pin, new CredentialRequest(KeyAlgorithm.P256, 10, null, Level: 2)), alice];
        stage._key = JsonSerializer.Deserialize<FactorKeySet>(Base64Url.DecodeFromChars((await bed.Sam.FactorKeys.PublishAsync(TimeSpan.FromMinutes(1)))!.Split('.')[1]))!.Keys[0];
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
                Keep(await sam.AskForApprovalAsync(Request(client, 0, Choose(step)), CancellationToken.None), _handles);
                break;
            case ApprovalAct.Decide:
                await DecideAsync(sam, step);
                break;
            case ApprovalAct.Redeem when _handles.Count > 0:
                Result<Redeemed> redeemed = await sam.RedeemAsync(client, Pick(_handles, step), CancellationToken.None);
                KeepSad(redeemed.Refusal is not null ? redeemed.Refusal : redeemed.Value.Sad is { } sad ? sad : SamErrorCode.ApprovalUnknown, 0);
                break;
            case ApprovalAct.Answer:
                await AnswerAsync(sam, client, step);
                break;
            case ApprovalAct.Enter:
                await EnterAsync(sam, client, step);
                break;
            case ApprovalAct.Restart:
                _processes[step.Process] = await _bed.OpenProcessAsync();
                break;
            case ApprovalAct.Sign when _sads.Count > 0:
                await SignAsync(sam, client, step);
                break;
            case ApprovalAct.Extend when _sads.Count > 0:
                SecretText used = Pick(_sads, step);
                ExtendRequest extension = new(client, _alice[CredentialFor(used, step)].Credential, used, step.What % 2 == 0 ? null : Choose(step));
                KeepSad(await sam.ExtendAsync(extension, CancellationToken.None), _credentialOf[used.Reveal()]);
                break;
            case ApprovalAct.Stop:
                _ = await sam.SetSuspendedAsync(_alice[step.Who].Credential, suspended: true, CancellationToken.None);
                _ = await sam.SetSuspendedAsync(_alice[step.Who].Credential, suspended: false, CancellationToken.None);
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
        Decision decision = (step.Who == 0 ? Phone : _devices[1]).Decide(signed, step.What == 2 ? SamTestBed.NewPin() : _alice[0].Pin, approves) with { Device = Phone.Id };
        if (step.Who == 0 && approves)
        {
            // What the device has signed, however it came to be asked.
            Consent(signed.Client, 0, signed.Digests);
        }

        Count((await sam.Approvals.DecideAsync(Phone.Login, decision, CancellationToken.None)).Refusal);
    }

    private async Task AnswerAsync(ActivationModule sam, Caller client, ApprovalStep step)
    {
        if (step.What < 6 || _answers.Count == 0)
        {
            Result<string> challenge = await sam.ChallengeAsync(client, _alice[0].Credential, ChallengeUse.Device, CancellationToken.None);
            if (challenge.Refusal is not null)
            {
                return;
            }

            Digest[] digests = Choose(step);
            _answers.Add(Phone.Answer(challenge.Value, digests));
            Consent(client.Client, 0, digests);
        }

        AuthorizeRequest request = Request(client, 0, Choose(step)) with { DeviceAnswer = Pick(_answers, step), Pin = _alice[0].Pin };
        KeepSad(await sam.AuthorizeAsync(request, CancellationToken.None), 0);
    }

    /// <summary>Alice enters her PIN on her page, or an application sends what she entered some time; mostly where it belongs.</summary>
    private async Task EnterAsync(ActivationModule sam, Caller client, ApprovalStep step)
    {
        if (step.What < 6 || _jwes.Count == 0)
        {
            Result<string> challenge = await sam.ChallengeAsync(client, _alice[1].Credential, ChallengeUse.EncryptedFactors, CancellationToken.None);
            if (challenge.Refusal is not null)
            {
                return;
            }

            Digest[] digests = Choose(step);
            DeviceChallenge read = DeviceChallenge.TryRead(challenge.Value)!;
            _ = ApprovalId.TryParse(read.Id, out ApprovalId id);
            PendingApproval shown = new(id, client.Client, _alice[1].Credential, digests, string.Empty, NeedsPin: true, DateTimeOffset.FromUnixTimeSeconds(read.ExpiresAt));
            _jwes.Add(new SecretText(FactorPage.Encrypt(_key, challenge.Value, shown, digests.Length, new Secret(_alice[1].Pin.Reveal()), oneTimePassword: null)));
            Consent(client.Client, 1, digests);
        }

        // At the other credential a device answers, too.
        int credential = step.Which % 10 == 9 ? 0 : 1;
        AuthorizeRequest request = Request(client, credential, Choose(step)) with
        {
            Encrypted = Pick(_jwes, step),
            DeviceAnswer = credential == 0 && _answers.Count > 0 ? Pick(_answers, step) : null,
        };
        KeepSad(await sam.AuthorizeAsync(request, CancellationToken.None), credential);
    }

    /// <summary>The one it is for, most of the time.</summary>
    private int CredentialFor(SecretText sad, ApprovalStep step) => step.Which % 10 == 9 ? 1 - _credentialOf[sad.Reveal()] : _credentialOf[sad.Reveal()];

    private async Task SignAsync(ActivationModule sam, Caller client, ApprovalStep step)
    {
        SecretText sad = Pick(_sads, step);
        Digest[] digests = step.What < 6 ? [_documents[step.What % 3]] : Choose(step);
        int credential = CredentialFor(sad, step);
        Result<IReadOnlyList<byte[]>> signed = await sam.SignHashAsync(_bed.SigningOf(_alice[credential], sad, digests) with { Caller = client }, CancellationToken.None);
        Count(signed.Refusal);
        if (signed.Refusal is not null)
        {
            return;
        }

        Signed += digests.Length;
        Fault ??= _used.Add(sad.Reveal()) ? null : "one SAD signed twice";
        foreach (Digest digest in digests)
        {
            (string, int, Digest) what = (client.Client.Value, credential, digest);
            int count = _released[what] = _released.GetValueOrDefault(what) + 1;
            Fault ??= count > _consents.GetValueOrDefault(what) ? $"{digest} was signed with credential {credential} for {client.Client} without Alice" : null;
        }
    }

    private AuthorizeRequest Request(Caller client, int credential, Digest[] digests) => new(client, _alice[credential].Credential, digests.Length, digests, Pin: null);

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

    private void Consent(ClientId client, int credential, IEnumerable<Digest> digests)
    {
        foreach (Digest digest in digests)
        {
            _consents[(client.Value, credential, digest)] = _consents.GetValueOrDefault((client.Value, credential, digest)) + 1;
        }
    }

    private void KeepSad(Result<IssuedSad> issued, int credential)
    {
        Keep(issued.Refusal is not null ? issued.Refusal : issued.Value.Sad, _sads);
        if (issued.Refusal is null)
        {
            _credentialOf[issued.Value.Sad.Reveal()] = credential;
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
