namespace Sam.Cli.Admin;

// What requests of signers' devices, and about them, carry.

internal sealed class DeviceBody
{
    public required string Name { get; init; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public required byte[] PublicKey { get; init; }

    public required byte[] Possession { get; init; }
}

internal sealed class DecisionBody
{
    /// <summary><c>approve</c> or <c>refuse</c>.</summary>
    public required string Decision { get; init; }

    public required string Device { get; init; }

    public required byte[] Signature { get; init; }

    public Secret? Pin { get; init; }
}

internal sealed class DeviceRemovalBody
{
    public required string Device { get; init; }

    public required string Reason { get; init; }
}
