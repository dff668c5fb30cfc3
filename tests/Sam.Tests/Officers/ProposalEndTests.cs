using Sam.Core;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Officers;

/// <summary>A proposal is made once, and what broke off in between gives nobody a change that takes two.</summary>
[Trait("Requirement", "SIG-6")]
[Trait("Requirement", "T-INS-1")]
public sealed class ProposalEndTests : IAsyncLifetime
{
    private OfficersTestBed _bed = null!;

    private ActivationModule Sam => _bed.Sam;

    private TestOfficer Olga => _bed.Three[0];

    private TestOfficer Otto => _bed.Three[1];

    public async ValueTask InitializeAsync() => _bed = await OfficersTestBed.OpenInitializedAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    /// <summary>The same officer approves twice at once; the client is stopped; and he finishes what looks unfinished.</summary>
    [Fact]
    public async Task Two_approvals_at_once_leave_nothing_to_finish()
    {
        ProposalView proposal = await ProposeAsync();
        ActivationModule other = await _bed.Bed.OpenProcessAsync();
        TaskCompletionSource first = new();
        TaskCompletionSource second = new();
        Task<Result<ApprovedProposal>>? one = null;
        int arrived = 0;
        _bed.Bed.Rows.Before = async call =>
        {
            if (call.Kind != RowStoreCallKind.Insert || call.Address.Table != SamTable.Clients)
            {
                return;
            }

            if (Interlocked.Increment(ref arrived) == 1)
            {
                first.SetResult();
                await second.Task;
            }
            else
            {
                second.SetResult();
                await one!;
            }
        };
        one = Task.Run(() => Otto.ApproveAsync(Sam, proposal));
        await first.Task;
        Result<ApprovedProposal> two = await Otto.ApproveAsync(other, proposal);
        _bed.Bed.Rows.Before = null;
        Assert.Null((await one).Refusal);
        Assert.Equal(SamErrorCode.RowConflict, two.Refusal?.Code);
        Assert.Equal(ProposalStatus.Approved, await StatusAsync(proposal));

        await StopAsync();
        Assert.Equal(SamErrorCode.ProposalClosed, (await Otto.ApproveAsync(Sam, proposal)).Refusal?.Code);
        Assert.False(await IsApprovedAsync());
    }

    /// <summary>Whoever owns the storage writes the row back that stood there while the proposal was approved.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_proposal_that_was_written_back_approves_no_client_again()
    {
        ProposalView proposal = await ProposeAsync();
        StoredRow? approving = null;
        _bed.Bed.Rows.After = call =>
        {
            approving ??= call.Kind == RowStoreCallKind.Replace && call.Address.PartitionKey == "proposals" ? _bed.Bed.Table.Attacker.Row(call.Address) : null;
            return Task.CompletedTask;
        };
        _ = (await Otto.ApproveAsync(Sam, proposal)).Value;
        _bed.Bed.Rows.After = null;
        await StopAsync();
        _ = _bed.Bed.Table.Attacker.WriteBack(approving!);
        Assert.Equal(ProposalStatus.Approving, await StatusAsync(proposal));

        // It was made: so it cannot be withdrawn, ends as approved, and has no second effect.
        Assert.Equal(SamErrorCode.ProposalClosed, (await Olga.WithdrawAsync(Sam, proposal.Id)).Refusal?.Code);
        Assert.Equal(ProposalStatus.Approved, (await Otto.ApproveAsync(Sam, proposal)).Value.Proposal.Status);
        Assert.False(await IsApprovedAsync());

        // A new one of two officers does what it says.
        _ = (await Otto.ApproveAsync(Sam, await ProposeAsync())).Value;
        Assert.True(await IsApprovedAsync());
    }

    /// <summary>A second proposal whose client is approved already has had its effect, too.</summary>
    [Fact]
    public async Task A_proposal_for_a_client_that_is_approved_is_made_all_the_same()
    {
        _ = (await Otto.ApproveAsync(Sam, await ProposeAsync())).Value;
        ProposalView again = await ProposeAsync();
        await BreakOffAsync(again, atReplace: 2);
        await StopAsync();
        Assert.Equal(ProposalStatus.Approved, (await Otto.ApproveAsync(Sam, again)).Value.Proposal.Status);
        Assert.False(await IsApprovedAsync());
    }

    [Fact]
    public async Task Who_would_finish_has_no_more_time_than_the_proposal()
    {
        ProposalView proposal = await ProposeAsync();
        await BreakOffAsync(proposal, SamTable.Clients);
        _bed.Bed.Clock.Advance(new OfficerPolicy().ProposalLifetime);
        Assert.Equal(SamErrorCode.ProposalExpired, (await Otto.ApproveAsync(Sam, proposal)).Refusal?.Code);
        Assert.False(await IsApprovedAsync());
    }

    [Fact]
    public async Task What_broke_off_is_withdrawn_by_nobody_and_ends_with_its_time()
    {
        ProposalView proposal = await ProposeAsync();
        await BreakOffAsync(proposal, SamTable.Clients);
        Assert.Equal(ProposalStatus.Approving, await StatusAsync(proposal));
        Assert.Equal(SamErrorCode.ProposalClosed, (await Olga.WithdrawAsync(Sam, proposal.Id)).Refusal?.Code);
        _bed.Bed.Clock.Advance(new OfficerPolicy().ProposalLifetime);
        Assert.Equal(SamErrorCode.ProposalExpired, (await Otto.ApproveAsync(Sam, proposal)).Refusal?.Code);
        Assert.False(await IsApprovedAsync());
    }

    [Fact]
    public async Task A_change_of_privileged_users_that_was_made_is_not_withdrawn()
    {
        ProposalView proposal = (await Olga.ProposeAsync(Sam, new OfficerChange.RemoveOfficer(_bed.Three[2].Id))).Value;
        await BreakOffAsync(proposal, atReplace: 2);
        Assert.Equal(SamErrorCode.ProposalClosed, (await Olga.WithdrawAsync(Sam, proposal.Id)).Refusal?.Code);
        Assert.Equal(ProposalStatus.Approved, (await Otto.ApproveAsync(Sam, proposal)).Value.Proposal.Status);
    }

    private async Task<ProposalView> ProposeAsync() => (await Olga.ProposeAsync(Sam, new OfficerChange.ApproveClient("new-sca"))).Value;

    /// <summary>Approves, and the store is away at a write of the proposal, or at the change's.</summary>
    private async Task BreakOffAsync(ProposalView proposal, SamTable? table = null, int atReplace = 0)
    {
        int replaced = 0;
        _bed.Bed.Rows.Before = call =>
            (call.Kind == RowStoreCallKind.Replace && call.Address.PartitionKey == "proposals" && ++replaced == atReplace) || (call.IsWrite && call.Address.Table == table)
                ? throw new RowStoreException("away") : Task.CompletedTask;
        await Assert.ThrowsAsync<RowStoreException>(() => Otto.ApproveAsync(Sam, proposal));
        _bed.Bed.Rows.Before = null;
    }

    private async Task StopAsync() => _ = (await Sam.Clients.SetApprovedAsync(SamTestBed.Id("new-sca"), approved: false, CancellationToken.None, Actor.Sam)).Value;

    private async Task<ProposalStatus> StatusAsync(ProposalView proposal) => (await Sam.Proposals.FindAsync(proposal.Id, CancellationToken.None)).Value.Status;

    private async Task<bool> IsApprovedAsync() =>
        (await Sam.Clients.ListAsync(null, 50, CancellationToken.None)).Clients.Any(c => c.Client == SamTestBed.Id("new-sca") && c.IsApproved);
}
