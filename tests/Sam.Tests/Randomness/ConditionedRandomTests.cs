using System.Security.Cryptography;
using Sam.Core.Keys;
using Sam.Core.Randomness;
using Xunit;

namespace Sam.Tests.Randomness;

/// <summary>What becomes of what a source and an HSM give.</summary>
[Trait("Requirement", "SYS-2")]
public sealed class ConditionedRandomTests
{
    private bool _stuck;
    private int _drawn;

    [Fact]
    public void A_source_that_gets_stuck_stops_the_issuing_for_good()
    {
        ConditionedRandom random = new(Draw);
        random.Fill(new byte[48]);
        Assert.True(random.IsSound);

        _stuck = true;
        byte[] wanted = new byte[32];
        Assert.Throws<RandomnessException>(() => random.Fill(wanted));
        Assert.False(random.IsSound);
        Assert.Equal(new byte[32], wanted);

        // That it gives something again proves nothing.
        _stuck = false;
        Assert.Contains("operating system", Assert.Throws<RandomnessException>(() => random.Fill(wanted)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_alarm_may_be_chance()
    {
        ConditionedRandom random = new(Draw);
        random.Fill(new byte[16]);
        _stuck = true;

        // The source recovers with the second look.
        int drawn = _drawn;
        random = new(destination =>
        {
            Draw(destination);
            _stuck = false;
        });
        byte[] wanted = new byte[16];
        random.Fill(wanted);
        Assert.True(random.IsSound);
        Assert.True(_drawn - drawn > ConditionedRandom.SecondLook);
        Assert.NotEqual(new byte[16], wanted);
    }

    [Fact]
    public async Task What_the_HSM_gave_changes_all_that_follows()
    {
        // A source that an attacker knows: it passes, and yet tells them all.
        byte[] seed = RandomNumberGenerator.GetBytes(32);
        ConditionedRandom[] three = [new(Known(seed)), new(Known(seed)), new(Known(seed))];
        byte[][] before = [.. three.Select(Take)];
        Assert.Equal(before[0], before[1]);

        await three[0].MixAsync(new Hsm(), TestContext.Current.CancellationToken);
        await three[1].MixAsync(new Hsm(), TestContext.Current.CancellationToken);
        byte[][] after = [.. three.Select(Take)];
        Assert.Equal(3, after.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void Nobody_who_has_the_key_of_now_has_what_was_given_before()
    {
        // The stream's key is replaced with each use: the same raw bytes give another result.
        byte[] fixedBlock = RandomNumberGenerator.GetBytes(64);
        byte[][] given = [.. Enumerable.Range(0, 8).Select(i =>
        {
            byte[] result = new byte[64];
            ConditionedRandom random = new(destination => fixedBlock.AsSpan(0, destination.Length).CopyTo(destination));
            random.Fill(result);
            return result;
        })];
        Assert.Single(given.Select(Convert.ToHexString).Distinct());

        ConditionedRandom one = new(Known(fixedBlock[..32]));
        Assert.Equal(64, Enumerable.Range(0, 64).Select(_ => Convert.ToHexString(Take(one))).Distinct().Count());
    }

    [Theory]
    [InlineData("stuck")]
    [InlineData("the same each time")]
    public async Task An_HSM_whose_numbers_are_none_stops_the_issuing(string kind)
    {
        ConditionedRandom random = new(Draw);
        byte[] same = RandomNumberGenerator.GetBytes(IRandomBytes.MaxCount);
        Hsm hsm = new(kind == "stuck" ? new byte[IRandomBytes.MaxCount] : same);
        Assert.Contains("HSM", (await Assert.ThrowsAsync<RandomnessException>(() => random.MixAsync(hsm, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        Assert.False(random.IsSound);
        Assert.Throws<RandomnessException>(() => random.Fill(new byte[1]));
    }

    [Fact]
    public async Task An_HSM_that_is_away_changes_nothing()
    {
        ConditionedRandom random = new(Draw);
        await Assert.ThrowsAsync<KeyBackendException>(() => random.MixAsync(new Hsm { IsAway = true }, TestContext.Current.CancellationToken));
        Assert.True(random.IsSound);
        random.Fill(new byte[16]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(1023)]
    [InlineData(5000)]
    public void As_many_bytes_come_as_are_asked_for(int count)
    {
        ConditionedRandom random = new(Draw);
        byte[] wanted = new byte[count];
        random.Fill(wanted);
        Assert.True(count < 16 || wanted.AsSpan(count - 16).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Characters_of_an_alphabet_have_equal_chances()
    {
        const string Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
        const int Count = 31_000;
        int[] seen = [.. RandomSource.GetString(Alphabet, Count).GroupBy(c => c).Select(g => g.Count())];
        Assert.Equal(Alphabet.Length, seen.Length);

        // Chi-squared with 30 degrees of freedom is above 160 once in 10^19.
        Assert.True(seen.Sum(n => Math.Pow(n - 1000, 2) / 1000) < 160, string.Join(' ', seen));
        Assert.Equal(string.Empty, RandomSource.GetString(Alphabet, 0));
    }

    private static byte[] Take(ConditionedRandom random)
    {
        byte[] bytes = new byte[32];
        random.Fill(bytes);
        return bytes;
    }

    private static ConditionedRandom.Source Known(byte[] seed)
    {
        int n = 0;
        return destination => HKDF.Expand(HashAlgorithmName.SHA256, seed, destination, BitConverter.GetBytes(n++));
    }

    private void Draw(Span<byte> destination)
    {
        _drawn += destination.Length;
        RandomNumberGenerator.Fill(destination);
        if (_stuck)
        {
            destination.Fill(0xa5);
        }
    }

    /// <summary>An HSM that gives random bytes, or always these.</summary>
    private sealed class Hsm(byte[]? always = null) : IRandomBytes
    {
        internal bool IsAway { get; init; }

        public Task<byte[]> GetRandomBytesAsync(int count, CancellationToken cancellationToken) =>
            IsAway ? throw new KeyBackendException(KeyBackendFailure.Unavailable, "test") : Task.FromResult(always is null ? RandomNumberGenerator.GetBytes(count) : [.. always[..count]]);
    }
}
