namespace Sam.Core.Officers;

/// <summary>What routes ask of a privileged user's role.</summary>
public enum OfficerRight
{
    /// <summary>See privileged users, clients, proposals, signers and credentials.</summary>
    ReadRegistry,

    /// <summary>Register and change signers.</summary>
    ManageSigners,

    /// <summary>Make, certify, stop and destroy keys.</summary>
    ManageKeys,

    /// <summary>Propose a change of privileged users or clients; stop a client.</summary>
    Propose,

    /// <summary>Approve what somebody else proposed.</summary>
    Approve,

    /// <summary>Read the audit.</summary>
    ReadAudit,
}
