using CsCheck;
using Sam.Core.Sealing;
using Xunit;

namespace Sam.Tests.Sealing;

public sealed class AssociatedDataTests
{
    [Fact]
    public void Each_text_has_its_length_before_it() =>
        Assert.Equal([0, 1, (byte)'a', 0, 0, 0, 2, 0xc3, 0xa9], AssociatedData.Of("a", string.Empty, "é"));

    [Fact]
    public void No_two_lists_of_texts_give_the_same_bytes() =>
        Gen.Select(Gen.String[0, 3].Array[0, 4], Gen.String[0, 3].Array[0, 4])
            .Where(pair => WellFormed(pair.Item1) && WellFormed(pair.Item2))
            .Sample((a, b) => AssociatedData.Of(a).AsSpan().SequenceEqual(AssociatedData.Of(b)) == a.SequenceEqual(b));

    [Fact]
    public void A_text_too_long_for_its_length_is_refused() => Assert.Throws<OverflowException>(() => AssociatedData.Of(new string('x', 65_536)));

    private static bool WellFormed(string[] texts) => !texts.Any(t => t.Any(char.IsSurrogate));
}
