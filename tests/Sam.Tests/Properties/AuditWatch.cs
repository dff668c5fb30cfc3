using System.Security.Cryptography;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.Audit;
using Sam.Testing.TestBed;

namespace Sam.Tests.Properties;

/// <summary>Reads the audit as it grows: each outcome has its record when it is told, and no record tells of anything else.</summary>
internal sealed class AuditWatch
{
    private readonly SamTestBed _bed;
    private readonly HashSet<RowAddress> _read = [];
    private readonly List<AuditRecord> _unclaimed = [];

    internal AuditWatch(SamTestBed bed) => _bed = bed;

    /// <summary>Forgets what happened so far, and what nobody claims.</summary>
    internal void Begin()
    {
        Read();
        _unclaimed.Clear();
    }

    /// <summary>Null when the outcome's record is durable now.</summary>
    internal string? Claim(Flow flow, string? transaction)
    {
        Read();
        if (Expected(flow) is not { } expected)
        {
            return null;
        }

        if (flow.Outcome == nameof(SamErrorCode.SigningTooSlow))
        {
            // It may have been too late by a hair: the record of the release was there, and the release was not.
            _ = _unclaimed.RemoveAll(r => r.Event == AuditEvent.SignaturesReleased && r.Operation == flow.Operation);
        }

        int found = _unclaimed.FindIndex(r => Tells(r, flow, expected.Event, expected.Cause, transaction));
        if (found < 0)
        {
            return $"no audit record says {expected}, transaction {transaction}, for {flow.Act}; there are {string.Join("; ", _unclaimed)}";
        }

        _unclaimed.RemoveAt(found);
        return null;
    }

    /// <summary>A process that died may have recorded a release, and died before it could tell: while it kept the outcome for the rest of the transaction.</summary>
    internal void ClaimOfDead(Flow flow)
    {
        Read();
        _ = _unclaimed.RemoveAll(r => r.Event == AuditEvent.SignaturesReleased && flow.Operation is { } operation && r.Operation == operation);
    }

    /// <summary>Null when nothing was audited that did not happen.</summary>
    internal string? FindStray()
    {
        Read();
        return _unclaimed.Find(r => r.Event is AuditEvent.Authorized or AuditEvent.AuthorizationRefused or AuditEvent.SignaturesReleased
            or AuditEvent.SigningFailed or AuditEvent.SigningRefused) is { } stray ? $"an audit record tells of what nobody saw: {stray}" : null;
    }

    /// <summary>Null when every chain is whole.</summary>
    internal string? FindBrokenChain() => _bed.AuditTable.Attacker.Rows()
        .Where(AuditTrail.IsOfChain)
        .GroupBy(r => r.Address.PartitionKey[..32])
        .Select(chain => ChainChecker.FindFault(chain.Key, [.. chain]))
        .FirstOrDefault(fault => fault is not null);

    private static (AuditEvent Event, string? Cause)? Expected(Flow flow) => flow.Outcome switch
    {
        "!OperationCanceledException" or "!TaskCanceledException" or "!AuditUnavailableException" => null,
        "Issued" => (AuditEvent.Authorized, null),
        "Signed" => (AuditEvent.SignaturesReleased, null),
        "!KeyBackendException" when flow.Signing is not null => (AuditEvent.SigningFailed, nameof(SamErrorCode.HsmUnavailable)),
        "!KeyBackendException" => (AuditEvent.AuthorizationRefused, nameof(SamErrorCode.HsmUnavailable)),
        "!RowStoreException" => (Refused(flow), nameof(SamErrorCode.StorageUnavailable)),
        _ when flow.Signing is not null && flow.AtSpend is not null && flow.Outcome != nameof(SamErrorCode.SadSpent) => (AuditEvent.SigningFailed, flow.Outcome),
        _ => (Refused(flow), flow.Outcome),
    };

    private static AuditEvent Refused(Flow flow) => flow.Signing is null ? AuditEvent.AuthorizationRefused : AuditEvent.SigningRefused;

    private static bool Tells(AuditRecord record, Flow flow, AuditEvent what, string? cause, string? transaction)
    {
        IReadOnlyList<Digest> digests = flow.Authorization?.Digests ?? flow.Signing!.Digests;
        return record.Event == what && record.Cause == cause
            && record.Client == flow.Caller!.Client.Value && record.User == flow.Caller.User
            && record.Credential == (flow.Authorization?.Credential ?? flow.Signing!.Credential).Value
            && record.Transaction == transaction
            && record.Digests!.SequenceEqual(digests.Select(d => Convert.ToHexStringLower(d.Value)))
            && (flow.Signing is null || record.Algorithm == flow.Signing.Algorithm.Name)
            && (flow.Operation is null || record.Operation == flow.Operation)
            && (flow.Outcome != "Signed" || record.SignatureDigests!.SequenceEqual(flow.Signatures.Select(s => Convert.ToHexStringLower(SHA256.HashData(s)))));
    }

    private void Read()
    {
        StoredRow[] fresh = [.. _bed.AuditTable.Attacker.Rows().Where(r => _read.Add(r.Address))];
        _unclaimed.AddRange(AuditTrail.Open(fresh, _bed.SystemKeys));
    }
}
