using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Testing.Conformance;

/// <summary>What every <see cref="IKeyWrapping"/> must do.</summary>
public abstract class KeyWrappingConformance : KeyBackendSuite
{
    private IKeyWrapping Wrapping => Assert.IsType<IKeyWrapping>(Backend, exactMatch: false);

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    public async Task What_was_wrapped_is_unwrapped(int length)
    {
        KeyReference key = await KeepAsync(Wrapping.CreateWrappingKeyAsync(Cancellation));
        byte[] secret = RandomNumberGenerator.GetBytes(length);
        byte[] untouched = [.. secret];

        byte[] wrapped = await Wrapping.WrapAsync(key, secret, Cancellation);

        Assert.Equal(untouched, secret);
        Assert.True(wrapped.AsSpan().IndexOf(secret.AsSpan(0, 8)) < 0);
        Assert.Equal(secret, await Wrapping.UnwrapAsync(key, wrapped, Cancellation));
        Assert.Equal(secret, await Wrapping.UnwrapAsync(key, wrapped, Cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(16)]
    public async Task A_secret_that_ends_in_zeros_keeps_them(int zeros)
    {
        KeyReference key = await KeepAsync(Wrapping.CreateWrappingKeyAsync(Cancellation));
        foreach (int length in (int[])[16, 20, 24, 32])
        {
            byte[] secret = RandomNumberGenerator.GetBytes(length);
            secret.AsSpan(length - zeros).Clear();

            Assert.Equal(secret, await Wrapping.UnwrapAsync(key, await Wrapping.WrapAsync(key, secret, Cancellation), Cancellation));
        }
    }

    [Fact]
    public async Task Bytes_that_another_key_wrapped_are_rejected()
    {
        KeyReference mine = await KeepAsync(Wrapping.CreateWrappingKeyAsync(Cancellation));
        KeyReference theirs = await KeepAsync(Wrapping.CreateWrappingKeyAsync(Cancellation));

        byte[] foreign = await Wrapping.WrapAsync(theirs, RandomNumberGenerator.GetBytes(32), Cancellation);

        await FailsAsync(KeyBackendFailure.Rejected, () => Wrapping.UnwrapAsync(mine, foreign, Cancellation));
    }

    [Fact]
    public async Task Wrapped_bytes_with_one_bit_changed_are_rejected()
    {
        KeyReference key = await KeepAsync(Wrapping.CreateWrappingKeyAsync(Cancellation));
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        byte[] wrapped = await Wrapping.WrapAsync(key, secret, Cancellation);

        for (int i = 0; i < wrapped.Length; i++)
        {
            byte[] changed = [.. wrapped];
            changed[i] ^= 0x01;
            await FailsAsync(KeyBackendFailure.Rejected, () => Wrapping.UnwrapAsync(key, changed, Cancellation));
        }

        Assert.Equal(secret, await Wrapping.UnwrapAsync(key, wrapped, Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(39)]
    [InlineData(40)]
    [InlineData(41)]
    [InlineData(4096)]
    public async Task Bytes_that_nobody_wrapped_are_rejected(int length)
    {
        KeyReference key = await KeepAsync(Wrapping.CreateWrappingKeyAsync(Cancellation));

        await FailsAsync(KeyBackendFailure.Rejected, () => Wrapping.UnwrapAsync(key, RandomNumberGenerator.GetBytes(length), Cancellation));
    }

    [Fact]
    public async Task A_wrapping_key_that_does_not_exist_any_more_is_not_found()
    {
        KeyReference key = await Wrapping.CreateWrappingKeyAsync(Cancellation);
        byte[] wrapped = await Wrapping.WrapAsync(key, new byte[32], Cancellation);

        await Backend.DestroyKeyAsync(key, Cancellation);

        foreach (KeyReference stranger in (KeyReference[])[key, Nobody(), KeyReference.Parse("x")])
        {
            await FailsAsync(KeyBackendFailure.KeyNotFound, () => Wrapping.WrapAsync(stranger, new byte[32], Cancellation));
            await FailsAsync(KeyBackendFailure.KeyNotFound, () => Wrapping.UnwrapAsync(stranger, wrapped, Cancellation));
        }
    }

    [Fact]
    public async Task A_wrapping_key_does_not_sign()
    {
        KeyReference key = await KeepAsync(Wrapping.CreateWrappingKeyAsync(Cancellation));

        await FailsAsync(
            KeyBackendFailure.KeyNotFound, () => Backend.SignDigestsAsync(key, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation));
        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Backend.GetPublicKeyAsync(key, Cancellation));
    }

    [Fact]
    public async Task Many_wrap_and_unwrap_at_a_time()
    {
        KeyReference key = await KeepAsync(Wrapping.CreateWrappingKeyAsync(Cancellation));
        byte[][] secrets = [.. Enumerable.Range(0, 32).Select(_ => RandomNumberGenerator.GetBytes(32))];

        byte[][] back = await Task.WhenAll(secrets.Select(secret => Task.Run(
            async () => await Wrapping.UnwrapAsync(key, await Wrapping.WrapAsync(key, secret, Cancellation), Cancellation), Cancellation)));

        Assert.Equal(secrets, back);
    }
}
