namespace Sam.Core.Values;

/// <summary>Who makes a change, as rows and audit records name them.</summary>
public sealed record Actor
{
    private Actor(string name) => Name = name;

    /// <summary>The SAM itself: what no person asked for, such as a sweep.</summary>
    public static Actor Sam { get; } = new("sam");

    /// <summary>The name: <c>sam</c>, <c>signer:ID</c>, or <c>ROLE:ID</c> of a privileged user.</summary>
    public string Name { get; }

    /// <summary>Whether it is a signer.</summary>
    public bool IsSigner { get; private init; }

    /// <summary>A signer, for what is theirs.</summary>
    public static Actor OfSigner(SignerId signer) => new($"signer:{signer.Value}") { IsSigner = true };

    /// <summary>A privileged user under their role.</summary>
    /// <param name="role">The role's name: <c>security-officer</c>, <c>registration-officer</c>, <c>auditor</c>.</param>
    /// <param name="officer">The user's id.</param>
    internal static Actor OfOfficer(string role, string officer) => new($"{role}:{officer}");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
