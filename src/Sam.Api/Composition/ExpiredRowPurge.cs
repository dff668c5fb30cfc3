using Microsoft.Extensions.Logging;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Officers;
using Sam.Core.Randomness;
using Sam.Core.Rows;

namespace Sam.Api.Composition;

/// <summary>What a host's timer does once a minute: purges the slice of transactions and of idempotency keys whose turn it is, and destroys keys that no credential came of.</summary>
public sealed class ExpiredRowPurge
{
    private readonly HostModule _module;
    private readonly ModuleProvider _modules;
    private readonly ILogger<ExpiredRowPurge> _logger;

    /// <summary>Sees to the store and the HSM of this module.</summary>
    public ExpiredRowPurge(HostModule module, ModuleProvider modules, ILogger<ExpiredRowPurge> logger)
    {
        _module = module;
        _modules = modules;
        _logger = logger;
    }

    /// <summary>One turn. What is away is logged: nothing is lost, the next turn goes on.</summary>
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

            int forgotten = await new ForgottenRequests(rows).PurgeDueAsync(cancellationToken);
            if (forgotten > 0)
            {
                Log.Forgotten(_logger, forgotten);
            }

            ActivationModule module = await _modules.GetAsync(cancellationToken);
            await module.RefreshRandomnessAsync(cancellationToken);
            await module.Imports.SweepAsync(cancellationToken);
            int abandoned = await module.Credentials.SweepAsync(cancellationToken);
            if (abandoned > 0)
            {
                Log.Abandoned(_logger, abandoned);
            }
        }
        catch (Exception away) when (away is RowStoreException or KeyBackendException or AuditUnavailableException or RandomnessException)
        {
            Log.PurgeFailed(_logger, away);
        }
    }
}
