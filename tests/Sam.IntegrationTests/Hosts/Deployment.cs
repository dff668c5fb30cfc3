using Azure.Data.Tables;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.KeyBackends.Pkcs11;
using Sam.Storage.Tables;
using Sam.Testing.Audit;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>
/// One deployment of the SAM: tables under a prefix of their own, an issuer's key, and as many hosts as a test needs. Azurite is the run's. From its first host on it has a token of its own, for it has
/// officers, and the HSM's anchor of them is one per token.
/// </summary>
public sealed class Deployment
{
    private readonly SoftHsmFixture _hsm;
    private readonly AzuriteFixture _azurite;
    private readonly Lazy<Task<Token>> _own;
    private Token _token;

    /// <summary>A deployment on which no host has run yet.</summary>
    /// <param name="hsm">Where its token is.</param>
    /// <param name="azurite">The storage.</param>
    /// <param name="ownsHsm">Whether no other deployment is there: then it needs no other token.</param>
    public Deployment(SoftHsmFixture hsm, AzuriteFixture azurite, bool ownsHsm = false)
    {
        _hsm = hsm;
        _token = new Token(hsm.TokenLabel, hsm.ModulePath);
        _own = new Lazy<Task<Token>>(ownsHsm ? () => Task.FromResult(_token) : AddTokenAsync);
        _azurite = azurite;
        _ = SecretLedger.Note("PIN of the HSM", hsm.Pin);
        TablePrefix = AzuriteFixture.NewPrefix();
        IssuerKeyFile = Path.Combine(Directory.CreateTempSubdirectory("functionssam-issuer-").FullName, "issuer.pem");
    }

    /// <summary>What the names of the tables begin with.</summary>
    public string TablePrefix { get; }

    /// <summary>The development issuer's key: all hosts of a deployment take each other's tokens.</summary>
    public string IssuerKeyFile { get; }

    /// <summary>Starts a host.</summary>
    public async Task<LocalHostProcess> StartAsync(params (string Key, string Value)[] changes)
    {
        _token = await _own.Value;
        return await LocalHostProcess.StartAsync(Settings(changes));
    }

    /// <summary>A host's environment; what is given here wins.</summary>
    public IReadOnlyDictionary<string, string> Settings(params (string Key, string Value)[] changes)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["Logging__LogLevel__Default"] = "Trace",
            ["Logging__LogLevel__Microsoft.AspNetCore"] = "Trace",

            // Checkpoints come by time, and would take the faults and counts of HSM calls that are meant for signatures.
            ["Sam__Audit__CheckpointInterval"] = "00:00:00",
            ["SOFTHSM2_CONF"] = _hsm.ConfigPath,
            ["Sam__Pkcs11__ModulePath"] = _token.ModulePath,
            ["Sam__Pkcs11__TokenLabel"] = _token.Label,
            ["Sam__Pkcs11__PinFile"] = _hsm.PinFile,
            ["Sam__Storage__ConnectionString"] = _azurite.ConnectionString,
            ["Sam__Storage__TablePrefix"] = TablePrefix,
            ["Sam__Audit__ConnectionString"] = _azurite.ConnectionString,
            ["Sam__Audit__TablePrefix"] = TablePrefix,
            ["Sam__Authentication__Mode"] = "Development",
            ["Sam__Development__IssuerKeyFile"] = IssuerKeyFile,
        };
        foreach ((string key, string value) in changes)
        {
            settings[key] = value;
        }

        return settings;
    }

    /// <summary>All audit records of all hosts that ran here, chain by chain.</summary>
    public async Task<IReadOnlyList<AuditRecord>> ReadAuditAsync()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using TableRowStore audit = await OpenStoreAsync(TableStoreOptions.AuditTables);
        using SystemKeys keys = await OpenKeysAsync();

        SortedSet<string> partitions = new(StringComparer.Ordinal);
        TableClient table = new TableServiceClient(_azurite.ConnectionString).GetTableClient(TablePrefix + nameof(SamTable.Audit));
        await foreach (TableEntity row in table.QueryAsync<TableEntity>(select: ["PartitionKey"], cancellationToken: cancellationToken))
        {
            partitions.Add(row.PartitionKey);
        }

        List<StoredRow> found = [];
        foreach (string partition in partitions)
        {
            await foreach (StoredRow row in audit.ListAsync(SamTable.Audit, partition, "0", "~", cancellationToken))
            {
                found.Add(row);
            }
        }

        return AuditTrail.Open(found, keys);
    }

    /// <summary>The HSM's key behind the deployment's PINs.</summary>
    public async Task<KeyReference> FindPepperAsync()
    {
        using SystemKeys keys = await OpenKeysAsync();
        return keys.Pepper;
    }

    /// <summary>The deployment's tables, as its hosts see them.</summary>
    public Task<TableRowStore> OpenStoreAsync(IReadOnlyList<SamTable> tables) => TableRowStore.OpenAsync(
        new TableStoreOptions { ConnectionString = _azurite.ConnectionString, TablePrefix = TablePrefix, Tables = tables },
        TimeProvider.System,
        TestContext.Current.CancellationToken);

    private async Task<Token> AddTokenAsync() => new(await _hsm.AddTokenAsync(TestContext.Current.CancellationToken), _hsm.CreateShim().ModulePath);

    internal async Task<SystemKeys> OpenKeysAsync()
    {
        using TableRowStore rows = await OpenStoreAsync(TableStoreOptions.MainTables);
        await using Pkcs11KeyBackend hsm = await Pkcs11KeyBackend.OpenAsync(
            new Pkcs11Options { ModulePath = _token.ModulePath, TokenLabel = _token.Label, PinFile = _hsm.PinFile },
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        return await SystemKeys.OpenAsync(rows, hsm, TestContext.Current.CancellationToken);
    }

    /// <summary>A token, and a module that sees it: copies of SoftHSM see the tokens that were there when they were loaded.</summary>
    private sealed record Token(string Label, string ModulePath);
}
