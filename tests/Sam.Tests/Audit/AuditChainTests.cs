using Sam.Core.Audit;
using Xunit;

namespace Sam.Tests.Audit;

public sealed class AuditChainTests
{
    [Fact]
    public void A_row_is_split_into_the_head_before_it_and_its_batch()
    {
        byte[] head = [.. Enumerable.Range(0, AuditChain.HeadSize).Select(i => (byte)i)];
        Assert.True(AuditChain.TrySplit(AuditChain.Content(head, [7, 8, 9]), out ReadOnlyMemory<byte> previous, out ReadOnlyMemory<byte> batch));
        Assert.Equal(head, previous.ToArray());
        Assert.Equal([7, 8, 9], batch.ToArray());
    }

    [Fact]
    public void A_row_of_another_version_or_without_a_batch_is_not_read()
    {
        byte[] content = AuditChain.Content(AuditChain.Genesis.Span, [7]);
        Assert.False(AuditChain.TrySplit(content.AsMemory(..^1), out _, out _));
        content[0] ^= 0x03;
        Assert.False(AuditChain.TrySplit(content, out _, out _));
    }
}
