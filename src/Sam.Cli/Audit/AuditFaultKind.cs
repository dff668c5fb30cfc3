namespace Sam.Cli.Audit;

/// <summary>What can be wrong with an audit.</summary>
internal enum AuditFaultKind
{
    /// <summary>A row at an address that nothing of the audit has.</summary>
    Stray,

    /// <summary>A row stands twice, or where others are behind it.</summary>
    Disorder,

    /// <summary>A row of a chain is not there, and later ones are.</summary>
    Missing,

    /// <summary>A row's content is no row.</summary>
    Form,

    /// <summary>A row's content belongs to another place.</summary>
    OtherPlace,

    /// <summary>A row does not go on from the one before it: one of the two was changed.</summary>
    Unchained,

    /// <summary>A checkpoint's content is none.</summary>
    CheckpointForm,

    /// <summary>A checkpoint belongs to another place.</summary>
    CheckpointOtherPlace,

    /// <summary>A checkpoint that the SAM did not sign.</summary>
    CheckpointForeign,

    /// <summary>A checkpoint is not there, and later ones are.</summary>
    CheckpointMissing,

    /// <summary>A checkpoint does not go on from the one before it.</summary>
    CheckpointUnchained,

    /// <summary>A chain that somebody knows is not there.</summary>
    ChainMissing,

    /// <summary>The end of a chain, as somebody knows it, is not there.</summary>
    CutOff,

    /// <summary>A chain is another than somebody knows.</summary>
    Rewritten,

    /// <summary>A row after the end of its chain.</summary>
    AfterEnd,
}
