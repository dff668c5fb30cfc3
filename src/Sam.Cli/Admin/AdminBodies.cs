namespace Sam.Cli.Admin;

// What requests carry. Classes, not records: a record prints its members.

internal sealed class InitializationBody
{
    public required Secret Secret { get; init; }

    public required IReadOnlyList<NominationBody> Officers { get; init; }
}

internal sealed class NominationBody
{
    public required string Name { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }
}

internal sealed class OfficerEnrolmentBody
{
    public required Secret Code { get; init; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public required byte[] PublicKey { get; init; }
}

internal sealed class ApprovalBody
{
    /// <summary>The digest of what is approved.</summary>
    public required string Change { get; init; }
}

internal sealed class ClientBody
{
    public required string Client { get; init; }
}

internal sealed class RegistrationBody
{
    public required string UserID { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required string Proofing { get; init; }

    public required IdentityRecord Identity { get; init; }

    public required IReadOnlyList<string> Clients { get; init; }
}

internal sealed class ClientsBody
{
    public required IReadOnlyList<string> Clients { get; init; }
}

internal sealed class ReasonBody
{
    public required string Reason { get; init; }
}

internal sealed class KeyBody
{
    public required string Key { get; init; }

    /// <summary>Signatures per authorization, at most; null leaves it to the service.</summary>
    public int? Multisign { get; init; }

    public string? Description { get; init; }

    /// <summary>The guideline's; null leaves it to the service.</summary>
    public int? Level { get; init; }

    /// <summary>The factors; null leaves them to the service.</summary>
    public string? Authorization { get; init; }
}

internal sealed class CertificatesBody
{
    /// <summary>DER, end entity first.</summary>
    public required IReadOnlyList<byte[]> Certificates { get; init; }
}

internal sealed class EnrolmentBody
{
    public required Secret Code { get; init; }

    /// <summary>Null to leave it as it is.</summary>
    public Secret? Pin { get; init; }

    /// <summary>Null for none.</summary>
    public DeviceBody? Device { get; init; }

    /// <summary>Whether an authenticator app gets a new secret; null for no.</summary>
    public bool? Totp { get; init; }
}

internal sealed class PinBody
{
    public required Secret Pin { get; init; }
}

internal sealed class ActionBody
{
    public required string Action { get; init; }
}

internal sealed class StopBody
{
    public required string Action { get; init; }

    public required Secret Challenge { get; init; }

    public required Secret Pin { get; init; }

    public required string Reason { get; init; }
}

internal sealed class ImportBody
{
    public required Secret Challenge { get; init; }

    /// <summary>The wrapped key.</summary>
    public required byte[] Blob { get; init; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>The key's own signature.</summary>
    public required byte[] Possession { get; init; }
}
