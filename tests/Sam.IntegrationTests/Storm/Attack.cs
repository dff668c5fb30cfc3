using System.Diagnostics;
using Sam.Core.Rows;

namespace Sam.IntegrationTests.Storm;

/// <summary>A row that a SAM wrote, or deleted.</summary>
/// <param name="Address">Where.</param>
/// <param name="Content">What; null: it was deleted.</param>
/// <param name="Before">What stood there before.</param>
/// <param name="At">When the service had it, by the monotonic clock.</param>
internal sealed record HonestWrite(RowAddress Address, byte[]? Content, byte[]? Before, long At);

/// <summary>What an attacked row is worth to a SAM that reads it.</summary>
internal enum RowWorth
{
    /// <summary>Nothing: it is not there, was never written there, or is older than the seal bears.</summary>
    None,

    /// <summary>A SAM wrote it there so shortly ago that its age says nothing.</summary>
    Young,

    /// <summary>A SAM wrote at the same time, and which came last is not known.</summary>
    Unknown,
}

/// <summary>What became of an attack.</summary>
internal enum AttackFate
{
    /// <summary>The insider himself wrote over it.</summary>
    Overwritten,

    /// <summary>A SAM wrote the row anew.</summary>
    Replaced,

    /// <summary>A SAM read it, and whoever asked for that was refused.</summary>
    Refused,

    /// <summary>Nobody came to read it; its seal does not open, or it is not there.</summary>
    Sealed,

    /// <summary>It is what a SAM wrote there, and no older than the seal bears.</summary>
    Young,

    /// <summary>The verifier of the audit names it.</summary>
    Named,

    /// <summary>An end of the audit that nobody has a head of.</summary>
    Unwitnessed,
}

/// <summary>What an insider did to one row.</summary>
internal sealed class Attack(RowAddress address, byte[]? content, RowWorth worth)
{
    internal RowAddress Address => address;

    /// <summary>What he wrote; null: he deleted it.</summary>
    internal byte[]? Content => content;

    internal RowWorth Worth => worth;

    /// <summary>When it was done, by the monotonic clock.</summary>
    internal long At { get; } = Stopwatch.GetTimestamp();

    /// <summary>Whether a SAM has read the row since.</summary>
    internal bool WasRead { get; set; }

    internal AttackFate? Fate { get; set; }
}
