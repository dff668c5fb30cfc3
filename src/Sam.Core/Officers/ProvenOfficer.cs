using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>A privileged user whose login and key have both been proved for one request.</summary>
public sealed record ProvenOfficer
{
    internal ProvenOfficer(OfficerRow officer, SignedRequest evidence)
    {
        Row = officer;
        Evidence = evidence;
    }

    /// <summary>Their id.</summary>
    public string Id => Row.Id;

    /// <summary>Their role.</summary>
    public PrivilegedRole Role => Row.Role;

    /// <summary>How rows and audit records name them.</summary>
    public Actor Actor => Row.ToActor();

    internal OfficerRow Row { get; }

    /// <summary>What they signed: kept with a change that took their signature.</summary>
    internal SignedRequest Evidence { get; }
}
