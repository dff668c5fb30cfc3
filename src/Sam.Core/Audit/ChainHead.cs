using System.Globalization;

namespace Sam.Core.Audit;

/// <summary>What a chain was up to one of its rows. Who knows it knows whether any row up to there was changed since.</summary>
/// <param name="ChainId">The chain: 32 hexadecimal digits.</param>
/// <param name="Sequence">The row.</param>
/// <param name="Hash">The head after it: 32 bytes.</param>
public sealed record ChainHead(string ChainId, long Sequence, ReadOnlyMemory<byte> Hash)
{
    /// <summary><c>CHAIN SEQUENCE HASH</c>: a line of a file of heads, and a client's receipt.</summary>
    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{ChainId} {Sequence} {Convert.ToHexStringLower(Hash.Span)}");
}
