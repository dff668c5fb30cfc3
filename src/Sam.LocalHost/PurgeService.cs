using Sam.Api.Composition;

namespace Sam.LocalHost;

/// <summary>The minute's timer behind <see cref="ExpiredRowPurge"/>.</summary>
internal sealed class PurgeService : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromMinutes(1);

    private readonly ExpiredRowPurge _purge;
    private readonly TimeProvider _time;

    public PurgeService(ExpiredRowPurge purge, TimeProvider time)
    {
        _purge = purge;
        _time = time;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(_period, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await _purge.RunAsync(stoppingToken);
        }
    }
}
