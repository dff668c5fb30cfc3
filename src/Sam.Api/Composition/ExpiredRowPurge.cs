using Microsoft.Extensions.Logging;
using Sam.Core.Activation;
using Sam.Core.Rows;

namespace Sam.Api.Composition;

/// <summary>What a host's timer does once a minute: purges the slice of transactions whose turn it is.</summary>
public sealed class ExpiredRowPurge
{
    private readonly HostModule _module;
    private readonly ILogger<ExpiredRowPurge> _logger;

    /// <summary>Purges in the store of this module.</summary>
    public ExpiredRowPurge(HostModule module, ILogger<ExpiredRowPurge> logger)
    {
        _module = module;
        _logger = logger;
    }

    /// <summary>One turn. A store that is away is logged: nothing is lost, the next turn goes on.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            IRowStore rows = await _module.GetRowsAsync(cancellationToken);
            int count = await new ExpiredTransactions(rows).PurgeDueAsync(cancellationToken);
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
