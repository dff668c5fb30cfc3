using System.Security.Cryptography;
using Azure.Data.Tables;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>An insider who has the storage account's keys, and writes to the tables what he likes.</summary>
public sealed class TableAttackTests : IAsyncLifetime
{
    private readonly Deployment _deployment;
    private readonly TableServiceClient _tables;
    private LocalHostProcess? _host;

    public TableAttackTests(SoftHsmFixture hsm, AzuriteFixture azurite)
    {
        _deployment = new Deployment(hsm, azurite);
        _tables = new TableServiceClient(azurite.ConnectionString);
    }

    public async ValueTask InitializeAsync() => _host = await _deployment.StartAsync();

    public ValueTask DisposeAsync() => _host!.DisposeAsync();

    [Fact]
    [Trait("Requirement", "T-USE-3")]
    public async Task A_row_written_back_does_not_revive_its_sad_within_the_tolerance_and_after_it()
    {
        (CscClient client, TestCredential credential) = await _host!.MakeAsync();
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        string sad = await client.GetSadAsync(credential, digest);
        TableEntity unspent = await TheOnlyRowAsync(SamTable.Transactions);
        _ = (await client.SignHashAsync(credential, sad, [digest])).Signatures;

        // Written back at once the row still looks fresh, and its new version gives it away; later, its age does.
        HashSet<string> causes = [];
        while (!causes.Contains(nameof(SamErrorCode.RowRolledBack)))
        {
            await WriteBackAsync(SamTable.Transactions, unspent);
            string cause = await CauseOfAsync(() => client.SignHashAsync(credential, sad, [digest]));
            Assert.Contains(cause, new[] { nameof(SamErrorCode.TransactionRowReplaced), nameof(SamErrorCode.RowRolledBack) });
            causes.Add(cause);
        }

        Assert.Contains(nameof(SamErrorCode.TransactionRowReplaced), causes);
    }

    [Fact]
    [Trait("Requirement", "T-USE-4")]
    public async Task Counters_written_back_are_below_the_floor_of_a_process_that_saw_newer_ones()
    {
        (CscClient client, TestCredential credential) = await _host!.MakeAsync();
        TableEntity fresh = await TheRowAsync(SamTable.Signers, "counters");
        Assert.Equal(nameof(SamErrorCode.PinWrong), await GuessAsync(client, credential));
        await WriteBackAsync(SamTable.Signers, fresh);
        Assert.Equal(nameof(SamErrorCode.RowRolledBack), await GuessAsync(client, credential));
    }

    [Fact]
    [Trait("Requirement", "T-USE-4")]
    public async Task Counters_written_back_when_they_are_old_are_refused_by_a_process_that_never_saw_them()
    {
        (CscClient client, TestCredential credential) = await _host!.MakeAsync();
        TableEntity fresh = await TheRowAsync(SamTable.Signers, "counters");
        Assert.Equal(nameof(SamErrorCode.PinWrong), await GuessAsync(client, credential));

        // A new process knows no floor. Within the tolerance it takes the row; how many guesses that is worth is what the tolerance costs, and it ends with it.
        string cause;
        do
        {
            await _host.DisposeAsync();
            _host = await _deployment.StartAsync();
            await WriteBackAsync(SamTable.Signers, fresh);
            cause = await GuessAsync(client.At(_host.Http), credential);
        }
        while (cause == nameof(SamErrorCode.PinWrong));

        Assert.Equal(nameof(SamErrorCode.RowRolledBack), cause);
    }

    [Fact]
    public async Task A_row_copied_over_another_is_noticed()
    {
        (CscClient client, TestCredential mine) = await _host!.MakeAsync();
        TableEntity row = await TheRowAsync(SamTable.Signers, $"credential-{mine.Id[33..]}");
        TestCredential victim = await _host.MakeCredentialAsync(mine.Signer, mine.Algorithm);
        await WriteBackAsync(SamTable.Signers, new TableEntity(row) { RowKey = $"credential-{victim.Id[33..]}" });
        Assert.Equal(nameof(SamErrorCode.RowBroken), await CauseOfAsync(() => client.AuthorizeAsync(victim, [RandomNumberGenerator.GetBytes(32)])));
    }

    private Task<string> GuessAsync(CscClient client, TestCredential credential) =>
        CauseOfAsync(() => client.AuthorizeAsync(credential, [RandomNumberGenerator.GetBytes(32)], pin: new string('0', 20)));

    private TableClient Table(SamTable table) => _tables.GetTableClient(_deployment.TablePrefix + table);

    private async Task<TableEntity> TheOnlyRowAsync(SamTable table)
    {
        List<TableEntity> rows = [];
        await foreach (TableEntity row in Table(table).QueryAsync<TableEntity>(cancellationToken: TestContext.Current.CancellationToken))
        {
            rows.Add(row);
        }

        return Assert.Single(rows);
    }

    private async Task<TableEntity> TheRowAsync(SamTable table, string rowKey)
    {
        await foreach (TableEntity row in Table(table).QueryAsync<TableEntity>(r => r.RowKey == rowKey, cancellationToken: TestContext.Current.CancellationToken))
        {
            return row;
        }

        throw new InvalidOperationException($"There is no row {rowKey}.");
    }

    private Task WriteBackAsync(SamTable table, TableEntity row) =>
        Table(table).UpsertEntityAsync(row, TableUpdateMode.Replace, TestContext.Current.CancellationToken);

    private async Task<string> CauseOfAsync(Func<Task<CscReply>> call)
    {
        IReadOnlyDictionary<string, long> before = await _host!.CountRefusalsAsync();
        CscReply reply = await call();
        Assert.InRange(reply.Status, 400, 599);
        return Assert.Single(await _host.CountRefusalsAsync(), c => c.Value != before.GetValueOrDefault(c.Key)).Key;
    }
}
