using Sam.Core.Anchoring;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Configuration;

/// <summary>
/// Stops signing where a process runs with settings that two security officers have not approved (SYS-3): somebody changed the platform's settings past them, or the tables. It looks at the anchored
/// document every minute, and not for each signature.
/// </summary>
internal sealed class ConfigurationGate : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    // Whoever is stopped wants to go on as soon as it is approved, and asks often.
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    // So long an approval that was seen holds while HSM or store are away: without them nothing is signed anyhow.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private readonly DeploymentAnchor _anchor;
    private readonly SealedRows _rows;
    private readonly RunningConfiguration? _running;
    private readonly IAuditLog _audit;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private volatile Verdict? _last;

    internal ConfigurationGate(DeploymentAnchor anchor, SealedRows rows, RunningConfiguration? running, IAuditLog audit, TimeProvider time)
    {
        _anchor = anchor;
        _rows = rows;
        _running = running;
        _audit = audit;
        _time = time;
    }

    /// <summary>What this process runs with; null where its host does not say.</summary>
    internal RunningConfiguration? Running => _running;

    public void Dispose() => _turn.Dispose();

    /// <summary>ConfigurationNotApproved, or null: what runs is approved, or nothing has to be.</summary>
    /// <exception cref="KeyBackendException">Nothing is known yet, and the HSM is away.</exception>
    /// <exception cref="RowStoreException">Nothing is known yet, and the store is away.</exception>
    internal async ValueTask<SamErrorCode?> FindObstacleAsync(CancellationToken cancellationToken)
    {
        if (_running is not { IsEnforced: true } running)
        {
            return null;
        }

        Verdict? known = _last;
        return (known is not null && !IsDue(known) ? known : await LookAsync(running, cancellationToken)).IsApproved ? null : SamErrorCode.ConfigurationNotApproved;
    }

    private bool IsDue(Verdict verdict) => _time.GetElapsedTime(verdict.TriedAt) >= (verdict.IsApproved ? _interval : _pause);

    private async Task<Verdict> LookAsync(RunningConfiguration running, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Verdict? before = _last;
            if (before is not null && !IsDue(before))
            {
                return before;
            }

            long now = _time.GetTimestamp();
            Verdict found;
            try
            {
                found = await JudgeAsync(running, now, cancellationToken);
            }
            catch (Exception away) when ((away is KeyBackendException or RowStoreException) && before is { IsApproved: true } && _time.GetElapsedTime(before.SeenAt) < _patience)
            {
                return _last = before with { TriedAt = now - ToTicks(_interval - _pause) };
            }

            if (before?.IsApproved != found.IsApproved)
            {
                await _audit.AppendAsync(new AuditRecord
                {
                    Event = found.IsApproved ? AuditEvent.ConfigurationInForce : AuditEvent.ConfigurationRefused,
                    Cause = found.IsApproved ? null : nameof(SamErrorCode.ConfigurationNotApproved),
                    Detail = found.Detail,
                });
            }

            return _last = found;
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    private async Task<Verdict> JudgeAsync(RunningConfiguration running, long at, CancellationToken cancellationToken)
    {
        string mine = running.Settings.Digest;
        if ((await _anchor.ReadAsync(cancellationToken)).IsRefused(out Refusal? refusal, out AnchorDocument? document))
        {
            // Before there are officers there is nothing to sign with, and nobody to approve.
            return new Verdict(refusal.Code == SamErrorCode.NotInitialized, $"{mine}: {refusal.Code}", at, at);
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        return document.Configuration is { } approved
            ? new Verdict(approved.Allows(mine, now), $"{mine}: version {approved.Version} is approved", at, at)
            : new Verdict(IsApproved: false, $"{mine}: none is approved", at, at);
    }

    private long ToTicks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    /// <summary>What was found.</summary>
    /// <param name="IsApproved">Whether signing goes on.</param>
    /// <param name="Detail">For the audit.</param>
    /// <param name="SeenAt">When the document was read, by the monotonic clock.</param>
    /// <param name="TriedAt">When somebody looked last.</param>
    private sealed record Verdict(bool IsApproved, string Detail, long SeenAt, long TriedAt);
}
