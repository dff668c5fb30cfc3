using System.Security.Cryptography;
using Azure.Data.Tables;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Storage.Tables;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

/// <summary>Whoever has the account's key writes what they like. It reads as a broken row; it crashes nothing and is never taken for content.</summary>
[Trait("Requirement", "T-INS-3")]
public sealed class ForeignRowsTests
{
    private static readonly RowAddress _address = new(SamTable.Clients, "partition", "row");

    private readonly AzuriteFixture _azurite;

    public ForeignRowsTests(AzuriteFixture azurite) => _azurite = azurite;

    public static TheoryData<string> Forms { get; } =
    [
        "no chunk", "a text", "a number", "an empty chunk", "a gap", "a short chunk before another", "one property more", "nine chunks", "another name",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_row_in_a_foreign_form_has_no_content_and_is_refused_as_broken(string form)
    {
        TableStoreOptions options = AzuriteStores.Options(_azurite.ConnectionString);
        using TableRowStore store = await TableRowStore.OpenAsync(options, TimeProvider.System, Cancellation);
        TableClient insider = new(_azurite.ConnectionString, options.TablePrefix + _address.Table);
        await insider.AddEntityAsync(Entity(form), Cancellation);

        StoredRow? row = await store.ReadAsync(_address, Cancellation);
        StoredRow listed = Assert.Single(await store.ListAsync(_address.Table, _address.PartitionKey, "", "~", Cancellation).ToListAsync(Cancellation));

        Assert.NotNull(row);
        Assert.True(row.Content.IsEmpty);
        Assert.True(listed.Content.IsEmpty);
        using DataKey key = new(RandomNumberGenerator.GetBytes(DataKey.IdSizeInBytes), RandomNumberGenerator.GetBytes(DataKey.SizeInBytes));
        SealedRows rows = new(store, new RowSealer(new Envelope(key)));
        Assert.Equal(SamErrorCode.RowBroken, (await rows.ReadAsync(_address, RowSchemas.Client, Cancellation)).Refusal?.Code);
    }

    private static TableEntity Entity(string form)
    {
        TableEntity entity = new(_address.PartitionKey, _address.RowKey);
        foreach ((string name, object value) in Properties(form))
        {
            entity[name] = value;
        }

        return entity;
    }

    private static IEnumerable<(string Name, object Value)> Properties(string form) => form switch
    {
        "no chunk" => [],
        "a text" => [("C0", "text")],
        "a number" => [("C0", 1L)],
        "an empty chunk" => [("C0", Array.Empty<byte>())],
        "a gap" => [("C0", new byte[64 * 1024]), ("C2", new byte[1])],
        "a short chunk before another" => [("C0", new byte[10]), ("C1", new byte[10])],
        "one property more" => [("C0", new byte[10]), ("D", new byte[10])],
        "nine chunks" => [.. Enumerable.Range(0, 9).Select(i => ($"C{i}", (object)new byte[64 * 1024]))],
        _ => [("c0", new byte[10])],
    };
}
