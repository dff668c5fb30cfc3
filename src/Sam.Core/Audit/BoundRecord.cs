namespace Sam.Core.Audit;

/// <summary>A record with what binds it to its row, and tells nothing of the row's other records (<see cref="AuditFormat"/>).</summary>
/// <param name="Digest">SHA-256 of the row's content, hexadecimal.</param>
/// <param name="Record">The record: the very bytes that were hashed, JSON.</param>
/// <param name="Salt">The salt of its leaf: 32 bytes.</param>
/// <param name="Path">The nodes beside the way from its leaf to the root, from below.</param>
public sealed record BoundRecord(string Digest, byte[] Record, byte[] Salt, IReadOnlyList<byte[]> Path);
