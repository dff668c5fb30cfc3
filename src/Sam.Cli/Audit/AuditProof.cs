namespace Sam.Cli.Audit;

/// <summary>
/// That a record stands in the audit: the record, the way from its leaf to the root in its row, and of the rows from there to the next checkpoint what their heads are hashes of. In the words of
/// <see cref="Core.Audit.AuditFormat"/>.
/// </summary>
/// <param name="Format"><see cref="Name"/>.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Sequence">The row.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="Index">Which of them this is.</param>
/// <param name="Record">The record: JSON, the bytes that were hashed.</param>
/// <param name="Salt">The salt of its leaf.</param>
/// <param name="Path">The nodes beside the way to the root, from below.</param>
/// <param name="Previous">The head before the row.</param>
/// <param name="Mac">The row's MAC.</param>
/// <param name="Digest">SHA-256 of the row's sealed records.</param>
/// <param name="Later">Of each row after it up to the checkpoint: number of records (2) ‖ root (32) ‖ MAC (32) ‖ digest (32).</param>
/// <param name="Checkpoint">The checkpoint's content, with the SAM's signature.</param>
internal sealed record AuditProof(
    string Format,
    string Chain,
    long Sequence,
    int Records,
    int Index,
    byte[] Record,
    byte[] Salt,
    IReadOnlyList<byte[]> Path,
    byte[] Previous,
    byte[] Mac,
    byte[] Digest,
    IReadOnlyList<byte[]> Later,
    byte[] Checkpoint)
{
    /// <summary>The name and version of the format.</summary>
    internal const string Name = "sam-audit-proof/1";
}
