using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Sam.Cli.Audit;
using Sam.Core.Audit;
using Sam.Storage.Blobs;
using Sam.Testing.Tables;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.Storage;

/// <summary>Heads in append blobs, as the verifier reads them.</summary>
[Trait("Requirement", "SYS-4")]
public sealed class BlobHeadWitnessTests : IAsyncLifetime
{
    private static readonly string _chain = new('a', 32);

    private readonly AzuriteFixture _azurite = new("blob");
    private readonly TestClock _clock = new();
    private BlobContainerClient _container = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _azurite.InitializeAsync();
        _container = new BlobContainerClient(_azurite.ConnectionString, "heads");
        await _container.CreateAsync(cancellationToken: Cancellation);
    }

    public ValueTask DisposeAsync() => _azurite.DisposeAsync();

    [Fact]
    public async Task Heads_are_added_line_by_line_for_each_chain_and_day_and_none_is_lost()
    {
        BlobHeadWitness one = new(_container, _clock);
        BlobHeadWitness two = new(_container, _clock);
        for (int i = 0; i < 10; i++)
        {
            await one.KeepAsync(Head(_chain, i), Cancellation);
            await two.KeepAsync(Head(new string('b', 32), i), Cancellation);
        }

        // A process that comes back to a blob that is there adds to it.
        await new BlobHeadWitness(_container, _clock).KeepAsync(Head(_chain, 10), Cancellation);
        _clock.Advance(TimeSpan.FromDays(1));
        await one.KeepAsync(Head(_chain, 11), Cancellation);

        List<string> names = [];
        await foreach (BlobItem blob in _container.GetBlobsAsync(cancellationToken: Cancellation))
        {
            names.Add(blob.Name);
        }

        Assert.Equal(3, names.Count);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (long)i), (await ReadAsync(names)).Where(h => h.ChainId == _chain).Select(h => h.Sequence).Order());
        Assert.Equal(10, (await ReadAsync(names)).Count(h => h.ChainId == new string('b', 32)));
    }

    [Fact]
    public async Task A_container_that_is_not_there_is_told_and_the_next_try_works()
    {
        BlobContainerClient late = new(_azurite.ConnectionString, "late");
        BlobHeadWitness witness = new(late, _clock);
        _ = await Assert.ThrowsAsync<RequestFailedException>(() => witness.KeepAsync(Head(_chain, 0), Cancellation));
        await late.CreateAsync(cancellationToken: Cancellation);
        await witness.KeepAsync(Head(_chain, 0), Cancellation);
        Assert.Equal(1, (await late.GetAppendBlobClient($"{_clock.GetUtcNow():yyyy-MM-dd}/{_chain}").GetPropertiesAsync(cancellationToken: Cancellation)).Value.BlobCommittedBlockCount);
    }

    [Fact]
    public void Heads_do_not_travel_in_the_clear() =>
        Assert.Throws<ArgumentException>(() => BlobHeadWitness.Open(new Uri("http://account.blob.core.windows.net/heads"), null, TimeProvider.System));

    private static ChainHead Head(string chain, long sequence) => new(chain, sequence, Enumerable.Repeat((byte)sequence, 32).ToArray());

    private async Task<List<ChainHead>> ReadAsync(IEnumerable<string> blobs)
    {
        string file = Path.GetTempFileName();
        try
        {
            await using (FileStream all = File.OpenWrite(file))
            {
                foreach (string blob in blobs)
                {
                    _ = await _container.GetBlobClient(blob).DownloadToAsync(all, Cancellation);
                }
            }

            return [.. WitnessFile.Read(file).Select(line => line.Head ?? throw new InvalidOperationException($"Line {line.Line} is none."))];
        }
        finally
        {
            File.Delete(file);
        }
    }
}
