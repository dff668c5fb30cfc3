namespace Sam.IntegrationTests.Storm;

/// <summary>What all rounds came to.</summary>
internal sealed class StormSum
{
    public int Rounds { get; private set; }

    public int Manipulations { get; private set; }

    public int FastRollBacks { get; private set; }

    public int Replayed { get; private set; }

    public int StateRows { get; private set; }

    public SortedDictionary<string, int> Kinds { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, int> Tables { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, int> Rows { get; } = new(StringComparer.Ordinal);

    public int AuditSeen { get; private set; }

    public int AuditSeenByTheWitnessAlone { get; private set; }

    public int AuditEndsThatNobodyWitnessed { get; private set; }

    public int StopsThatStood { get; private set; }

    public int RowsWrittenUnderSeal { get; private set; }

    public int Alarms { get; private set; }

    public int StartsRefused { get; private set; }

    public int Signatures { get; private set; }

    public int Refused { get; private set; }

    public int ApprovalsUsedByASecondProcess { get; private set; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Manipulations} manipulations in {Rounds} rounds ({FastRollBacks} roll-backs within 1 s, {Replayed} deletions with a replay, {StateRows} on state rows), {Signatures} signatures, {Refused} refusals, {Alarms} alarms; rows: "
        + $"{string.Join(", ", Rows.Select(r => $"{r.Value} {r.Key}"))}; audit: {AuditSeen} seen, {AuditSeenByTheWitnessAlone} by the witness alone, {AuditEndsThatNobodyWitnessed} by nobody; "
        + $"{StartsRefused} starts refused; {ApprovalsUsedByASecondProcess} approvals used by a second process";

    internal void Add(StormRound round)
    {
        Rounds++;
        Manipulations += round.Insider.Count;
        FastRollBacks += round.Insider.FastRollBacks;
        Replayed += round.Insider.Replayed;
        StateRows += round.Insider.StateRows;
        Merge(Kinds, round.Insider.Kinds);
        Merge(Tables, round.Insider.Tables);
        Merge(Rows, round.Fates);
        AuditSeen += round.Audit.Seen;
        AuditSeenByTheWitnessAlone += round.Audit.ByWitnessAlone;
        AuditEndsThatNobodyWitnessed += round.Audit.Unwitnessed;
        Alarms += round.Alarms;
        StopsThatStood += round.Stops;
        RowsWrittenUnderSeal += round.WrittenRows;
        StartsRefused += round.RefusedStarts;
        Signatures += round.Receiver.Signatures;
        Refused += round.Receiver.Refused;
        ApprovalsUsedByASecondProcess += round.Receiver.Conceded;
    }

    private static void Merge(SortedDictionary<string, int> sum, SortedDictionary<string, int> more)
    {
        foreach ((string key, int count) in more)
        {
            sum[key] = sum.GetValueOrDefault(key) + count;
        }
    }
}
