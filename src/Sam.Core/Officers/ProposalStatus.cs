namespace Sam.Core.Officers;

/// <summary>What became of a proposal.</summary>
public enum ProposalStatus
{
    /// <summary>May be approved, until its time is over.</summary>
    Open,

    /// <summary>Was approved, and is being made: whoever approved it and lost the answer asks again.</summary>
    Approving,

    /// <summary>Was approved and made.</summary>
    Approved,

    /// <summary>Was withdrawn, or turned down.</summary>
    Withdrawn,

    /// <summary>Was not approved in time.</summary>
    Expired,
}
