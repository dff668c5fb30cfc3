using Sam.Api.Pipeline;
using Sam.Core.Officers;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>Changes that take two security officers.</summary>
internal static class ProposalHandlers
{
    private const int Created = 201;

    internal static async Task<SamResponse> ProposeAsync(SamRequest request, CancellationToken cancellationToken)
    {
        ProposalRegistry proposals = (await request.GetModuleAsync(cancellationToken)).Proposals;
        Creation proposing = new(
            (await proposals.NewIdAsync(cancellationToken)).Value,
            async (id, token) => (await proposals.ProposeAsync(request.Officer, token, Parse(id))).Refusal is { } refused ? refused : id,
            async id => (await proposals.FindAsync(Parse(id), CancellationToken.None)).Refusal is null);
        return (await IdempotencyKey.MakeOnceAsync(request, proposing, cancellationToken)).IsRefused(out Refusal? refusal, out string? made)
            || (await proposals.FindAsync(Parse(made), CancellationToken.None)).IsRefused(out refusal, out ProposalView? proposal)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(ProposalAnswer.Of(proposal), AdminJson.Web.ProposalAnswer, Created, location: $"{AdminSurface.Root}/proposals/{proposal.Id}");
    }

    internal static async Task<SamResponse> ListAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (Paging.Read(request).IsRefused(out Refusal? refusal, out Paging? paging))
        {
            return SamResponse.Refuse(refusal);
        }

        ProposalId? after = ProposalId.TryParse(paging.After, out ProposalId id) ? id : null;
        if (paging.After is not null && after is null)
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "page"));
        }

        IReadOnlyList<ProposalView> found = await (await request.GetModuleAsync(cancellationToken)).Proposals.ListAsync(after, paging.Limit, cancellationToken);
        return SamResponse.Ok(
            new ProposalsAnswer([.. found.Select(ProposalAnswer.Of)], found.Count == paging.Limit ? found[^1].Id.Value : null), AdminJson.Web.ProposalsAnswer);
    }

    internal static async Task<SamResponse> FindAsync(SamRequest request, CancellationToken cancellationToken) =>
        !ProposalId.TryParse(request.Path("proposal"), out ProposalId id)
            ? SamResponse.Refuse(SamErrorCode.ProposalUnknown)
            : Answer(await (await request.GetModuleAsync(cancellationToken)).Proposals.FindAsync(id, cancellationToken));

    internal static async Task<SamResponse> ApproveAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("change").IsRefused(out Refusal? refusal, out string? digest))
        {
            return SamResponse.Refuse(refusal);
        }

        if (!ProposalId.TryParse(request.Path("proposal"), out ProposalId id))
        {
            return SamResponse.Refuse(SamErrorCode.ProposalUnknown);
        }

        ProposalRegistry proposals = (await request.GetModuleAsync(cancellationToken)).Proposals;
        return (await proposals.ApproveAsync(request.Officer, id, digest, cancellationToken)).IsRefused(out refusal, out ApprovedProposal? approved)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                new ApprovalAnswer { Proposal = ProposalAnswer.Of(approved.Proposal), Code = approved.Code is { } code ? CodeAnswer.Of(code) : null }, AdminJson.Web.ApprovalAnswer);
    }

    internal static async Task<SamResponse> WithdrawAsync(SamRequest request, CancellationToken cancellationToken) =>
        !ProposalId.TryParse(request.Path("proposal"), out ProposalId id)
            ? SamResponse.Refuse(SamErrorCode.ProposalUnknown)
            : Answer(await (await request.GetModuleAsync(cancellationToken)).Proposals.WithdrawAsync(request.Officer, id, cancellationToken));

    private static ProposalId Parse(string id) => ProposalId.TryParse(id, out ProposalId proposal) ? proposal : throw new InvalidOperationException($"{id} is no proposal's id.");

    private static SamResponse Answer(Result<ProposalView> result) => result.IsRefused(out Refusal? refusal, out ProposalView? proposal)
        ? SamResponse.Refuse(refusal)
        : SamResponse.Ok(ProposalAnswer.Of(proposal), AdminJson.Web.ProposalAnswer);
}
