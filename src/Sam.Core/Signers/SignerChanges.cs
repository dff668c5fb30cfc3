using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>
/// Changes a signer by the one table of their life (<see cref="SignerLife"/>). Every credential's row repeats its signer's, so a change is one commit of the partition: signer, file,
/// counters and all credentials, or nothing. Live SADs end with it.
/// </summary>
internal sealed class SignerChanges
{
    private const int LongestReason = 200;

    // Who fills a partition with rows that do not open must not fill the audit by each change.
    private const int MaxAlarms = 10;

    private readonly SealedRows _rows;
    private readonly StandingStops _stops;
    private readonly IAuditLog _audit;

    internal SignerChanges(SealedRows rows, StandingStops stops, IAuditLog audit)
    {
        _rows = rows;
        _stops = stops;
        _audit = audit;
    }

    /// <summary>Whether a text may be a reason: 1 to 200 characters, none of them a control character.</summary>
    internal static bool IsReason(string? text) => PlainText.IsLine(text, LongestReason);

    /// <summary>Reads a signer with their file. Refused with SignerUnknown.</summary>
    internal async Task<Result<(SealedRow<SignerRow> Signer, SealedRow<SignerFileRow> File)>> ReadAsync(SignerId signer, CancellationToken cancellationToken)
    {
        if ((await _rows.ReadAsync(SignerRows.Signer(signer), RowSchemas.Signer, cancellationToken)).IsRefused(out Refusal? unread, out SealedRow<SignerRow>? row))
        {
            return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.SignerUnknown : unread;
        }

        return (await _rows.ReadAsync(SignerRows.File(signer), RowSchemas.SignerFile, cancellationToken)).IsRefused(out unread, out SealedRow<SignerFileRow>? file)
            ? (unread.Code == SamErrorCode.RowMissing ? SamErrorCode.RowBroken : unread)
            : (row, file);
    }

