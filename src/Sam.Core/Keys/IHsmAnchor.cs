namespace Sam.Core.Keys;

/// <summary>
/// Capability: a few bytes that stand in the HSM itself and outlive the tables (security decision 16). What they mean, and whether they are genuine, is the caller's matter.
/// </summary>
/// <remarks>Every implementation passes <c>HsmAnchorConformance</c>.</remarks>
public interface IHsmAnchor
{
    /// <summary>The longest anchor, in bytes.</summary>
    const int MaxSize = 128;

    /// <summary>All anchors there are, in no order: none before the first is written, one as a rule, and more after a crash.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<IReadOnlyList<byte[]>> ReadAnchorsAsync(CancellationToken cancellationToken);

    /// <summary>Writes an anchor of 1 to 128 bytes, and then deletes those it supersedes, by their bytes; others stay. A crash in between leaves both.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task WriteAnchorAsync(ReadOnlyMemory<byte> anchor, IReadOnlyList<byte[]> superseded, CancellationToken cancellationToken);
}
