using Sam.Core;
using Sam.Core.Audit;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Officers;

/// <summary>What one request is told when another is faster, at the points where <see cref="OfficerPairTests"/> and <see cref="Properties.LifePairTests"/> first found it told wrong.</summary>
[Trait("Requirement", "SIG-6")]
public sealed class OvertakenTests : IAsyncLifetime
{
    private OfficersTestBed _bed = null!;

    private ActivationModule Sam => _bed.Sam;

    private TestOfficer Olga => _bed.Three[0];

    private TestOfficer Otto => _bed.Three[1];

    private TestOfficer Oona => _bed.Three[2];

    public async ValueTask InitializeAsync() => _bed = await OfficersTestBed.OpenInitializedAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_reading_that_a_change_overtakes_is_none_of_a_rolled_back_anchor()
    {
        // It has asked the HSM for its anchors, and looks at the first.
        TaskCompletionSource isLooking = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _bed.Bed.Hsm.BeforeMac = () => isLooking.TrySetResult() ? goOn.Task : Task.CompletedTask;
        Task<Result<IReadOnlyList<OfficerView>>> reading = Sam.Officers.ListAsync(CancellationToken.None);
        await isLooking.Task;
        _ = await _bed.AddAsync("rita", PrivilegedRole.Auditor);
        goOn.SetResult();
        Assert.Null((await reading).Refusal);
    }

    [Fact]
    public async Task A_proposal_whose_approver_is_disabled_meanwhile_stays_open_for_the_others()
    {
        TestOfficer rita = await _bed.AddAsync("rita", PrivilegedRole.SecurityOfficer);
        ProposalView proposal = (await Olga.ProposeAsync(Sam, new OfficerChange.AddOfficer("axel", "auditor", "https://issuer.test", "axel"))).Value;
        await OvertakeAsync(Otto, proposal);
        ProposalView found = (await Sam.Proposals.FindAsync(proposal.Id, CancellationToken.None)).Value;
        Assert.Equal((ProposalStatus.Open, null), (found.Status, found.ClosedBy));
        Assert.Null((await rita.ApproveAsync(Sam, proposal)).Refusal);
    }

    [Fact]
    public async Task Who_is_no_security_officer_approves_nothing_not_even_for_a_moment()
    {
        TestOfficer rita = await _bed.AddAsync("rita", PrivilegedRole.Auditor);
        ProposalView proposal = (await Olga.ProposeAsync(Sam, new OfficerChange.ApproveClient("new-sca"))).Value;
        _bed.Bed.Rows.ForgetCalls();
        Assert.Equal(SamErrorCode.ProofInvalid, (await rita.ApproveAsync(Sam, proposal)).Refusal?.Code);
        Assert.DoesNotContain(_bed.Bed.Rows.Calls, IsOfProposal);
    }

    [Fact]
    public async Task A_key_that_was_destroyed_while_its_signer_was_suspended_is_told_to_be_destroyed()
    {
        TestSigner alice = await _bed.Bed.AddSignerAsync();
        _bed.Bed.Hsm.BeforeDestroy = async () => _ = (await Sam.Signers.SuspendAsync(alice.Id, Actor.Sam, "a race", null, CancellationToken.None)).Value;
        Assert.Equal(Core.Credentials.CredentialStatus.Destroyed, (await Sam.Credentials.DestroyAsync(alice.Credential, Actor.Sam, "a race", null, CancellationToken.None)).Value.Status);
        Assert.Single(_bed.Bed.AuditRecords(), r => r.Event == AuditEvent.KeyDestroyed && r.Credential == alice.Credential.Value);

        // And it is over: there is nothing left to finish.
        Assert.Equal(SamErrorCode.CredentialStateWrong, (await Sam.Credentials.DestroyAsync(alice.Credential, Actor.Sam, "again", null, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(Core.Signers.SignerStatus.Suspended, (await Sam.Signers.ViewAsync(alice.Id, CancellationToken.None)).Value.Status);
    }

    private static bool IsOfProposal(RowStoreCall call) => call is { Kind: RowStoreCallKind.Replace, Address: { Table: SamTable.Registry, PartitionKey: "proposals" } };

    /// <summary>Has somebody approve, and the other two disable them when the approval is written and its change is not made yet.</summary>
    private async Task OvertakeAsync(TestOfficer approver, ProposalView proposal)
    {
        ProposalView disabling = (await Olga.ProposeAsync(Sam, new OfficerChange.ChangeOfficer(approver.Id, Disabled: true))).Value;
        int writes = 0;
        _bed.Bed.Rows.After = async call =>
        {
            if (IsOfProposal(call) && Interlocked.Increment(ref writes) == 1)
            {
                _ = (await Oona.ApproveAsync(Sam, disabling)).Value;
            }
        };
        Assert.Equal(SamErrorCode.ProofInvalid, (await approver.ApproveAsync(Sam, proposal)).Refusal?.Code);
    }
}
