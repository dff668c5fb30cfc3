using System.Security.Cryptography;
using Sam.Core.Rows;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>What authorize and signHash ask of the storage, counted at the transport: the budget of security decision 6, and the table in the README of Sam.Storage.Tables.</summary>
public sealed class RoundTripTests : IAsyncLifetime
{
    private readonly AzuriteFixture _azurite;
    private readonly Deployment _deployment;
    private TableProxy? _proxy;
    private LocalHostProcess? _host;

    public RoundTripTests(SoftHsmFixture hsm, AzuriteFixture azurite)
    {
        _azurite = azurite;
        _deployment = new Deployment(hsm, azurite);
    }

    public async ValueTask InitializeAsync()
    {
        _proxy = await _azurite.StartProxyAsync();
        _host = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.DisposeAsync();
        await _proxy!.DisposeAsync();
    }

    [Fact]
    public async Task Authorize_reads_once_and_writes_the_reservation_the_refund_and_the_transaction()
    {
        (CscClient client, TestCredential credential) = await _host!.MakeAsync();
        _ = await client.GetSadAsync(credential, RandomNumberGenerator.GetBytes(32));

        Assert.Equal(
            ["Insert Audit", "Insert Transactions", "Read Signers credential", "Replace Signers counters", "Replace Signers counters"],
            await CountAsync(() => client.GetSadAsync(credential, RandomNumberGenerator.GetBytes(32))));
    }

    [Fact]
    public async Task Authorize_by_a_process_that_does_not_know_the_counters_reads_them_too()
    {
        (CscClient client, TestCredential credential) = await _host!.MakeAsync();
        await using LocalHostProcess cold = await StartAsync();
        CscClient coldClient = client.At(cold.Http);
        Assert.Equal(
            ["Insert Audit", "Insert Transactions", "Read Signers counters", "Read Signers credential", "Replace Signers counters", "Replace Signers counters"],
            await CountAsync(() => coldClient.GetSadAsync(credential, RandomNumberGenerator.GetBytes(32))));
    }

    [Fact]
    public async Task SignHash_reads_three_rows_and_one_of_them_again_and_writes_once()
    {
        (CscClient client, TestCredential credential) = await _host!.MakeAsync();
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        string sad = await client.GetSadAsync(credential, digest);
        Assert.Equal(
            ["Insert Audit", "Read Clients", "Read Signers credential", "Read Signers credential", "Read Transactions", "Replace Transactions"],
            await CountAsync(() => client.SignHashAsync(credential, sad, [digest])));
    }

    private Task<LocalHostProcess> StartAsync() => _deployment.StartAsync(
        ("Sam__Storage__ConnectionString", _azurite.ConnectionStringFor(_proxy!)),
        ("Sam__Audit__ConnectionString", _azurite.ConnectionStringFor(_proxy!)),

        // Checkpoints are on nobody's path, and would be counted when they happen to be made.
        ("Sam__Audit__CheckpointInterval", "01:00:00"));

    private async Task<string[]> CountAsync(Func<Task> call)
    {
        _proxy!.Forget();
        await call();
        return [.. _proxy.Requests.Select(Describe).Order(StringComparer.Ordinal)];
    }

    private static string Describe(TableRequest request)
    {
        string table = Enum.GetNames<SamTable>().First(name => request.Table.EndsWith(name, StringComparison.Ordinal));
        string row = table == nameof(SamTable.Signers) ? " " + request.RowKey!.Split('-')[0] : string.Empty;
        return $"{request.Kind} {table}{row}";
    }
}
