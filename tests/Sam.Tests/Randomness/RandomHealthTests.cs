using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Sam.Core.Randomness;
using Xunit;

namespace Sam.Tests.Randomness;

/// <summary>Sources that are none, and how soon that is noticed; and that a good one is left alone.</summary>
[Trait("Requirement", "SYS-2")]
public sealed class RandomHealthTests
{
    // 2^-60 of what may be called bad by chance.
    private const int FalseAlarmBits = 60;

    /// <summary>What each source gives as its n-th block of 16 bytes, and within how many blocks it must be found out.</summary>
    private static readonly Dictionary<string, (Action<long, Span<byte>> Give, int Within)> _bad = new(StringComparer.Ordinal)
    {
        ["stuck at zero"] = ((_, block) => block.Clear(), 1),
        ["stuck at one value"] = ((_, block) => block.Fill(0x5a), 1),
        ["a counter"] = ((n, block) => BinaryPrimitives.WriteInt64BigEndian(block, n), 3),
        ["the same block again"] = ((_, block) => "0123456789abcdef"u8.CopyTo(block), 2),
        ["a period of a thousand blocks"] = ((n, block) => SHA256.HashData(BitConverter.GetBytes(n % 1000)).AsSpan(0, 16).CopyTo(block), 1001),
        ["ones with 0.6"] = ((_, block) => Biased(block, 6), 200),
        ["ones with 0.4"] = ((_, block) => Biased(block, 4), 200),
        ["one byte in eight is zero"] = ((_, block) => Often(block, 0, 8), 2000),
        ["half of the bytes are lost"] = ((_, block) => Often(block, 0xff, 2), 200),
        ["ASCII digits"] = ((_, block) => Digits(block), 200),
    };

    public static TheoryData<string> Bad => [.. _bad.Keys];

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_source_that_is_none_is_found_out(string kind)
    {
        RandomHealth health = new();
        byte[] block = new byte[RandomHealth.BlockSize];
        int blocks = 0;
        bool good = true;
        for (; good && blocks < _bad[kind].Within; blocks++)
        {
            _bad[kind].Give(blocks, block);
            good = health.Accepts(block);
        }

        Assert.False(good, $"{kind}: not found out by {blocks} blocks");
    }

    [Fact]
    public void A_good_source_is_left_alone()
    {
        RandomHealth health = new();
        byte[] piece = new byte[64 * 1024];
        for (int i = 0; i < 256; i++)
        {
            RandomNumberGenerator.Fill(piece);
            Assert.True(health.Accepts(piece), $"An alarm after {i} pieces, which chance gives once in 2^40 runs.");
        }
    }

    [Fact]
    public void Pieces_are_judged_as_if_they_had_come_in_one()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(4 * RandomHealth.BlockSize);
        bytes.AsSpan(RandomHealth.BlockSize - 4, RandomHealth.RepetitionCutoff).Fill(7);
        RandomHealth whole = new();
        RandomHealth apart = new();
        Assert.False(whole.Accepts(bytes));
        Assert.True(apart.Accepts(bytes.AsSpan(0, RandomHealth.BlockSize)));
        Assert.False(apart.Accepts(bytes.AsSpan(RandomHealth.BlockSize)));
    }

    [Fact]
    public void The_cut_offs_are_the_least_that_keep_the_false_alarms()
    {
        // SP 800-90B section 4.4.1: 1 + ceil(60 / 8).
        Assert.Equal(1 + ((FalseAlarmBits + 7) / 8), RandomHealth.RepetitionCutoff);

        // Section 4.4.2: the first byte, and so many of the other 511, each with 1/256.
        BigInteger[] weights = [.. Enumerable.Range(0, RandomHealth.Window).Select(k => Choose(RandomHealth.Window - 1, k) * BigInteger.Pow(255, RandomHealth.Window - 1 - k))];
        BigInteger all = BigInteger.Pow(256, RandomHealth.Window - 1);
        Assert.Equal(RandomHealth.ProportionCutoff, 1 + LeastTail(weights, all));

        // Ones of 8,192 bits, above their half and as far below it.
        const int Bits = RandomHealth.OnesWindow * 8;
        BigInteger[] coins = new BigInteger[Bits + 1];
        coins[0] = BigInteger.One;
        for (int k = 1; k <= Bits; k++)
        {
            coins[k] = coins[k - 1] * (Bits - k + 1) / k;
        }

        Assert.Equal(RandomHealth.OnesCutoff, LeastTail(coins, BigInteger.One << (Bits - 1)) - (Bits / 2));
    }

    /// <summary>The least value whose tail is at most 2^-60 of all.</summary>
    private static int LeastTail(BigInteger[] weights, BigInteger all)
    {
        BigInteger tail = BigInteger.Zero;
        int value = weights.Length;
        while ((tail + weights[value - 1]) << FalseAlarmBits <= all)
        {
            tail += weights[--value];
        }

        return value;
    }

    private static BigInteger Choose(int n, int k)
    {
        BigInteger result = BigInteger.One;
        for (int i = 1; i <= k; i++)
        {
            result = result * (n - i + 1) / i;
        }

        return result;
    }

    private static void Biased(Span<byte> block, int onesOfTen)
    {
        for (int i = 0; i < block.Length; i++)
        {
            int sample = 0;
            for (int bit = 0; bit < 8; bit++)
            {
                sample = (sample << 1) | (RandomNumberGenerator.GetInt32(10) < onesOfTen ? 1 : 0);
            }

            block[i] = (byte)sample;
        }
    }

    private static void Often(Span<byte> block, int value, int oneOf)
    {
        RandomNumberGenerator.Fill(block);
        for (int i = 0; i < block.Length; i++)
        {
            block[i] = RandomNumberGenerator.GetInt32(oneOf) == 0 ? (byte)value : block[i];
        }
    }

    private static void Digits(Span<byte> block)
    {
        for (int i = 0; i < block.Length; i++)
        {
            block[i] = (byte)('0' + RandomNumberGenerator.GetInt32(10));
        }
    }
}