    /// <summary>
    /// Does something with a signer. A credential's row that does not open is left as it is, with an alarm: it signs nothing. A stop goes on, with an alarm, also where the signer's own row or file
    /// does not open: whoever writes the tables takes no stop away. Refused with SignerUnknown, SignerStateWrong, VersionOutdated, RowConflict, or as a row is.
    /// </summary>
    /// <param name="signer">The signer.</param>
    /// <param name="act">What is done.</param>
    /// <param name="by">Who does it.</param>
    /// <param name="reason">Why; null where nobody has to say.</param>
    /// <param name="expected">The version that was looked at; null for any.</param>
    /// <param name="change">What else becomes of the rows, which have the new status already.</param>
    /// <param name="resetsCounters">What becomes of the attempts.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    internal async Task<Result<SignerId>> ChangeAsync(
        SignerId signer,
        SignerAct act,
        Actor by,
        string? reason,
        RowETag? expected,
        Func<SignerRow, SignerFileRow, Result<SignerStep>> change,
        CounterReset resetsCounters,
        CancellationToken cancellationToken)
    {
        bool isStop = act is SignerAct.Suspend or SignerAct.Close;
        List<AuditRecord> alarms = [];
        List<(RowAddress Address, SealedRow<CredentialRow> Row)> credentials = await ListCredentialsAsync(signer, alarms, cancellationToken);
        if ((await (isStop ? ReadToStopAsync(signer, credentials, alarms, cancellationToken) : ReadToChangeAsync(signer, cancellationToken))).IsRefused(out Refusal? unread, out Present? rows))
        {
            return unread;
        }

        if (expected is { } version && version != rows.ETag)
        {
            return SamErrorCode.VersionOutdated;
        }

        if (SignerLife.After(act, rows.Signer) is not { } status)
        {
            return SamErrorCode.SignerStateWrong;
        }

        SignerRow next = rows.Signer with { Status = status, Stops = rows.Signer.Stops + (isStop ? 1 : 0) };
        if ((rows.File is null ? new SignerStep(next, File: null) : change(next, rows.File)).IsRefused(out Refusal? refused, out SignerStep? step))
        {
            return refused;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        List<RowWrite> writes = [RowWrite.Put(SignerRows.Signer(signer), RowSchemas.Signer, step.Signer, rows.ETag)];
        if (step.File is not null)
        {
            writes.Add(RowWrite.Put(SignerRows.File(signer), RowSchemas.SignerFile, step.File.With(new ChangeRow(now, by.Name, act.ToString(), reason)), rows.FileETag));
        }

        if (resetsCounters != CounterReset.None)
        {
            // Of the old counters only the version goes into new ones: had somebody written an older row back, the new one stays below the floor for a minute at most.
            // What is given back keeps the count over the PIN's life, so there an older row must not do.
            Result<SealedRow<CountersRow>> read = resetsCounters == CounterReset.All
                ? await _rows.ReadToOverwriteAsync(SignerRows.Counters(signer), RowSchemas.Counters, cancellationToken)
                : await _rows.ReadAsync(SignerRows.Counters(signer), RowSchemas.Counters, cancellationToken);
            if (read.IsRefused(out Refusal? noCounters, out SealedRow<CountersRow>? counters))
            {
                return noCounters;
            }

            CountersRow reset = resetsCounters == CounterReset.All ? CountersRow.Fresh(counters.Value.Version + 1, counters.Value.TotpStep) : counters.Value.Unlocked();
            writes.Add(RowWrite.Replace(SignerRows.Counters(signer), RowSchemas.Counters, reset, counters.ETag));
        }

        writes.AddRange(credentials.Select(c => RowWrite.Replace(c.Address, RowSchemas.Credential, c.Row.Value with { Signer = step.Signer }, c.Row.ETag)));
        if ((await _rows.CommitAsync(writes, CancellationToken.None)).IsRefused(out Refusal? conflict, out _))
        {
            return conflict;
        }

        if (isStop)
        {
            _stops.Watch(signer, step.Signer);
        }

        foreach (AuditRecord alarm in alarms)
        {
            await _audit.AppendAsync(alarm);
        }

        await _audit.AppendAsync(new AuditRecord { Event = SignerLife.EventOf(act), By = by.Name, Signer = signer.Value, Detail = reason });
        return signer;
    }

    private async Task<List<(RowAddress Address, SealedRow<CredentialRow> Row)>> ListCredentialsAsync(SignerId signer, List<AuditRecord> alarms, CancellationToken cancellationToken)
    {
        List<(RowAddress, SealedRow<CredentialRow>)> opened = [];
        await foreach ((RowAddress address, Result<SealedRow<CredentialRow>> read) in
            _rows.ListAnyAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, cancellationToken))
        {
            if (!read.IsRefused(out Refusal? fault, out SealedRow<CredentialRow>? row))
            {
                opened.Add((address, row));
            }
            else if (alarms.Count < MaxAlarms)
            {
                alarms.Add(AuditRecord.OfFault(address, fault.Code, "left as it is"));
            }
        }

        return opened;
    }

    private async Task<Result<Present>> ReadToChangeAsync(SignerId signer, CancellationToken cancellationToken) =>
        (await ReadAsync(signer, cancellationToken)).IsRefused(out Refusal? unread, out (SealedRow<SignerRow> Signer, SealedRow<SignerFileRow> File) rows)
            ? unread
            : new Present(rows.Signer.Value, rows.Signer.ETag, rows.File.Value, rows.File.ETag);

    /// <summary>What there is of a signer who is to be stopped. A row of theirs that does not open is taken from a credential's copy: it is what signatures are judged by.</summary>
    private async Task<Result<Present>> ReadToStopAsync(
        SignerId signer, List<(RowAddress Address, SealedRow<CredentialRow> Row)> credentials, List<AuditRecord> alarms, CancellationToken cancellationToken)
    {
        (RowETag? etag, Result<SealedRow<SignerRow>> read) = await _rows.ReadAnyAsync(SignerRows.Signer(signer), RowSchemas.Signer, cancellationToken);
        SignerRow present;
        if (!read.IsRefused(out Refusal? fault, out SealedRow<SignerRow>? row))
        {
            present = row.Value;
        }
        else if (credentials.Count > 0)
        {
            present = credentials.MaxBy(c => c.Row.Value.Signer.Stops).Row.Value.Signer;
            alarms.Add(AuditRecord.OfFault(SignerRows.Signer(signer), fault.Code, "written anew from a credential's copy"));
        }
        else
        {
            return fault.Code == SamErrorCode.RowMissing ? SamErrorCode.SignerUnknown : fault;
        }

        (RowETag? fileETag, Result<SealedRow<SignerFileRow>> file) = await _rows.ReadAnyAsync(SignerRows.File(signer), RowSchemas.SignerFile, cancellationToken);
        if (!file.IsRefused(out fault, out SealedRow<SignerFileRow>? whole))
        {
            return new Present(present, etag, whole.Value, fileETag);
        }

        // Who was registered does not change, so that is taken from a file of any age. A code is not: it may be one that was used.
        alarms.Add(AuditRecord.OfFault(SignerRows.File(signer), fault.Code, "a stop went on without it"));
        return fault.Code == SamErrorCode.RowRolledBack
            && !(await _rows.ReadToOverwriteAsync(SignerRows.File(signer), RowSchemas.SignerFile, cancellationToken)).IsRefused(out _, out SealedRow<SignerFileRow>? old)
            ? new Present(present, etag, old.Value with { Code = null }, old.ETag)
            : new Present(present, etag, File: null, FileETag: null);
    }

    private sealed record Present(SignerRow Signer, RowETag? ETag, SignerFileRow? File, RowETag? FileETag);
}

/// <summary>A signer's rows after a change.</summary>
/// <param name="Signer">The signer.</param>
/// <param name="File">Their file; null where a stop went on without it.</param>
internal sealed record SignerStep(SignerRow Signer, SignerFileRow? File);

/// <summary>What becomes of a signer's counters.</summary>
internal enum CounterReset
{
    /// <summary>They stay.</summary>
    None,

    /// <summary>The attempts are given back; the count over the PIN's whole life stays.</summary>
    Attempts,

    /// <summary>They begin anew, with a new PIN.</summary>
    All,
}
