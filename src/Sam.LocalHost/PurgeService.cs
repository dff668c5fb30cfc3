using Sam.Core.Activation;
using Sam.Core.Rows;

namespace Sam.LocalHost;

/// <summary>The minute's timer behind <see cref="ExpiredTransactions"/>.</summary>
internal sealed class PurgeService : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromMinutes(1);

    private readonly LocalModule _module;
    private readonly TimeProvider _time;
    private readonly ILogger<PurgeService> _logger;

    public PurgeService(LocalModule module, TimeProvider time, ILogger<PurgeService> logger)
    {
        _module = module;
        _time = time;
        _logger = logger;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(_period, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (_module.Store is { } store)
            {
                await PurgeAsync(store, stoppingToken);
            }
        }
    }

    private async Task PurgeAsync(IRowStore store, CancellationToken cancellationToken)
    {
        try
        {
            int count = await new ExpiredTransactions(store).PurgeDueAsync(cancellationToken);
            if (count > 0)
            {
                Log.Purged(_logger, count);
            }
        }
        catch (RowStoreException away)
        {
            Log.PurgeFailed(_logger, away);
        }
    }
}
