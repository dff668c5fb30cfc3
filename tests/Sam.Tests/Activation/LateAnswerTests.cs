using Sam.Core.Activation;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>An answer that is given again obeys the same end as the first one: what was judged more than 10 s ago may have been stopped since (security decision 6).</summary>
[Trait("Requirement", "SIG-2d")]
public sealed class LateAnswerTests
{
    private static readonly Digest _digest = Digests.Of("contract");

    [Theory]
    [InlineData(10_000, null)]
    [InlineData(10_001, SamErrorCode.SigningTooSlow)]
    public async Task What_was_judged_too_long_ago_is_not_given_again(int milliseconds, SamErrorCode? cause)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SignHashRequest request = bed.SigningOf(signer, await bed.AuthorizeAsync(signer, _digest), _digest) with { Retry = Mark() };
        Assert.Null((await bed.Sam.SignHashAsync(request, CancellationToken.None)).Refusal);
        bed.Rows.After = call =>
        {
            if (call.Address.RowKey?.Contains("-answer-", StringComparison.Ordinal) == true)
            {
                bed.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            }

            return Task.CompletedTask;
        };

        Assert.Equal(cause, (await bed.Sam.SignHashAsync(request, CancellationToken.None)).Refusal?.Code);
    }

    private static RetryMark Mark() => RetryMark.TryCreate("first", "body"u8, out RetryMark? mark) ? mark : throw new InvalidOperationException();
}
