using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>
/// Sees to it that a stop stays. A row written within the tolerance of the row seal before a stop can be written back over it by whoever writes the tables, and opens, for good. So each stop is
/// looked at once more when that time is over, and from then on no row from before it opens: where it was undone, it is made again, with an alarm.
/// </summary>
/// <remarks>
/// Rows count their stops. What descends from the stop knows of it, also when somebody has lawfully resumed since; what was written back does not.
/// A row that does not open signs nothing; but what was lawfully written over an undone stop, seconds ago, may yet be written back to its place. So it is looked at again.
/// The caller of a stop does not wait for this: the stop holds at once, and it takes somebody in the storage to undo it. A process that ends without closing its module in these seconds does not look.
/// </remarks>
internal sealed class StandingStops : IAsyncDisposable
{
    private const int MaxLooks = 5;

    private readonly SealedRows _rows;
    private readonly IAuditLog _audit;
    private readonly TimeProvider _time;
    private readonly List<Task> _looks = [];
    private volatile bool _isClosing;

    internal StandingStops(SealedRows rows, IAuditLog audit, TimeProvider time)
    {
        _rows = rows;
        _audit = audit;
        _time = time;
    }

    /// <summary>How long after a stop it is looked at: the tolerance of the seal, and 2 s for whole seconds of a Date header and clocks that differ.</summary>
    internal static TimeSpan Delay { get; } = RowSealer.Tolerance + TimeSpan.FromSeconds(2);

    /// <summary>Looks at a credential's stop, when it is time.</summary>
    internal void Watch(CredentialId credential, CredentialRow stopped) => Watch(() => StandsAsync(credential, stopped));

    /// <summary>Looks at a signer's stop and at each of their credentials, when it is time.</summary>
    internal void Watch(SignerId signer, SignerRow stopped) => Watch(() => StandsAsync(signer, stopped));

    /// <summary>Waits until the stops of the last seconds were looked at.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        Task[] looks;
        lock (_looks)
        {
            looks = [.. _looks];
        }

        await Task.WhenAll(looks);
    }

    private void Watch(Func<Task<bool>> stands)
    {
        // The time begins now, and not when a thread is free.
        Task due = Task.Delay(Delay, _time);
        lock (_looks)
        {
            _ = _looks.RemoveAll(look => look.IsCompleted);

            // No part of the request that stopped: what is told of that one ends with it.
            AsyncFlowControl apart = ExecutionContext.SuppressFlow();
            try
            {
                _looks.Add(Task.Run(() => LookAsync(due, stands)));
            }
            finally
            {
                apart.Undo();
            }
        }
    }

    private async Task LookAsync(Task due, Func<Task<bool>> stands)
    {
        for (int looks = 0; looks < MaxLooks; looks++)
        {
            await due;
            try
            {
                if (await stands())
                {
                    return;
                }
            }
            catch (Exception away) when (away is RowStoreException or AuditUnavailableException)
            {
                // Looked at again, like one that had to be made again.
            }

            if (_isClosing)
            {
                return;
            }

            due = Task.Delay(Delay, _time);
        }
    }

    private async Task<bool> StandsAsync(CredentialId credential, CredentialRow stopped)
    {
        RowAddress address = SignerRows.Credential(credential);
        Result<SealedRow<CredentialRow>> read = await _rows.ReadAsync(address, RowSchemas.Credential, CancellationToken.None);
        if (read.IsRefused(out _, out SealedRow<CredentialRow>? row) || row.Value.Stops >= stopped.Stops)
        {
            return read.Refusal is null;
        }

        CredentialStatus status = (CredentialStatus)Math.Max((int)row.Value.Status, (int)stopped.Status);
        CredentialRow mended = row.Value with { Status = status, Suspensions = row.Value.Suspensions | stopped.Suspensions, Stops = stopped.Stops };
        await MendAsync([RowWrite.Replace(address, RowSchemas.Credential, mended, row.ETag)]);
        return false;
    }

    private async Task<bool> StandsAsync(SignerId signer, SignerRow stopped)
    {
        RowAddress address = SignerRows.Signer(signer);
        SignerRow present = stopped;
        List<RowWrite> writes = [];
        bool allOpen = true;
        if ((await _rows.ReadAsync(address, RowSchemas.Signer, CancellationToken.None)).IsRefused(out _, out SealedRow<SignerRow>? row))
        {
            allOpen = false;
        }
        else
        {
            if (row.Value.Stops < stopped.Stops)
            {
                writes.Add(RowWrite.Replace(address, RowSchemas.Signer, stopped, row.ETag));
            }
            else
            {
                present = row.Value;
            }
        }

        await foreach ((RowAddress place, Result<SealedRow<CredentialRow>> credential) in
            _rows.ListAnyAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, CancellationToken.None))
        {
            if (credential.IsRefused(out _, out SealedRow<CredentialRow>? opened))
            {
                allOpen = false;
            }
            else if (opened.Value.Signer.Stops < stopped.Stops)
            {
                writes.Add(RowWrite.Replace(place, RowSchemas.Credential, opened.Value with { Signer = present }, opened.ETag));
            }
        }

        if (writes.Count == 0)
        {
            return allOpen;
        }

        await MendAsync(writes);
        return false;
    }

    private async Task MendAsync(List<RowWrite> writes)
    {
        bool isMade = !(await _rows.CommitAsync(writes, CancellationToken.None)).IsRefused(out _, out _);
        foreach (RowWrite write in writes)
        {
            await _audit.AppendAsync(AuditRecord.OfFault(write.Address, SamErrorCode.RowRolledBack, isMade ? "a stop was undone, and was made again" : "a stop was undone"));
        }
    }
}
