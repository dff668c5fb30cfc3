using Sam.Core.Audit;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.Officers;
using Xunit;

namespace Sam.Tests.Officers;

/// <summary>What was used stays used, whatever happens to the row that says so; and whoever writes it keeps nobody out for good.</summary>
[Trait("Requirement", "MGT-1")]
[Trait("Requirement", "T-MGT-1")]
[Trait("Requirement", "T-INS-1")]
public sealed class UsedProofsTests : IAsyncLifetime
{
    private static readonly byte[] _body = "{}"u8.ToArray();

    private OfficersTestBed _bed = null!;

    private TestOfficer Olga => _bed.Three[0];

    private RowAddress Proofs => new(SamTable.Registry, $"officer-{Olga.Id}", "proofs");

    public async ValueTask InitializeAsync() => _bed = await OfficersTestBed.OpenInitializedAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    /// <summary>What is done to the row, and what the alarm calls it.</summary>
    public static TheoryData<string, string> Harms => new()
    {
        { "deleted", nameof(SamErrorCode.RowMissing) },
        { "junk", nameof(SamErrorCode.RowBroken) },
        { "touched", nameof(SamErrorCode.RowRolledBack) },
    };

    [Theory]
    [MemberData(nameof(Harms))]
    public async Task No_state_of_the_row_gives_a_second_use_or_keeps_anybody_out_for_good(string harm, string fault)
    {
        // One by a clock that is ahead: it is good for two minutes.
        _bed.Bed.Clock.Advance(TimeSpan.FromSeconds(10));
        OfficerRequest used = Request();
        OfficerRequest ahead = Request(60);
        Assert.Null(await AskAsync(used));
        Assert.Null(await AskAsync(ahead));
        Harm(harm);

        Sam.Core.ActivationModule other = await _bed.Bed.OpenProcessAsync();
        foreach (OfficerRequest request in new[] { used, ahead, Request(), used, ahead })
        {
            Assert.Equal(SamErrorCode.ProofReplayed, (await other.Officers.AuthenticateAsync(Olga.Login, request, CancellationToken.None)).Refusal?.Code);
            Assert.Equal(SamErrorCode.ProofReplayed, await AskAsync(request));
        }

        AuditRecord alarm = Assert.Single(_bed.Bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault);
        Assert.Equal(fault, alarm.Cause);
        _bed.Bed.Clock.Advance(TimeSpan.FromSeconds(61));
        OfficerRequest fresh = Request();
        Assert.Null(await AskAsync(fresh));
        Assert.Equal(SamErrorCode.ProofReplayed, await AskAsync(fresh));
        Assert.Null((await Olga.AuthenticateAsync(other)).Refusal);
    }

