using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Testing.InMemory;
using Sam.Testing.Officers;
using Xunit;

namespace Sam.Tests.Officers;

[Trait("Requirement", "SIG-6")]
[Trait("Requirement", "T-INS-3")]
public sealed class VanishedAnchorTests
{
    /// <summary>Whoever owns the storage takes a version away as soon as it stands there, before anybody has read it.</summary>
    [Fact]
    public async Task A_removal_whose_row_vanishes_at_once_is_missed_by_everybody()
    {
        await using OfficersTestBed bed = await OfficersTestBed.OpenInitializedAsync();
        ProposalView proposal = (await bed.Three[0].ProposeAsync(bed.Sam, new OfficerChange.RemoveOfficer(bed.Three[2].Id))).Value;
        bed.Bed.Rows.After = call =>
        {
            Assert.True(call.Kind != RowStoreCallKind.Insert || call.Address.PartitionKey != "anchor" || bed.Bed.Table.Attacker.Delete(call.Address));
            return Task.CompletedTask;
        };
        Assert.Equal(SamErrorCode.AnchorBroken, (await bed.Three[1].ApproveAsync(bed.Sam, proposal)).Refusal?.Code);
        bed.Bed.Rows.After = null;

        Assert.Equal(SamErrorCode.AnchorBroken, (await bed.Three[2].AuthenticateAsync(bed.Sam)).Refusal?.Code);
        Assert.Equal(SamErrorCode.AnchorBroken, (await bed.Three[2].AuthenticateAsync(await bed.Bed.OpenProcessAsync())).Refusal?.Code);
    }
}
