using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Results;

namespace Sam.Core.Certificates;

/// <summary>
/// Whether a certificate was revoked, as its authorities say, asked at most once per certificate and <see cref="CertificatePolicy.RevocationCacheTime"/> however many requests want to know. All certificates below the anchor are asked about.
/// </summary>
internal sealed class RevocationCheck
{
    /// <summary>An authority that does not answer is asked again after this long: each time costs the requests that wait for it.</summary>
    internal static TimeSpan UnknownTime { get; } = TimeSpan.FromSeconds(10);

    // A deployment has more signers than that, and a process meets few of them in five minutes.
    private const int MaxKept = 10_000;

    private readonly CertificatePolicy _policy;
    private readonly CertificatePath _path;
    private readonly IRevocationSource _source;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CertificatePath.Way> _paths = new(StringComparer.Ordinal);

    internal RevocationCheck(CertificatePolicy policy, IRevocationSource source)
    {
        _policy = policy;
        _path = new CertificatePath(policy.LoadAnchors());
        _source = source;
    }

    /// <summary>Null when the certificate may be used; otherwise CertificateRevoked, RevocationUnknown (by a policy of hard failures), or CertificateNotTrusted (the anchor was taken away since, or a certificate on the way ended).</summary>
    internal async Task<SamErrorCode?> FindObstacleAsync(IReadOnlyList<byte[]> chain, DateTimeOffset time, CancellationToken cancellationToken)
    {
        if (_policy.Revocation == RevocationMode.None)
        {
            return null;
        }

        if (FindPath(chain, time) is not { } path)
        {
            return SamErrorCode.CertificateNotTrusted;
        }

        return await GetStatusAsync(path, time, cancellationToken) switch
        {
            RevocationStatus.Revoked => SamErrorCode.CertificateRevoked,
            RevocationStatus.Unknown when _policy.Revocation == RevocationMode.HardFail => SamErrorCode.RevocationUnknown,
            _ => null,
        };
    }

    /// <summary>The worst of the path: revoked, else unknown, else good.</summary>
    private async Task<RevocationStatus> GetStatusAsync(IReadOnlyList<byte[]> path, DateTimeOffset time, CancellationToken cancellationToken)
    {
        // The anchor is trusted because it was configured. A path of one is an anchor that signs itself.
        RevocationStatus[] statuses = await Task.WhenAll(path.Zip(path.Skip(1), (certificate, issuer) => GetStatusAsync(certificate, issuer, time, cancellationToken)));
        return statuses.Contains(RevocationStatus.Revoked) ? RevocationStatus.Revoked
            : statuses.Contains(RevocationStatus.Unknown) ? RevocationStatus.Unknown
            : RevocationStatus.Good;
    }

    private async Task<RevocationStatus> GetStatusAsync(byte[] certificate, byte[] issuer, DateTimeOffset time, CancellationToken cancellationToken)
    {
        string id = IdOf(certificate);
        Task<Entry> asking;
        lock (_lock)
        {
            Entry? known = _entries.GetValueOrDefault(id);
            if (known is { Asking: null } && known.AskedAt - _policy.RevocationCacheTime <= time && time < known.GoodUntil)
            {
                return known.Status;
            }

            if (known?.Asking is { } others)
            {
                asking = others;
            }
            else
            {
                // No caller's token: the answer is for all who wait, and the source has a time-out of its own.
                asking = Task.Run(() => AskAsync(id, certificate, issuer, time, known?.Status), CancellationToken.None);
                Keep(id, new Entry(known?.Status ?? RevocationStatus.Unknown, time, time, asking), time);
            }
        }

        return (await asking.WaitAsync(cancellationToken)).Status;
    }

    private async Task<Entry> AskAsync(string id, byte[] certificate, byte[] issuer, DateTimeOffset time, RevocationStatus? before)
    {
        Entry entry = new(before ?? RevocationStatus.Unknown, time, time, null);
        try
        {
            RevocationAnswer answer = await _source.AskAsync(certificate, issuer, time, CancellationToken.None);

            // Who keeps the answers away must not undo a revocation that this process has seen.
            RevocationStatus status = answer.Status == RevocationStatus.Unknown && before == RevocationStatus.Revoked ? RevocationStatus.Revoked : answer.Status;
            entry = new Entry(status, time, GoodUntil(answer, time), null);
        }
        finally
        {
            lock (_lock)
            {
                _entries[id] = entry;
            }
        }

        return entry;
    }

    private DateTimeOffset GoodUntil(RevocationAnswer answer, DateTimeOffset time)
    {
        TimeSpan longest = answer.Status == RevocationStatus.Unknown && UnknownTime < _policy.RevocationCacheTime ? UnknownTime : _policy.RevocationCacheTime;
        return answer.NextUpdate is { } next && next < time + longest ? next : time + longest;
    }

    private void Keep(string id, Entry entry, DateTimeOffset time)
    {
        if (_entries.Count >= MaxKept && !_entries.ContainsKey(id))
        {
            // Revoked ones are what a process must not forget; there are few of them.
            foreach (string old in _entries.Where(e => e.Value.Asking is null && (e.Value.Status != RevocationStatus.Revoked || e.Value.GoodUntil + TimeSpan.FromDays(1) < time)).Select(e => e.Key).ToArray())
            {
                _entries.Remove(old);
            }
        }

        _entries[id] = entry;
    }

    /// <summary>Paths are kept by their first certificate: to find one takes a signature's verification per step, on every request.</summary>
    private IReadOnlyList<byte[]>? FindPath(IReadOnlyList<byte[]> chain, DateTimeOffset time)
    {
        string id = IdOf(chain[0]);
        lock (_lock)
        {
            if (_paths.TryGetValue(id, out CertificatePath.Way? known) && time <= known.NotAfter)
            {
                return known.Certificates;
            }
        }

        X509Certificate2Collection certificates = [];
        try
        {
            foreach (byte[] der in chain)
            {
                certificates.Add(X509CertificateLoader.LoadCertificate(der));
            }

            CertificatePath.Way? path = _path.Find(certificates, time);
            if (path is not null)
            {
                lock (_lock)
                {
                    if (_paths.Count >= MaxKept)
                    {
                        _paths.Clear();
                    }

                    _paths[id] = path;
                }
            }

            return path?.Certificates;
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }

    private static string IdOf(byte[] certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate));

    /// <param name="Status">The last that was heard.</param>
    /// <param name="AskedAt">When. Clocks of several servers may go back a little; one that went back by more than an answer is kept was wrong before.</param>
    /// <param name="GoodUntil">From then on it is asked again.</param>
    /// <param name="Asking">The question that is under way, if one is.</param>
    private sealed record Entry(RevocationStatus Status, DateTimeOffset AskedAt, DateTimeOffset GoodUntil, Task<Entry>? Asking);
}
