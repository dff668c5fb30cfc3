namespace Sam.Core.Officers;

/// <summary>An approval that was carried out.</summary>
/// <param name="Proposal">The proposal, approved.</param>
/// <param name="Code">The enrolment code of the privileged user who was added or renewed; null for any other change.</param>
public sealed record ApprovedProposal(ProposalView Proposal, IssuedCode? Code);
