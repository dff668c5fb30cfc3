using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Audit;

/// <summary>One audited outcome. Never a SAD, a factor or a token. What does not apply is null.</summary>
public sealed record AuditRecord
{
    // Anybody with a token is refused as often as they like, and a record of a thousand digests would make the others wait for theirs.
    private const int MaxDigestsOfARefusal = 10;

    /// <summary>What happened.</summary>
    public required AuditEvent Event { get; init; }

    /// <summary>When, by the clock of the audit store, in UTC; set by the log.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The client that asked.</summary>
    public string? Client { get; init; }

    /// <summary>The user that the client's token named.</summary>
    public string? User { get; init; }

    /// <summary>Who made the change: a privileged user under their role, the signer, or the SAM itself (<see cref="Values.Actor"/>).</summary>
    public string? By { get; init; }

    /// <summary>The signer.</summary>
    public string? Signer { get; init; }

    /// <summary>The credential.</summary>
    public string? Credential { get; init; }

    /// <summary>The signing transaction.</summary>
    public string? Transaction { get; init; }

    /// <summary>The operation: what this record has in common with the spend and with each use of the key.</summary>
    public string? Operation { get; init; }

    /// <summary>The signer's key in the HSM, by the HSM's name for it, where this record is of its use: what an HSM's own log is compared by.</summary>
    public string? Key { get; init; }

    /// <summary>Why it was refused or failed: the name of a <c>SamErrorCode</c>.</summary>
    public string? Cause { get; init; }

    /// <summary>The hash algorithm or signature algorithm by name.</summary>
    public string? Algorithm { get; init; }

    /// <summary>The digests authorized or handed to the HSM, hexadecimal, in order; of a refused request the first 10.</summary>
    public IReadOnlyList<string>? Digests { get; init; }

    /// <summary>How many digests the request named.</summary>
    public int? DigestCount { get; init; }

    /// <summary>Of an operation that failed, how many of the digests the HSM was given, from the first on: it never saw the others, and they may still be signed. Null where it was given all.</summary>
    public int? HandedOver { get; init; }

    /// <summary>SHA-256 of each signature made, hexadecimal, in the order of the digests; of an operation that failed, those that were made and thrown away.</summary>
    public IReadOnlyList<string>? SignatureDigests { get; init; }

    /// <summary>Anything else an operator needs, such as a process's host and version.</summary>
    public string? Detail { get; init; }

    /// <summary>The alarm that somebody changed the tables past the SAM.</summary>
    internal static AuditRecord OfFault(RowAddress place, SamErrorCode fault, string done) =>
        new() { Event = AuditEvent.IntegrityFault, Cause = fault.ToString(), Detail = $"{place}: {done}" };

    /// <summary>This record with what was named in vain.</summary>
    internal AuditRecord WithRefused(IReadOnlyList<Digest> digests) => With(digests, MaxDigestsOfARefusal);

    /// <summary>This record with all the digests of what was granted.</summary>
    internal AuditRecord WithGranted(IReadOnlyList<Digest> digests) => With(digests, digests.Count);

    private AuditRecord With(IReadOnlyList<Digest> digests, int shown) =>
        this with { Digests = [.. digests.Take(shown).Select(d => Convert.ToHexStringLower(d.Value))], DigestCount = digests.Count };
}
