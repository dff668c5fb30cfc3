using System.Globalization;

namespace Sam.Cli.Audit;

/// <summary>The first thing that is wrong.</summary>
/// <param name="Kind">What.</param>
/// <param name="Chain">Of which chain; of a stray row, its address.</param>
/// <param name="Number">The sequence of the row, or the number of the checkpoint.</param>
/// <param name="Witness">Who knows better, where it is not the rows themselves.</param>
internal sealed record AuditFault(AuditFaultKind Kind, string Chain, long Number, string? Witness = null)
{
    private string NumberText => Number.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        AuditFaultKind.Stray => $"{Chain}: no row of the audit belongs there.",
        AuditFaultKind.Disorder => Row("the row stands twice, or out of order."),
        AuditFaultKind.Missing => Row("the row is missing."),
        AuditFaultKind.Form => Row("the content is not that of a row."),
        AuditFaultKind.OtherPlace => Row("the content is that of another row."),
        AuditFaultKind.Unchained => Row("the row does not go on from the one before it: one of the two was changed."),
        AuditFaultKind.CheckpointForm => Checkpoint("it is malformed."),
        AuditFaultKind.CheckpointOtherPlace => Checkpoint("it belongs to another place."),
        AuditFaultKind.CheckpointForeign => Checkpoint("it is not signed by the SAM of this certificate."),
        AuditFaultKind.CheckpointMissing => Checkpoint("it is missing."),
        AuditFaultKind.CheckpointUnchained => Checkpoint("it does not go on from the one before it."),
        AuditFaultKind.ChainMissing => Row($"the whole chain is missing, which {Witness} knows up to here."),
        AuditFaultKind.CutOff => Row($"the chain is cut off here; {Witness} knows more of it."),
        AuditFaultKind.Rewritten => Row($"the chain up to here is another than {Witness} knows."),
        AuditFaultKind.AfterEnd => Row($"the row stands after the end of its chain, which {Witness} names."),
        _ => throw new InvalidOperationException("No such fault."),
    };

    private string Row(string what) => $"chain {Chain}, sequence {NumberText}: {what}";

    private string Checkpoint(string what) => $"chain {Chain}, checkpoint {NumberText}: {what}";
}
