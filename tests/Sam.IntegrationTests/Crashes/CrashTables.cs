using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Storage.Tables;
using Sam.Testing.Audit;
using Xunit;

namespace Sam.IntegrationTests.Crashes;

/// <summary>The tables as they stand, read past the SAM and opened with its keys.</summary>
internal sealed class CrashTables
{
    // In tolerances of five seconds: far more than any stop here.
    private const int MostLateness = 12;

    private readonly string _connectionString;
    private readonly string _prefix;
    private readonly SystemKeys _keys;
    private readonly RowSealer _sealer;

    internal CrashTables(string connectionString, string prefix, SystemKeys keys)
    {
        _connectionString = connectionString;
        _prefix = prefix;
        _keys = keys;
        _sealer = new RowSealer(keys.Envelope);
    }

    /// <summary>What a SAD says.</summary>
    internal SadClaims Open(string sad) => new SadCodec(_keys.Envelope, _keys.Epoch).Open(new SecretText(sad)).Value;

    /// <summary>
    /// All transactions, by id. A row that a stopped process wrote late, and may be about to seal anew, tells what happened all the same: the product refuses it for its age,
    /// and the judge reads it.
    /// </summary>
    internal async Task<IReadOnlyDictionary<string, TransactionRow>> TransactionsAsync() =>
        (await RowsAsync(SamTable.Transactions)).Where(row => !SpendOutcomes.IsOne(row.Address)).ToDictionary(row => row.Address.RowKey.Split('-')[1], row => Open(AsOfItsSealing(row), RowSchemas.Transaction));

    /// <summary>A signer's counters.</summary>
    internal async Task<CountersRow> CountersAsync(SignerId signer) =>
        Open((await RowsAsync(SamTable.Signers, signer.Value)).Single(row => row.Address == SignerRows.Counters(signer)), RowSchemas.Counters);

    /// <summary>All audit records. Fails when a chain is not whole, or a row of it does not open.</summary>
    internal async Task<IReadOnlyList<AuditRecord>> AuditAsync()
    {
        IReadOnlyList<StoredRow> rows = await RowsAsync(SamTable.Audit);
        foreach (IGrouping<string, StoredRow> chain in rows.Where(AuditTrail.IsOfChain).GroupBy(row => row.Address.PartitionKey.Split('-')[0]))
        {
            StoredRow[] inOrder = [.. chain.OrderBy(row => long.Parse(row.Address.RowKey, CultureInfo.InvariantCulture))];
            Assert.Null(ChainChecker.FindFault(chain.Key, inOrder));
        }

        return AuditTrail.Open(rows, _keys);
    }

    /// <summary>Opens every row of signers, logins and clients: one that no seal opens any more is lost for good, because nothing writes it anew.</summary>
    internal async Task<IReadOnlyList<string>> FindLostAsync()
    {
        List<string> lost = [];
        foreach (StoredRow row in (StoredRow[])[.. await RowsAsync(SamTable.Signers), .. await RowsAsync(SamTable.Logins), .. await RowsAsync(SamTable.Clients)])
        {
            if (_sealer.Open(row, RowSchemas.NameOf(row.Address)).IsRefused(out Refusal? refusal, out _))
            {
                lost.Add($"{row.Address}: {refusal.Code}");
            }
        }

        return lost;
    }

    private StoredRow AsOfItsSealing(StoredRow row) =>
        Enumerable.Range(0, MostLateness).Select(late => row with { Timestamp = row.Timestamp - (late * RowSealer.Tolerance) })
            .FirstOrDefault(earlier => _sealer.Open(earlier, RowSchemas.Transaction.Name).Refusal is null) ?? row;

    private T Open<T>(StoredRow row, RowSchema<T> schema)
        where T : class =>
        _sealer.Open(row, schema.Name).IsRefused(out Refusal? refusal, out byte[]? plaintext)
            ? throw new InvalidDataException($"{row.Address}: {refusal.Code}")
            : JsonSerializer.Deserialize(plaintext, schema.Json)!;

    private async Task<IReadOnlyList<StoredRow>> RowsAsync(SamTable table, string? partition = null)
    {
        TableClient client = new TableServiceClient(_connectionString).GetTableClient(_prefix + table);
        List<StoredRow> rows = [];
        await foreach (TableEntity entity in client.QueryAsync<TableEntity>(
            partition is null ? null : $"PartitionKey eq '{partition}'", cancellationToken: TestContext.Current.CancellationToken))
        {
            rows.Add(RowEntity.ToRow(new RowAddress(table, entity.PartitionKey, entity.RowKey), entity));
        }

        return rows;
    }
}
