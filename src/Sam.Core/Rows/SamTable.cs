namespace Sam.Core.Rows;

/// <summary>The tables. The set is closed: a row's table is part of what its seal covers.</summary>
public enum SamTable
{
    /// <summary>Signers, their credentials and their counters: one partition per signer.</summary>
    Signers,

    /// <summary>From a user id or a login to its signer.</summary>
    Logins,

    /// <summary>Signing transactions: what each SAD stands for.</summary>
    Transactions,

    /// <summary>SCA clients and their approval.</summary>
    Clients,

    /// <summary>Privileged users, proposals and the document that the anchor in the HSM stands for; public keys of all signers, present and past.</summary>
    Registry,

    /// <summary>Wrapped data keys and the names of the SAM's own HSM keys.</summary>
    Keys,

    /// <summary>The audit log; reached through a store of its own, with an endpoint and rights of its own.</summary>
    Audit,
}
