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

    private readonly SealedRows _rows;
    private readonly IAuditLog _audit;

    internal SignerChanges(SealedRows rows, IAuditLog audit)
    {
        _rows = rows;
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

    /// <summary>Does something with a signer. Refused with SignerUnknown, SignerStateWrong, VersionOutdated, RowConflict, or as a row is.</summary>
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
        if ((await ReadAsync(signer, cancellationToken)).IsRefused(out Refusal? unread, out (SealedRow<SignerRow> Signer, SealedRow<SignerFileRow> File) rows))
        {
            return unread;
        }

        if (expected is { } version && version != rows.Signer.ETag)
        {
            return SamErrorCode.VersionOutdated;
        }

        if (SignerLife.After(act, rows.Signer.Value) is not { } status)
        {
            return SamErrorCode.SignerStateWrong;
        }

        if (change(rows.Signer.Value with { Status = status }, rows.File.Value).IsRefused(out Refusal? refused, out SignerStep? step))
        {
            return refused;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        List<RowWrite> writes =
        [
            RowWrite.Replace(SignerRows.Signer(signer), RowSchemas.Signer, step.Signer, rows.Signer.ETag),
            RowWrite.Replace(SignerRows.File(signer), RowSchemas.SignerFile, step.File.With(new ChangeRow(now, by.Name, act.ToString(), reason)), rows.File.ETag),
        ];
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

        await foreach ((RowAddress address, SealedRow<CredentialRow> row) in
            _rows.ListAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, cancellationToken))
        {
            writes.Add(RowWrite.Replace(address, RowSchemas.Credential, row.Value with { Signer = step.Signer }, row.ETag));
        }

        if ((await _rows.CommitAsync(writes, CancellationToken.None)).IsRefused(out Refusal? conflict, out _))
        {
            return conflict;
        }

        await _audit.AppendAsync(new AuditRecord { Event = SignerLife.EventOf(act), By = by.Name, Signer = signer.Value, Detail = reason });
        return signer;
    }
}

/// <summary>A signer's rows after a change.</summary>
internal sealed record SignerStep(SignerRow Signer, SignerFileRow File);

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
