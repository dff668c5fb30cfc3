using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Testing.Conformance;

/// <summary>What every <see cref="IMacKeys"/> must do.</summary>
public abstract class MacKeysConformance : KeyBackendSuite
{
    private IMacKeys Macs => Assert.IsType<IMacKeys>(Backend, exactMatch: false);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(4096)]
    public async Task A_mac_has_32_bytes_and_is_the_same_each_time(int length)
    {
        KeyReference key = await KeepAsync(Macs.CreateMacKeyAsync(Cancellation));
        byte[] data = RandomNumberGenerator.GetBytes(length);

        byte[] mac = await Macs.ComputeMacAsync(key, data, Cancellation);

        Assert.Equal(32, mac.Length);
        Assert.Equal(mac, await Macs.ComputeMacAsync(key, data, Cancellation));
    }

    [Fact]
    public async Task Another_key_or_other_data_give_another_mac()
    {
        KeyReference key = await KeepAsync(Macs.CreateMacKeyAsync(Cancellation));
        KeyReference other = await KeepAsync(Macs.CreateMacKeyAsync(Cancellation));
        byte[] data = RandomNumberGenerator.GetBytes(100);
        byte[] changed = [.. data];
        changed[^1] ^= 0x01;

        byte[][] macs =
        [
            await Macs.ComputeMacAsync(key, data, Cancellation),
            await Macs.ComputeMacAsync(other, data, Cancellation),
            await Macs.ComputeMacAsync(key, changed, Cancellation),
            await Macs.ComputeMacAsync(key, data.AsMemory(0, 99), Cancellation),
        ];

        Assert.Equal(macs.Length, macs.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public async Task A_mac_key_that_does_not_exist_any_more_is_not_found()
    {
        KeyReference key = await Macs.CreateMacKeyAsync(Cancellation);
        await Macs.ComputeMacAsync(key, new byte[1], Cancellation);

        await Backend.DestroyKeyAsync(key, Cancellation);

        foreach (KeyReference stranger in (KeyReference[])[key, Nobody(), KeyReference.Parse("x")])
        {
            await FailsAsync(KeyBackendFailure.KeyNotFound, () => Macs.ComputeMacAsync(stranger, new byte[1], Cancellation));
        }
    }

    [Fact]
    public async Task A_mac_key_does_not_sign_and_a_signing_key_makes_no_mac()
    {
        KeyReference macKey = await KeepAsync(Macs.CreateMacKeyAsync(Cancellation));
        SigningKey signingKey = await GenerateAsync(KeyAlgorithm.P256);

        await FailsAsync(
            KeyBackendFailure.KeyNotFound, () => Backend.SignDigestsAsync(macKey, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation));
        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Macs.ComputeMacAsync(signingKey.Reference, new byte[1], Cancellation));
    }

    [Fact]
    public async Task Many_macs_at_a_time_are_each_for_their_own_data()
    {
        KeyReference key = await KeepAsync(Macs.CreateMacKeyAsync(Cancellation));
        byte[][] data = [.. Enumerable.Range(0, 64).Select(i => new byte[i])];
        List<byte[]> expected = [];
        foreach (byte[] item in data)
        {
            expected.Add(await Macs.ComputeMacAsync(key, item, Cancellation));
        }

        byte[][] macs = await Task.WhenAll(data.Select(item => Task.Run(() => Macs.ComputeMacAsync(key, item, Cancellation), Cancellation)));

        Assert.Equal(expected, macs);
    }
}
