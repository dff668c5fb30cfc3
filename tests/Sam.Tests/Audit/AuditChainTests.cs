using Sam.Core.Audit;
using Xunit;

namespace Sam.Tests.Audit;

public sealed class AuditChainTests
{
    private static readonly string _chain = new('a', AuditFormat.ChainIdSize);

    [Fact]
    public void A_row_gives_its_batch_back()
    {
        byte[] head = [.. Enumerable.Range(0, AuditFormat.HashSize).Select(i => (byte)i)];
        Assert.True(AuditChain.TrySplit(AuditChain.Content(NewRatchet(), 5, 3, head, new byte[AuditFormat.HashSize], [7, 8, 9]), out ReadOnlyMemory<byte> batch));
        Assert.Equal([7, 8, 9], batch.ToArray());
    }

    [Fact]
    public void A_row_of_another_version_or_without_a_batch_is_not_read()
    {
        byte[] content = AuditChain.Content(NewRatchet(), 0, 1, AuditChain.Genesis.Span, new byte[AuditFormat.HashSize], [7]);
        Assert.False(AuditChain.TrySplit(content.AsMemory(..^1), out _));
        content[0] ^= 0x01;
        Assert.False(AuditChain.TrySplit(content, out _));
    }

    [Fact]
    [Trait("Requirement", "SYS-4")]
    public void The_key_of_a_row_is_forgotten_with_the_next()
    {
        AuditRatchet ratchet = NewRatchet();
        byte[] first = AuditChain.Content(ratchet, 0, 1, AuditChain.Genesis.Span, new byte[AuditFormat.HashSize], [7]);
        ratchet.Turn();
        byte[] again = AuditChain.Content(ratchet, 0, 1, AuditChain.Genesis.Span, new byte[AuditFormat.HashSize], [7]);
        Assert.NotEqual(first, again);
        Assert.Equal(first[..AuditFormat.MacOffset], again[..AuditFormat.MacOffset]);
    }

    private static AuditRatchet NewRatchet() => AuditRatchet.Of(_chain, new byte[32]);
}
