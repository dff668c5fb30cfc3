using Sam.Core;
using Sam.Core.Audit;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing;
using Sam.Testing.InMemory;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Officers;

[Trait("Requirement", "SIG-6")]
[Trait("Requirement", "MGT-2")]
public sealed class ProposalTests : IAsyncLifetime
{
    private static readonly OfficerChange _approveClient = new OfficerChange.ApproveClient("new-sca");

    private OfficersTestBed _bed = null!;

    private ActivationModule Sam => _bed.Sam;

    private TestOfficer Olga => _bed.Three[0];

    private TestOfficer Otto => _bed.Three[1];

    private TestOfficer Oona => _bed.Three[2];

    public async ValueTask InitializeAsync() => _bed = await OfficersTestBed.OpenInitializedAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task One_proposes_and_another_approves()
    {
        ProposalView proposal = (await Olga.ProposeAsync(Sam, new OfficerChange.AddOfficer("Rita", "registration-officer", "https://issuer.test", "rita"))).Value;
        Assert.Equal((ProposalStatus.Open, Olga.Id, null), (proposal.Status, proposal.ProposedBy, proposal.ClosedBy));
        Assert.Equal(3, (await Sam.Officers.ListAsync(CancellationToken.None)).Value.Count);

        ApprovedProposal approved = (await Otto.ApproveAsync(Sam, proposal)).Value;
        Assert.Equal((ProposalStatus.Approved, Otto.Id), (approved.Proposal.Status, approved.Proposal.ClosedBy));
        TestOfficer rita = _bed.NewOfficer("rita");
        _ = (await rita.EnrolAsync(Sam, approved.Code!.Code)).Value;
        Assert.Equal(PrivilegedRole.RegistrationOfficer, (await rita.AuthenticateAsync(Sam)).Value.Role);
        Assert.Equal(
            [AuditEvent.ChangeProposed, AuditEvent.ChangeApproved], _bed.Bed.AuditRecords().Select(r => r.Event).Where(e => e is AuditEvent.ChangeProposed or AuditEvent.ChangeApproved));
    }

    [Fact]
    public async Task A_client_is_approved_by_two()
    {
        Assert.Null((await _bed.ChangeAsync(_approveClient)).Code);
        TestSigner signer = await _bed.Bed.AddSignerAsync(clients: Core.Signers.LinkedClients.Of(SamTestBed.Id("new-sca")));
        Assert.Null((await Sam.FindCredentialAsync(new Core.Values.Caller(SamTestBed.Id("new-sca"), Login: null), signer.Credential, CancellationToken.None)).Refusal);
    }

    [Fact]
    [Trait("Requirement", "T-MGT-1")]
    [Trait("Requirement", "T-INS-1")]
    public async Task Nobody_approves_their_own()
    {
        ProposalView proposal = (await Olga.ProposeAsync(Sam, _approveClient)).Value;
        Assert.Equal(SamErrorCode.ProposalOwn, (await Olga.ApproveAsync(Sam, proposal)).Refusal?.Code);
        Assert.Equal(ProposalStatus.Open, (await Sam.Proposals.FindAsync(proposal.Id, CancellationToken.None)).Value.Status);
    }

    [Fact]
    public async Task What_is_approved_is_what_was_proposed()
    {
        ProposalView proposal = (await Olga.ProposeAsync(Sam, _approveClient)).Value;
        ProposalView other = (await Olga.ProposeAsync(Sam, new OfficerChange.ApproveClient("evil"))).Value;
        Assert.Equal(SamErrorCode.ProposalChanged, (await Otto.ApproveAsync(Sam, proposal, other.ChangeDigest)).Refusal?.Code);
    }

    [Fact]
    public async Task A_proposal_has_its_time()
    {
        ProposalView proposal = (await Olga.ProposeAsync(Sam, _approveClient)).Value;
        _bed.Bed.Clock.Advance(new OfficerPolicy().ProposalLifetime);
        Assert.Equal(SamErrorCode.ProposalExpired, (await Otto.ApproveAsync(Sam, proposal)).Refusal?.Code);
        Assert.Equal(ProposalStatus.Expired, (await Sam.Proposals.FindAsync(proposal.Id, CancellationToken.None)).Value.Status);
    }

