using System.Text.Json;
using Sam.Core.Officers;

namespace Sam.Api.Admin;

/// <summary>Whether the deployment has privileged users, and how to know the SAM.</summary>
internal sealed record StatusAnswer(string Deployment, bool Initialized, string PublicKey);

/// <summary>A privileged user.</summary>
internal sealed record OfficerAnswer(string Id, string Name, string Role, string Issuer, string Subject, bool Disabled, bool Enrolled)
{
    internal static OfficerAnswer Of(OfficerView officer) =>
        new(officer.Id, officer.Name, officer.Role.ToName(), officer.Issuer, officer.Subject, officer.IsDisabled, officer.IsEnrolled);
}

/// <summary>All privileged users: so few that there are no pages.</summary>
internal sealed record OfficersAnswer(IReadOnlyList<OfficerAnswer> Items);

/// <summary>An enrolment code, told once. A class: a record would print it.</summary>
internal sealed class CodeAnswer
{
    /// <summary>Whom it is for.</summary>
    public required OfficerAnswer Officer { get; init; }

    /// <summary>The code.</summary>
    public required string Code { get; init; }

    /// <summary>Until when it is good.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    internal static CodeAnswer Of(IssuedCode code) => new() { Officer = OfficerAnswer.Of(code.Officer), Code = code.Code.Reveal(), ExpiresAt = code.ExpiresAt };
}

/// <summary>The first security officers' codes.</summary>
internal sealed class InitializationAnswer
{
    /// <summary>One for each.</summary>
    public required IReadOnlyList<CodeAnswer> Codes { get; init; }
}

/// <summary>A proposal.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">open, approving, approved, withdrawn or expired.</param>
/// <param name="Change">What is proposed.</param>
/// <param name="SignedChange">The same as its proposer signed it, byte by byte, base64: whoever approves it hashes it themselves.</param>
/// <param name="ChangeDigest">SHA-256 of those bytes, hexadecimal: what an approval names.</param>
/// <param name="ProposedBy">The proposer's id.</param>
/// <param name="ProposedAt">When.</param>
/// <param name="ExpiresAt">From then on it cannot be approved.</param>
/// <param name="ClosedBy">Who approved it or withdrew it.</param>
internal sealed record ProposalAnswer(
    string Id, string Status, JsonElement Change, string SignedChange, string ChangeDigest, string ProposedBy, DateTimeOffset ProposedAt, DateTimeOffset ExpiresAt, string? ClosedBy)
{
    internal static ProposalAnswer Of(ProposalView proposal) => new(
        proposal.Id.Value,
        proposal.Status.ToString().ToLowerInvariant(),
        JsonElement.Parse(proposal.Change.Span),
        Convert.ToBase64String(proposal.Change.Span),
        proposal.ChangeDigest,
        proposal.ProposedBy,
        proposal.ProposedAt,
        proposal.ExpiresAt,
        proposal.ClosedBy);
}

/// <summary>A page of proposals, the oldest first.</summary>
/// <param name="Items">The proposals.</param>
/// <param name="Next">What <c>page</c> is for the next ones; absent with the last page.</param>
internal sealed record ProposalsAnswer(IReadOnlyList<ProposalAnswer> Items, string? Next);

/// <summary>An approved proposal, and the enrolment code that it gave, if it gave one.</summary>
internal sealed class ApprovalAnswer
{
    /// <summary>The proposal.</summary>
    public required ProposalAnswer Proposal { get; init; }

    /// <summary>The code.</summary>
    public CodeAnswer? Code { get; init; }
}

/// <summary>A signature creation application and its approval.</summary>
internal sealed record ClientAnswer(string Client, bool Approved);

/// <summary>A page of applications.</summary>
/// <param name="Items">The applications.</param>
/// <param name="Next">What <c>page</c> is for the next ones; absent with the last page.</param>
internal sealed record ClientsAnswer(IReadOnlyList<ClientAnswer> Items, string? Next);