    [Fact]
    public async Task All_officers_come_back_after_their_rows_were_touched()
    {
        _bed.Bed.Clock.Advance(TimeSpan.FromSeconds(10));
        foreach (TestOfficer officer in _bed.Three)
        {
            _ = _bed.Bed.Table.Attacker.WriteBack(_bed.Bed.Table.Attacker.Row(new RowAddress(SamTable.Registry, $"officer-{officer.Id}", "proofs")));
            Assert.Equal(SamErrorCode.ProofReplayed, (await officer.AuthenticateAsync(_bed.Sam)).Refusal?.Code);
        }

        _bed.Bed.Clock.Advance(TimeSpan.FromSeconds(61));
        foreach (TestOfficer officer in _bed.Three)
        {
            Assert.Null((await officer.AuthenticateAsync(_bed.Sam)).Refusal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_has_no_code_revives_nothing(bool isAuthenticatedBetween)
    {
        OfficerRequest captured = Request();
        Assert.Null(await AskAsync(captured));
        Sam.Core.ActivationModule other = await _bed.Bed.OpenProcessAsync();
        Assert.True(_bed.Bed.Table.Attacker.Delete(Proofs));
        Assert.True(!isAuthenticatedBetween || await AskAsync(captured) == SamErrorCode.ProofReplayed);

        using TestOfficer forger = new(Olga.Login, _bed.Bed.Clock);
        Assert.Equal(SamErrorCode.EnrolmentCodeInvalid, (await forger.EnrolAsync(_bed.Sam, new SecretText("x"))).Refusal?.Code);

        Assert.Equal(isAuthenticatedBetween, _bed.Bed.Table.Attacker.Rows(SamTable.Registry).Any(r => r.Address == Proofs));
        Assert.Equal(SamErrorCode.ProofReplayed, (await other.Officers.AuthenticateAsync(Olga.Login, captured, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ProofReplayed, await AskAsync(captured));
    }

    /// <summary>The row opens: it was written back within the tolerance of the seal. The process that saw the newer one knows.</summary>
    [Fact]
    public async Task A_row_of_the_last_seconds_is_noticed_by_the_process_that_saw_a_newer_one()
    {
        StoredRow before = _bed.Bed.Table.Attacker.Row(Proofs);
        OfficerRequest captured = Request();
        Assert.Null(await AskAsync(captured));
        _ = _bed.Bed.Table.Attacker.WriteBack(before);

        // Any request of hers is enough, and then every process refuses what may have been used.
        Assert.Equal(SamErrorCode.ProofReplayed, await AskAsync(Request()));
        Assert.Equal(nameof(SamErrorCode.RowRolledBack), Assert.Single(_bed.Bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault).Cause);
        Sam.Core.ActivationModule other = await _bed.Bed.OpenProcessAsync();
        Assert.Equal(SamErrorCode.ProofReplayed, (await other.Officers.AuthenticateAsync(Olga.Login, captured, CancellationToken.None)).Refusal?.Code);
        _bed.Bed.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Null((await Olga.AuthenticateAsync(_bed.Sam)).Refusal);
        Assert.Single(_bed.Bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault);
    }

    /// <summary>Two processes know the store's clock to some seconds: one that is ahead does not forget what the other one would still take.</summary>
    [Fact]
    public async Task A_used_proof_is_kept_longer_than_it_is_good()
    {
        OfficerRequest used = Request();
        Assert.Null(await AskAsync(used));
        UsedProofs ahead = new(_bed.Bed.SealedRows, new NoAudit());
        Assert.True(OfficerProof.TryParse(Request(60).Proof, out OfficerProof? another));
        Assert.Null(await ahead.UseAsync(Olga.Id, another.Claims, _bed.Bed.Clock.GetUtcNow().AddSeconds(69)));

        Sam.Core.ActivationModule other = await _bed.Bed.OpenProcessAsync();
        Assert.Equal(SamErrorCode.ProofReplayed, (await other.Officers.AuthenticateAsync(Olga.Login, used, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task A_new_key_begins_with_a_row_that_opens()
    {
        _ = _bed.Bed.Table.Attacker.Write(Proofs, new byte[10]);
        ApprovedProposal approved = (await _bed.Three[2].ApproveAsync(_bed.Sam, (await _bed.Three[1].ProposeAsync(_bed.Sam, new OfficerChange.RenewOfficerKey(Olga.Id))).Value)).Value;
        using TestOfficer anew = new(Olga.Login, _bed.Bed.Clock);
        Assert.Null((await anew.EnrolAsync(_bed.Sam, approved.Code!.Code)).Refusal);
        Assert.Null((await anew.AuthenticateAsync(_bed.Sam)).Refusal);
    }

    private OfficerRequest Request(long ahead = 0) =>
        Olga.Request(_bed.Sam.Officers.DeploymentId, "POST", "/sam/v1/proposals", _body, c => c with { IssuedAt = c.IssuedAt + ahead });

    private async Task<SamErrorCode?> AskAsync(OfficerRequest request) => (await _bed.Sam.Officers.AuthenticateAsync(Olga.Login, request, CancellationToken.None)).Refusal?.Code;

    private void Harm(string harm)
    {
        switch (harm)
        {
            case "deleted":
                Assert.True(_bed.Bed.Table.Attacker.Delete(Proofs));
                break;
            case "junk":
                _ = _bed.Bed.Table.Attacker.Write(Proofs, new byte[10]);
                break;
            default:
                _bed.Bed.Clock.Advance(TimeSpan.FromSeconds(10));
                _ = _bed.Bed.Table.Attacker.WriteBack(_bed.Bed.Table.Attacker.Row(Proofs));
                break;
        }
    }

    private sealed class NoAudit : IAuditLog
    {
        public bool IsFailing => false;

        public Task<ChainHead> AppendAsync(AuditRecord record) => Task.FromResult(new ChainHead(string.Empty, 0, default));
    }
}
