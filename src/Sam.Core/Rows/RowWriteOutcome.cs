namespace Sam.Core.Rows;

/// <summary>What became of a conditional write.</summary>
public enum RowWriteOutcome
{
    /// <summary>The store has it.</summary>
    Written,

    /// <summary>The condition did not hold: the row exists (insert), or has another version, or is gone (replace, delete).</summary>
    Conflict,

    /// <summary>No answer, or one that leaves it open (time-out, reset, 5xx). The write may still arrive. Read back.</summary>
    InDoubt,
}
