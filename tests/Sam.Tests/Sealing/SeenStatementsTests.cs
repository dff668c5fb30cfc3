using Sam.Core.Sealing;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Sealing;

/// <summary>What was seen to hold holds for itself and for nothing beside it.</summary>
public sealed class SeenStatementsTests : IAsyncLifetime
{
    private static readonly byte[] _statement = AssociatedData.Of("sam-test/1", "alice", "phone");

    private SamTestBed _bed = null!;
    private byte[] _signature = [];
    private SeenStatements _seen = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _signature = await _bed.SystemKeys.Identity.SignAsync(_statement, CancellationToken.None);
        _seen = new SeenStatements(_bed.SystemKeys.Identity);
        Assert.True(_seen.Verify(_statement, _signature));
        Assert.True(_seen.Verify(_statement, _signature));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public void Every_bit_of_statement_and_signature_counts_after_it_was_seen_too()
    {
        Assert.All(Flips(_statement), flipped => Assert.False(_seen.Verify(flipped, _signature)));
        Assert.All(Flips(_signature), flipped => Assert.False(_seen.Verify(_statement, flipped)));
    }

    /// <summary>The same bytes, cut at another place.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public void No_byte_of_the_one_passes_for_a_byte_of_the_other()
    {
        byte[] both = [.. _signature, .. _statement];
        Assert.All(
            Enumerable.Range(0, both.Length + 1).Where(cut => cut != _signature.Length),
            cut => Assert.False(_seen.Verify(both[cut..], both[..cut])));
    }

    private static IEnumerable<byte[]> Flips(byte[] bytes) => Enumerable.Range(0, bytes.Length * 8).Select(bit =>
    {
        byte[] flipped = [.. bytes];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    });
}
