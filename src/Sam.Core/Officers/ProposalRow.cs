using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>A proposal and the signatures it has.</summary>
/// <param name="Proposed">The proposer's signed request; its body is the change.</param>
/// <param name="ProposedAt">By the store's clock.</param>
/// <param name="ExpiresAt">From then on it cannot be approved.</param>
/// <param name="Status">Open, Approving, Approved or Withdrawn.</param>
/// <param name="Closed">The signed request of who approved it or withdrew it; null while it is open.</param>
/// <param name="Code">The digest of the enrolment code that its approval gives, if it gives one.</param>
internal sealed record ProposalRow(
    SignedRequest Proposed, DateTimeOffset ProposedAt, DateTimeOffset ExpiresAt, ProposalStatus Status, SignedRequest? Closed, EnrolmentCodeRow? Code)
{
    internal ProposalStatus StatusAt(DateTimeOffset now) => Status == ProposalStatus.Open && now >= ExpiresAt ? ProposalStatus.Expired : Status;

    internal ProposalView ToView(ProposalId id, DateTimeOffset now) =>
        new(id, Proposed.Body, Proposed.Officer, ProposedAt, ExpiresAt, StatusAt(now), Closed?.Officer);
}
