using System.Security.Cryptography;
using Sam.Core.Activation;
using Sam.Core.Audit;

namespace Sam.IntegrationTests.Crashes;

/// <summary>What the tables, the audit and the HSM's calls amount to, and what in them contradicts what left the SAMs.</summary>
/// <param name="Transactions">How many transactions there are.</param>
/// <param name="Spent">How many of them are spent.</param>
/// <param name="Unaudited">How many of the spent ones no audit record tells the outcome of: the process died in between.</param>
/// <param name="WithoutSad">How many transactions no SAD that left stands for.</param>
/// <param name="Faults">What must not be.</param>
internal sealed record Judgement(int Transactions, int Spent, int Unaudited, int WithoutSad, IReadOnlyList<string> Faults);

/// <summary>
/// Judges, after any number of crashes, by what each witness saw for itself: receivers (what left), tables (spends), audit (outcomes), the HSM's log (signatures made).
/// </summary>
internal static class CrashOracle
{
    /// <param name="tables">The tables.</param>
    /// <param name="departures">What left.</param>
    /// <param name="made">How many signatures the HSM was asked for, by all processes.</param>
    internal static async Task<Judgement> JudgeAsync(CrashTables tables, Departures departures, int made)
    {
        IReadOnlyDictionary<string, TransactionRow> rows = await tables.TransactionsAsync();
        ILookup<string, AuditRecord> audit = (await tables.AuditAsync()).Where(record => record.Transaction is not null).ToLookup(record => record.Transaction!);
        List<string> faults = [.. (await tables.FindLostAsync()).Select(lost => $"a row is lost for good: {lost}")];
        HashSet<string> left = [];
        foreach ((string sad, Departure departure) in departures.All)
        {
            string id = tables.Open(sad).Transaction.Value;
            left.Add(id);
            faults.AddRange(FaultsOf(departure, rows.GetValueOrDefault(id), [.. audit[id]]).Select(fault => $"{id}: {fault}"));
        }

        foreach ((string id, TransactionRow row) in rows)
        {
            faults.AddRange(FaultsOf(row, [.. audit[id].Where(IsOutcome)]).Select(fault => $"{id}: {fault}"));
        }

        faults.AddRange(audit.Where(records => records.Any(IsOutcome) && !rows.ContainsKey(records.Key)).Select(records => $"{records.Key}: a key was used for no transaction"));
        int spent = rows.Values.Count(row => row.Spent is not null);
        if (made > spent)
        {
            faults.Add($"{made} signatures were made, and {spent} SADs spent");
        }

        int told = audit.SelectMany(records => records).Where(IsOutcome).Where(record => record.SignatureDigests is not null).DistinctBy(record => record.Operation).Count();
        if (told > made)
        {
            faults.Add($"the audit tells of {told} signatures, and {made} were made");
        }

        return new Judgement(
            rows.Count, spent, rows.Count(row => row.Value.Spent is not null && !audit[row.Key].Any(IsOutcome)), rows.Keys.Count(id => !left.Contains(id)), faults);
    }

    private static bool IsOutcome(AuditRecord record) => record.Event is AuditEvent.SignaturesReleased or AuditEvent.SigningFailed;

    private static IEnumerable<string> FaultsOf(Departure departure, TransactionRow? row, AuditRecord[] audit)
    {
        if (row is null)
        {
            yield return "a SAD left, and its transaction is not there";
            yield break;
        }

        if (!audit.Any(record => record.Event == AuditEvent.Authorized))
        {
            yield return "a SAD left, and no record tells of it";
        }

        if (departure.ToldSpent && row.Spent is null)
        {
            yield return "a SAD was refused as spent, and is not";
        }

        byte[][] signatures = [.. departure.Signatures];
        if (signatures.Length > 1)
        {
            yield return $"{signatures.Length} signatures left for one SAD";
        }

        foreach (byte[] signature in signatures)
        {
            if (!departure.Credential.Verifies(departure.Digest, signature))
            {
                yield return "a signature left that does not verify";
            }

            string digest = Convert.ToHexStringLower(SHA256.HashData(signature));
            if (row.Spent is null || !audit.Any(record =>
                record.Event == AuditEvent.SignaturesReleased && record.Operation == row.Spent.Operation && record.SignatureDigests is [string told] && told == digest))
            {
                yield return row.Spent is null ? "a signature left, and its SAD is not spent" : "a signature left, and no record tells of it";
            }
        }
    }

    private static IEnumerable<string> FaultsOf(TransactionRow row, AuditRecord[] outcomes)
    {
        // One digest each in these tests, so that all of them were handed over.
        if (row.Spent is { } spend && !spend.HandedOver.AsSpan().SequenceEqual(SHA256.HashData(row.Hashes)))
        {
            yield return "the spend names other digests than were handed over";
        }

        if (outcomes.Any(record => record.Operation != row.Spent?.Operation))
        {
            yield return "the key was used by another operation than the one that spent the SAD";
        }

        if (outcomes.Count(record => record.Event == AuditEvent.SignaturesReleased) > 1)
        {
            yield return "a release is recorded twice";
        }
    }
}
