using System.Security.Cryptography;
using Sam.Core.Activation;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;

namespace Sam.Tests.Properties;

/// <summary>What is seen of the acts while they go on, at store, HSM and clock; and what befalls them there.</summary>
internal sealed partial class Play
{
    private static readonly TimeSpan _late = TimeSpan.FromMilliseconds(10_001);

    private int _signedByKeys;
    private bool _auditIsAway;

    /// <summary>How long the process stands still.</summary>
    internal static TimeSpan PauseOf(Fault fault) => TimeSpan.FromMilliseconds(fault.Call % 2 == 0 ? 2_000 : 1_999);

    private static object? MeaningAtFirst(StoredRow row) => row.Address switch
    {
        { Table: SamTable.Clients } => new ClientState(Approved: true),
        { Table: SamTable.Signers, RowKey: var key } when key.StartsWith(SignerRows.CredentialPrefix, StringComparison.Ordinal) => new CredentialState(Suspended: false, Pin: 0),
        _ => null,
    };

    private void Watch()
    {
        (_bed.Rows.Before, _bed.Rows.After, _bed.Rows.Fate) = (BeforeRowAsync, AfterRow, FateOf);
        (_bed.Hsm.BeforeSign, _bed.Hsm.ChangeSignatures, _bed.Hsm.BeforeMac) = (BeforeSignAsync, AfterSign, BeforeMac);
        _bed.Audit.Before = _ => _auditIsAway ? throw new RowStoreException("test") : _interleaving.AuditGateAsync();
        _bed.Clock.BeforeTimestamp = BeforeTimestamp;
    }

    private void Unwatch()
    {
        (_bed.Rows.Before, _bed.Rows.After, _bed.Rows.Fate, _bed.Audit.Before) = (null, null, null, null);
        (_bed.Hsm.BeforeSign, _bed.Hsm.ChangeSignatures, _bed.Hsm.BeforeMac, _bed.Clock.BeforeTimestamp) = (null, null, null, null);
    }

    private void Observe() => Array.ForEach(_flows, flow => _ = flow.HasEnded || Observe(flow));

    private bool Observe(Flow flow)
    {
        if (flow.Caller is not null)
        {
            (flow.AtSpend is null ? flow.Before : flow.After).Add(MomentOf(flow));
        }

        return true;
    }

    private Moment MomentOf(Flow flow) => MomentOf(flow, flow.Authorization?.Credential ?? flow.Signing!.Credential);

    private Moment MomentOf(Flow flow, CredentialId credential) => new(
        _bed.Clock.GetUtcNow(),
        flow.Sad is null ? new Seen(SamErrorCode.RowMissing, null, default) : _ledger.See(flow.Sad.Address),
        _ledger.See(SignerRows.Client(flow.Caller!.Client)),
        _ledger.See(SignerRows.Credential(credential)),
        _ledger.See(SignerRows.Counters(credential.Signer)));

    private async Task BeforeRowAsync(RowStoreCall call)
    {
        if (call.Kind == RowStoreCallKind.Time || _interleaving.Running is not { } flow)
        {
            return;
        }

        int number = flow.Calls++;
        flow.SealedAt[call.Address] = _bed.Clock.GetUtcNow();
        await _interleaving.GateAsync(flow);
        if (call.IsWrite)
        {
            foreach (RowAddress address in _cast.Credentials.Select(c => SignerRows.Credential(c.Credential)).Append(call.Address).Where(a => a.RowKey.Length > 0))
            {
                flow.Replaced[address] = _ledger.See(address);
            }
        }

        else if (flow.Authorization is { } request && call.Address == SignerRows.Credential(request.Credential))
        {
            flow.VersionRead = _ledger.See(call.Address).ETag;
        }

        if (flow.Act.Fault is { } fault && fault.Call == number)
        {
            await BefallAsync(flow, fault.Kind, call);
        }
    }

    private static async Task BefallAsync(Flow flow, FaultKind kind, RowStoreCall call)
    {
        switch (kind)
        {
            case FaultKind.Crash:
                flow.HasCrashed = true;
                await new TaskCompletionSource().Task;
                break;
            case FaultKind.HangUp:
                flow.Hit = call;
                await flow.HangUp.CancelAsync();
                break;
            case FaultKind.Throws:
                flow.Hit = call;
                throw new RowStoreException("test");
            case FaultKind.Lost or FaultKind.Unanswered or FaultKind.AnsweredAsConflict:
                flow.Hit = call;
                flow.Doomed = call.IsWrite ? call : throw new RowStoreException("test");
                break;
            default:
                break;
        }
    }

    private WriteFate FateOf(RowStoreCall call)
    {
        if (_interleaving.Running is not { } flow || flow.Doomed != call)
        {
            return WriteFate.Answered;
        }

        flow.Doomed = null;
        return flow.Act.Fault!.Kind switch
        {
            FaultKind.Lost => WriteFate.LostBeforeArriving,
            FaultKind.Unanswered => WriteFate.ArrivesUnanswered,
            _ => WriteFate.ArrivesAnsweredAsConflict,
        };
    }

    /// <summary>A content that nobody knows yet is what the flow has just written.</summary>
    private Task AfterRow(RowStoreCall call)
    {
        if (call.IsWrite && _interleaving.Running is { } flow)
        {
            IEnumerable<StoredRow> rows = call.Kind == RowStoreCallKind.Commit
                ? _bed.Table.Attacker.Rows(call.Address.Table).Where(r => r.Address.PartitionKey == call.Address.PartitionKey)
                : _ledger.Find(call.Address) is { } row ? [row] : [];
            foreach (StoredRow written in rows.Where(r => !_ledger.Knows(r) && !SpendOutcomes.IsOne(r.Address)).ToList())
            {
                Written(flow, written, flow.SealedAt[call.Address]);
            }
        }

        return Task.CompletedTask;
    }

