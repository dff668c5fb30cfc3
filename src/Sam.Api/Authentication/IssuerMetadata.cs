using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Sam.Api.Authentication;

/// <summary>
/// The issuer's metadata and keys, as this process last saw them. Microsoft's ConfigurationManager reads them anew in the background, so that the first
/// tokens under a new key are refused, keeps them for ever while the issuer is away, and lets callers queue for one failing read after the other.
/// Here one read serves all who wait, and what a read costs the issuer is bounded whatever tokens strangers send.
/// </summary>
internal sealed class IssuerMetadata
{
    /// <summary>A key that the issuer withdraws is refused after this long at the latest.</summary>
    internal static TimeSpan Fresh { get; } = TimeSpan.FromHours(1);

    /// <summary>While the issuer is away, what is known is good for this long; then nobody is let in.</summary>
    internal static TimeSpan Usable { get; } = TimeSpan.FromHours(12);

    /// <summary>At least this long lies between two reads, failed ones included.</summary>
    internal static TimeSpan ReadInterval { get; } = TimeSpan.FromSeconds(30);

    /// <summary>For this long a request with usable keys at hand waits for newer ones. An issuer that hangs must not hang its services.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(2);

    private readonly Func<CancellationToken, Task<OpenIdConnectConfiguration>> _fetch;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _reading = new();
    private volatile Snapshot? _current;
    private Task<Snapshot?>? _read;
    private long _readAt;

    internal IssuerMetadata(Func<CancellationToken, Task<OpenIdConnectConfiguration>> fetch, TimeProvider clock, ILogger logger)
    {
        _fetch = fetch;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>What is known; null when it cannot be had.</summary>
    internal Task<Snapshot?> GetAsync(CancellationToken cancellationToken) => _current switch
    {
        { } known when _clock.GetElapsedTime(known.ReadAt) < Fresh => Task.FromResult<Snapshot?>(known),
        { } known => GetNewerInTimeAsync(known, cancellationToken),
        null => GetNewerAsync(null, cancellationToken),
    };

    /// <summary>Something newer than what the caller has seen, or the same again when it is too early to ask; null when nothing usable is known.</summary>
    internal Task<Snapshot?> GetNewerAsync(Snapshot? seen, CancellationToken cancellationToken)
    {
        lock (_reading)
        {
            if (_read is { IsCompleted: false })
            {
                return _read.WaitAsync(cancellationToken);
            }

            if (_current != seen || (_read is not null && _clock.GetElapsedTime(_readAt) < ReadInterval))
            {
                return Task.FromResult(UsableOrNull());
            }

            // Nobody's cancellation ends a read that others wait for; the transport's time-out does.
            _readAt = _clock.GetTimestamp();
            _read = Task.Run(ReadAsync, CancellationToken.None);
            return _read.WaitAsync(cancellationToken);
        }
    }

    private async Task<Snapshot?> GetNewerInTimeAsync(Snapshot known, CancellationToken cancellationToken)
    {
        try
        {
            return await GetNewerAsync(known, cancellationToken).WaitAsync(Patience, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return UsableOrNull();
        }
    }

    private async Task<Snapshot?> ReadAsync()
    {
        try
        {
            long readAt = _clock.GetTimestamp();
            OpenIdConnectConfiguration configuration = await _fetch(CancellationToken.None);
            if (configuration.SigningKeys.Count == 0)
            {
                throw new InvalidOperationException("The issuer's key set holds no key that verifies signatures.");
            }

            _current = new Snapshot(configuration, readAt);
            Log.IssuerRead(_logger, configuration.Issuer, configuration.SigningKeys.Count);
        }
#pragma warning disable CA1031 // Whatever goes wrong here, sockets, TLS, JSON, means the same: the issuer's keys cannot be had now.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            Log.IssuerUnavailable(_logger, broken, ReadInterval);
        }

        return UsableOrNull();
    }

    private Snapshot? UsableOrNull() => _current is { } known && _clock.GetElapsedTime(known.ReadAt) < Usable ? known : null;

    /// <param name="Configuration">The issuer's metadata with its keys.</param>
    /// <param name="ReadAt">When the read began, as a timestamp of the clock.</param>
    internal sealed record Snapshot(OpenIdConnectConfiguration Configuration, long ReadAt);
}
