using Sam.Core.Keys;
using Xunit;

namespace Sam.Testing.Conformance;

/// <summary>What every <see cref="IRandomBytes"/> must do; where the HSM has none, it must refuse.</summary>
public abstract class RandomBytesConformance : KeyBackendSuite
{
    private IRandomBytes Source => Assert.IsType<IRandomBytes>(Backend, exactMatch: false);

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(IRandomBytes.MaxCount)]
    public async Task As_many_bytes_come_as_were_asked_for(int count)
    {
        if (Backend.Description.Missing.HasFlag(KeyBackendCapabilities.RandomBytes))
        {
            await FailsAsync(KeyBackendFailure.Rejected, () => Source.GetRandomBytesAsync(count, Cancellation));
            return;
        }

        Assert.Equal(count, (await Source.GetRandomBytesAsync(count, Cancellation)).Length);
    }

    [Fact]
    public async Task They_are_not_the_same_twice()
    {
        if (Backend.Description.Missing.HasFlag(KeyBackendCapabilities.RandomBytes))
        {
            await FailsAsync(KeyBackendFailure.Rejected, () => Source.GetRandomBytesAsync(32, Cancellation));
            return;
        }

        byte[][] values = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Source.GetRandomBytesAsync(32, Cancellation)));

        Assert.Equal(values.Length, values.Select(Convert.ToHexString).Distinct().Count());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(IRandomBytes.MaxCount + 1)]
    public async Task A_count_that_cannot_be_is_a_callers_mistake(int count) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Source.GetRandomBytesAsync(count, Cancellation));
}