    [Fact]
    public async Task A_proposal_is_approved_or_withdrawn_once()
    {
        ProposalView proposal = (await Olga.ProposeAsync(Sam, _approveClient)).Value;
        _ = (await Sam.Proposals.WithdrawAsync((await Oona.AuthenticateAsync(Sam)).Value, proposal.Id, CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.ProposalClosed, (await Otto.ApproveAsync(Sam, proposal)).Refusal?.Code);

        ProposalView second = (await Olga.ProposeAsync(Sam, _approveClient)).Value;
        _ = (await Otto.ApproveAsync(Sam, second)).Value;
        Assert.Equal(SamErrorCode.ProposalClosed, (await Oona.ApproveAsync(Sam, second)).Refusal?.Code);
        Assert.Equal(
            SamErrorCode.ProposalClosed, (await Sam.Proposals.WithdrawAsync((await Oona.AuthenticateAsync(Sam)).Value, second.Id, CancellationToken.None)).Refusal?.Code);
        Assert.Equal([proposal.Id, second.Id], (await Sam.Proposals.ListAsync(null, 10, CancellationToken.None)).Select(p => p.Id).OrderBy(id => id == second.Id));
    }

    [Fact]
    public async Task Never_fewer_than_two_officers_can_act()
    {
        _ = await _bed.ChangeAsync(new OfficerChange.RemoveOfficer(Oona.Id));
        Assert.Equal(SamErrorCode.OfficerUnknown, (await Oona.AuthenticateAsync(Sam)).Refusal?.Code);
        foreach (OfficerChange change in new OfficerChange[]
        {
            new OfficerChange.RemoveOfficer(Otto.Id), new OfficerChange.ChangeOfficer(Otto.Id, Disabled: true), new OfficerChange.ChangeOfficer(Olga.Id, Role: "auditor"),
            new OfficerChange.RenewOfficerKey(Olga.Id),
        })
        {
            Assert.Equal(SamErrorCode.TooFewOfficers, (await Olga.ProposeAsync(Sam, change)).Refusal?.Code);
        }
    }

    /// <summary>Each was allowed when it was proposed; together they would leave one.</summary>
    [Fact]
    public async Task Two_changes_do_not_together_what_one_may_not()
    {
        ProposalView first = (await Olga.ProposeAsync(Sam, new OfficerChange.RemoveOfficer(Oona.Id))).Value;
        ProposalView second = (await Olga.ProposeAsync(Sam, new OfficerChange.ChangeOfficer(Olga.Id, Disabled: true))).Value;
        _ = (await Otto.ApproveAsync(Sam, first)).Value;
        Assert.Equal(SamErrorCode.TooFewOfficers, (await Otto.ApproveAsync(Sam, second)).Refusal?.Code);
    }

    [Fact]
    public async Task A_lost_key_is_replaced_by_the_other_two()
    {
        ApprovedProposal renewed = await _bed.ChangeAsync(new OfficerChange.RenewOfficerKey(Oona.Id));
        Assert.Equal(SamErrorCode.OfficerNotEnrolled, (await Oona.AuthenticateAsync(Sam)).Refusal?.Code);
        TestOfficer again = _bed.NewOfficer("oona");
        _ = (await again.EnrolAsync(Sam, renewed.Code!.Code)).Value;
        Assert.Equal(Oona.Id, (await again.AuthenticateAsync(Sam)).Value.Id);
        Assert.Equal(SamErrorCode.ProofInvalid, (await Oona.AuthenticateAsync(Sam)).Refusal?.Code);
    }

    [Fact]
    public async Task Who_is_disabled_or_gone_has_proposed_nothing()
    {
        ProposalView proposal = (await Oona.ProposeAsync(Sam, _approveClient)).Value;
        _ = await _bed.ChangeAsync(new OfficerChange.RemoveOfficer(Oona.Id));
        Assert.Equal(SamErrorCode.ProofInvalid, (await Otto.ApproveAsync(Sam, proposal)).Refusal?.Code);
        Assert.Equal(SamErrorCode.OfficerUnknown, (await Oona.AuthenticateAsync(Sam)).Refusal?.Code);
    }

    [Fact]
    public async Task A_login_has_one_role()
    {
        _ = await _bed.AddAsync("rita", PrivilegedRole.RegistrationOfficer);
        Assert.Equal(
            SamErrorCode.ChangeImpossible,
            (await Olga.ProposeAsync(Sam, new OfficerChange.AddOfficer("Rita", "auditor", "https://issuer.test", "rita"))).Refusal?.Code);
    }

    [Fact]
    public async Task A_change_that_breaks_off_is_finished_by_who_approved_it()
    {
        ProposalView proposal = (await Olga.ProposeAsync(Sam, new OfficerChange.AddOfficer("Rita", "auditor", "https://issuer.test", "rita"))).Value;

        // The change is made, and the answer with the code is lost.
        int replaced = 0;
        _bed.Bed.Rows.Before = call => call.Kind == RowStoreCallKind.Replace && call.Address.PartitionKey == "proposals" && ++replaced == 2
            ? throw new RowStoreException("away") : Task.CompletedTask;
        await Assert.ThrowsAsync<RowStoreException>(() => Otto.ApproveAsync(Sam, proposal));
        _bed.Bed.Rows.Before = null;
        Assert.Equal(ProposalStatus.Approving, (await Sam.Proposals.FindAsync(proposal.Id, CancellationToken.None)).Value.Status);

        Assert.Equal(SamErrorCode.ProposalClosed, (await Oona.ApproveAsync(Sam, proposal)).Refusal?.Code);
        ApprovedProposal approved = (await Otto.ApproveAsync(Sam, proposal)).Value;
        Assert.Null((await _bed.NewOfficer("rita").EnrolAsync(Sam, approved.Code!.Code)).Refusal);
        Assert.Single((await Sam.Officers.ListAsync(CancellationToken.None)).Value, o => o.Subject == "rita");
    }

    [Fact]
    public async Task Approvals_at_once_by_two_processes_make_one_change()
    {
        ProposalView proposal = (await Olga.ProposeAsync(Sam, new OfficerChange.AddOfficer("Rita", "auditor", "https://issuer.test", "rita"))).Value;
        ActivationModule other = await _bed.Bed.OpenProcessAsync();
        AsyncBarrier both = new(2);
        int arrived = 0;
        _bed.Bed.Rows.Before = call => call.Kind == RowStoreCallKind.Replace && call.Address.PartitionKey == "proposals" && Interlocked.Increment(ref arrived) <= 2
            ? both.ArriveAsync() : Task.CompletedTask;

        Result<ApprovedProposal>[] all = await Task.WhenAll(Otto.ApproveAsync(Sam, proposal), Oona.ApproveAsync(other, proposal));

        Assert.Single(all, r => r.Refusal is null);
        Assert.Single((await Sam.Officers.ListAsync(CancellationToken.None)).Value, o => o.Subject == "rita");
    }

    [Fact]
    public async Task Changes_at_once_are_all_made()
    {
        ProposalView[] proposals = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
            (await Olga.ProposeAsync(Sam, new OfficerChange.AddOfficer($"a{i}", "auditor", "https://issuer.test", $"a{i}"))).Value));
        ActivationModule other = await _bed.Bed.OpenProcessAsync();
        await Task.WhenAll(proposals.Select((p, i) => Task.Run(async () => (await Otto.ApproveAsync(i % 2 == 0 ? Sam : other, p)).Value)));
        Assert.Equal(7, (await Sam.Officers.ListAsync(CancellationToken.None)).Value.Count);
        Assert.Single(await _bed.Bed.Keys.ReadAnchorsAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"kind":"add-officer"}""", null)]
    [InlineData("""{"kind":"approve-client","client":"a","client":"b"}""", null)]
    [InlineData("""{"kind":"approve-client","client":"a","more":1}""", null)]
    [InlineData("""{"kind":"approve-client","client":""}""", "client")]
    [InlineData("""{"kind":"add-officer","name":"R","role":"king","issuer":"i","subject":"s"}""", "role")]
    [InlineData("""{"kind":"add-officer","name":"","role":"auditor","issuer":"i","subject":"s"}""", "name")]
    [InlineData("""{"kind":"add-officer","name":"R","role":"auditor","issuer":"i","subject":""}""", "subject")]
    [InlineData("""{"kind":"change-officer","officer":"00000000000000000000000000000000"}""", "disabled")]
    [InlineData("""{"kind":"remove-officer","officer":"me"}""", "officer")]
    [InlineData("[]", null)]
    [InlineData("null", null)]
    public void What_is_no_change_is_refused(string body, string? parameter)
    {
        Refusal? refusal = OfficerChange.Parse(System.Text.Encoding.UTF8.GetBytes(body)).Refusal;
        Assert.Equal(parameter is null ? SamErrorCode.BodyMalformed : new Refusal(SamErrorCode.ParameterInvalid, parameter), refusal);
    }
}
