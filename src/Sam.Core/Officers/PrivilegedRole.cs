namespace Sam.Core.Officers;

/// <summary>What a privileged user may be. Each has exactly one role, so that no one person can do what takes two.</summary>
public enum PrivilegedRole
{
    /// <summary>Says, with a second of them, who the privileged users and the clients are. Sees the registry; touches no signer and no key.</summary>
    SecurityOfficer,

    /// <summary>Registers signers, and gives them keys and certificates. Says nothing about who may do so.</summary>
    RegistrationOfficer,

    /// <summary>Reads, and changes nothing.</summary>
    Auditor,
}
