using Sam.Core.Results;
using Xunit;

namespace Sam.Tests.Results;

public sealed class ResultTests
{
    [Fact]
    public void A_result_is_a_value_or_a_refusal()
    {
        Result<string> value = "x";
        Assert.False(value.IsRefused(out Refusal? none, out string? x));
        Assert.Equal((null, "x", "x"), (none, x, value.Value));
        Assert.Null(value.Refusal);

        Result<string> refused = new Refusal(SamErrorCode.ParameterInvalid, "hashes");
        Assert.True(refused.IsRefused(out Refusal? refusal, out string? y));
        Assert.Equal((SamErrorCode.ParameterInvalid, "hashes", null), (refusal.Code, refusal.Parameter, y));
        Assert.Throws<InvalidOperationException>(() => refused.Value);
    }

    [Fact]
    public void A_code_is_a_refusal_that_blames_no_parameter()
    {
        Result<string> refused = SamErrorCode.SadSpent;
        Assert.Equal(new Refusal(SamErrorCode.SadSpent), refused.Refusal);
    }

    [Fact]
    public void A_result_that_was_never_set_is_neither()
    {
        Result<string> never = default;
        Assert.Throws<InvalidOperationException>(() => never.Value);
        Assert.Throws<InvalidOperationException>(() => never.IsRefused(out _, out _));
    }

    [Fact]
    public void An_interface_is_wrapped_by_name() => Assert.Equal([1, 2], Result.Ok<IReadOnlyList<int>>([1, 2]).Value);
}