    private void Written(Flow flow, StoredRow row, DateTimeOffset sealedAt)
    {
        CredentialState? old = flow.Replaced.GetValueOrDefault(row.Address)?.Meaning as CredentialState;
        _ledger.Add(row, sealedAt, (row.Address.Table, flow.Act) switch
        {
            (SamTable.Transactions, Sign) => new TransactionState(flow),
            (SamTable.Transactions, _) => new TransactionState(SpentBy: null),
            (SamTable.Clients, SetClient act) => new ClientState(act.Approved),
            (SamTable.Signers, SetCredential act) when old is not null => old with { Suspended = act.Suspended },
            (SamTable.Signers, SetPin) when old is not null => old with { Pin = flow.NewPin },
            _ => null,
        });
        bool counters = _cast.Signers.Any(s => SignerRows.Counters(s) == row.Address);
        flow.ForgetsAttempts |= counters && flow.Act is SetPin;
        if (row.Address.Table == SamTable.Transactions && flow.Act is Authorize)
        {
            // Its end counts from the first try: one that came late is sealed anew, and promises no more.
            flow.Inserted = (row.Address, row.ETag, flow.Inserted?.ExpiresAt ?? sealedAt.AddSeconds(300));
        }
        else if (row.Address.Table == SamTable.Transactions)
        {
            Spent(flow, row.Address);
        }
    }

    /// <summary>The spend has arrived: of the row that was issued, and of no other; and it says what the HSM will get.</summary>
    private void Spent(Flow flow, RowAddress address)
    {
        flow.SpendWrites++;
        flow.AtSpend ??= MomentOf(flow);
        if (flow.Sad is not { } sad || sad.Address != address)
        {
            _violations.Add("a transaction was spent that the SAD does not stand for");
            return;
        }

        if (flow.SpendWrites == 1)
        {
            sad.Spends++;
            Seen replaced = flow.Replaced[address];
            if (replaced.ETag != sad.ETag || replaced.Fault is not null || replaced.Meaning is not TransactionState { SpentBy: null })
            {
                _violations.Add($"the spend replaced another row than the one that was issued: {replaced}");
            }
        }

        if (_bed.SealedRows.ReadAsync(address, RowSchemas.Transaction, CancellationToken.None).GetAwaiter().GetResult().IsRefused(out _, out SealedRow<TransactionRow>? row))
        {
            return;
        }

        SpendRecord? spent = row.Value.Spent;
        flow.Operation = spent?.Operation;
        SignHashRequest request = flow.Signing!;
        if (spent is null || spent.Algorithm != request.Algorithm.Name
            || !spent.HandedOver.AsSpan().SequenceEqual(SHA256.HashData([.. request.Digests.SelectMany(d => d.Value.ToArray())]))
            || row.Value.Client != sad.Client.Value || row.Value.Credential != sad.Credential.Value
            || !row.Value.Hashes.AsSpan().SequenceEqual((byte[])[.. sad.Digests.SelectMany(d => d.Value.ToArray())]))
        {
            _violations.Add($"the spent row is no record of what is signed: {row.Value}, {spent}");
        }
    }

    private async Task BeforeSignAsync()
    {
        Flow flow = _interleaving.Running!;
        flow.HsmReached = true;
        JudgePromptness(flow, "the HSM was asked");
        await _interleaving.GateAsync(flow);
        if (flow.Act is Sign { Hsm: HsmFault.Throws })
        {
            throw new KeyBackendException(KeyBackendFailure.Unavailable, "test");
        }
    }

    private IReadOnlyList<byte[]> AfterSign(IReadOnlyList<byte[]> signatures)
    {
        Flow flow = _interleaving.Running!;
        Sign act = (Sign)flow.Act;
        flow.Signed += signatures.Count;
        _signedByKeys += signatures.Count;
        JudgeKeyUse(flow);
        if (act.Hsm == HsmFault.AnswersLate)
        {
            _bed.Clock.Advance(_late);
        }

        return act.Hsm switch
        {
            HsmFault.FlipsOneBit => FaultyKeyBackend<SoftwareKeyBackend>.FlipOneBit(signatures),
            HsmFault.LosesOne => [.. signatures.SkipLast(1)],
            HsmFault.AddsOne => [.. signatures, signatures[0]],
            HsmFault.Swaps => [signatures[^1], .. signatures.Skip(1).SkipLast(1), .. signatures.Take(signatures.Count - 1).Take(1)],
            _ => signatures,
        };
    }

    private Task BeforeMac()
    {
        if (_interleaving.Running is { } flow)
        {
            flow.IsEvaluated = true;
            if (flow.Act.Fault?.Kind == FaultKind.MacAway)
            {
                throw new KeyBackendException(KeyBackendFailure.Unavailable, "test");
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>The second reading after the spend is the one before the HSM.</summary>
    private void BeforeTimestamp()
    {
        if (_interleaving.Running is { AtSpend: not null, Act.Fault: { Kind: FaultKind.Pause } pause } flow && ++flow.ClockReadings == 2)
        {
            _bed.Clock.Advance(PauseOf(pause));
        }
    }
}
