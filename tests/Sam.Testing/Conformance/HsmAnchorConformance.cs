using System.Security.Cryptography;
using Sam.Core.Keys;
using Xunit;

namespace Sam.Testing.Conformance;

/// <summary>What every <see cref="IHsmAnchor"/> must do. The HSM under test has no anchor but those of this suite.</summary>
public abstract class HsmAnchorConformance : KeyBackendSuite
{
    private IHsmAnchor Anchors => Assert.IsType<IHsmAnchor>(Backend, exactMatch: false);

    [Theory]
    [InlineData(1)]
    [InlineData(72)]
    [InlineData(IHsmAnchor.MaxSize)]
    public async Task What_is_written_is_read_byte_by_byte(int size)
    {
        byte[] anchor = RandomNumberGenerator.GetBytes(size);
        await Anchors.WriteAnchorAsync(anchor, await Anchors.ReadAnchorsAsync(Cancellation), Cancellation);
        Assert.Equal(anchor, Assert.Single(await Anchors.ReadAnchorsAsync(Cancellation)));
    }

    [Fact]
    public async Task Those_that_are_superseded_go_and_others_stay()
    {
        byte[][] made = [New(), New(), New()];
        await Anchors.WriteAnchorAsync(made[0], await Anchors.ReadAnchorsAsync(Cancellation), Cancellation);
        await Anchors.WriteAnchorAsync(made[1], [], Cancellation);
        await Anchors.WriteAnchorAsync(made[2], [made[0], New()], Cancellation);
        Assert.Equal(Sorted([made[1], made[2]]), Sorted(await Anchors.ReadAnchorsAsync(Cancellation)));
    }

    /// <summary>Two processes at once: who reads next sees that something is amiss, and not one of the two as if it were the only one.</summary>
    [Fact]
    public async Task Two_that_supersede_the_same_one_leave_two()
    {
        (byte[] first, byte[] one, byte[] other) = (New(), New(), New());
        await Anchors.WriteAnchorAsync(first, await Anchors.ReadAnchorsAsync(Cancellation), Cancellation);

        await Anchors.WriteAnchorAsync(one, [first], Cancellation);
        await Anchors.WriteAnchorAsync(other, [first], Cancellation);

        Assert.Equal(Sorted([one, other]), Sorted(await Anchors.ReadAnchorsAsync(Cancellation)));
    }

    [Fact]
    public async Task Writing_one_again_makes_no_second_one_and_takes_none_away()
    {
        byte[] anchor = New();
        await Anchors.WriteAnchorAsync(anchor, await Anchors.ReadAnchorsAsync(Cancellation), Cancellation);
        await Anchors.WriteAnchorAsync(anchor, [anchor], Cancellation);
        Assert.Equal(anchor, Assert.Single(await Anchors.ReadAnchorsAsync(Cancellation)));
    }

    [Fact]
    public async Task Another_process_reads_it()
    {
        byte[] anchor = New();
        await Anchors.WriteAnchorAsync(anchor, await Anchors.ReadAnchorsAsync(Cancellation), Cancellation);
        IKeyBackend other = await OpenAgainAsync(Cancellation);
        Assert.Equal(anchor, Assert.Single(await Assert.IsType<IHsmAnchor>(other, exactMatch: false).ReadAnchorsAsync(Cancellation)));
        if (!ReferenceEquals(other, Backend))
        {
            await other.DisposeAsync();
        }
    }

    [Fact]
    public async Task Many_read_at_once_while_one_writes()
    {
        byte[] first = New();
        await Anchors.WriteAnchorAsync(first, await Anchors.ReadAnchorsAsync(Cancellation), Cancellation);
        Task<IReadOnlyList<byte[]>>[] reading = [.. Enumerable.Range(0, 16).Select(_ => Task.Run(() => Anchors.ReadAnchorsAsync(Cancellation)))];
        byte[] second = New();
        await Anchors.WriteAnchorAsync(second, [first], Cancellation);
        foreach (IReadOnlyList<byte[]> read in await Task.WhenAll(reading))
        {
            // Before, after, or both: never none.
            Assert.NotEmpty(read);
            Assert.All(read, anchor => Assert.True(anchor.AsSpan().SequenceEqual(first) || anchor.AsSpan().SequenceEqual(second)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(IHsmAnchor.MaxSize + 1)]
    public async Task Other_sizes_are_refused(int size) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Anchors.WriteAnchorAsync(new byte[size], [], Cancellation));

    /// <summary>The same HSM, as another process opens it.</summary>
    protected abstract Task<IKeyBackend> OpenAgainAsync(CancellationToken cancellationToken);

    private static byte[] New() => RandomNumberGenerator.GetBytes(72);

    private static IEnumerable<string> Sorted(IReadOnlyList<byte[]> anchors) => anchors.Select(Convert.ToHexString).Order(StringComparer.Ordinal);
}
