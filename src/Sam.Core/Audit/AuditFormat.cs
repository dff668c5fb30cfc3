namespace Sam.Core.Audit;

/// <summary>
/// The numbers and names of the audit's format, which writer and verifier share. They share nothing else: the verifier was written from this description.
/// All integers are big-endian; a chain id is 32 hexadecimal digits, as ASCII; hashes are SHA-256.
/// </summary>
/// <remarks>
/// <para>
/// A row of a chain stands at partition <c>CHAIN-PPPPPPPPPP</c> (sequence / 64), row key <c>SSSSSSSSSSSS</c> (sequence). Sequences start at 0 and have no gaps. Its content:
/// version 3 (1) ‖ sequence (8) ‖ number of records (2) ‖ previous head (32) ‖ root of the records (32) ‖ MAC (32) ‖ sealed records.
/// </para>
/// <para>
/// Digest = SHA-256(sealed records). MAC = HMAC-SHA-256(the chain's key of this row, "sam-audit-mac/3" ‖ chain id ‖ the content up to the MAC ‖ digest).
/// Head = SHA-256("sam-audit/3" ‖ chain id ‖ the content up to the sealed records ‖ digest). The previous head of the first row is all zeros.
/// </para>
/// <para>
/// The root is that of a Merkle tree over the row's records, which are sealed with a salt (32 random bytes): leaf i = SHA-256(0x00 ‖ HMAC-SHA-256(salt, i (4)) ‖ record i, UTF-8 JSON as sealed);
/// node = SHA-256(0x01 ‖ left ‖ right); of a level with an odd number the last one is taken up as it is. So one record of a row can be shown to have stood there, and nothing is learnt of the others.
/// </para>
/// <para>
/// The key of row 0 is the MAC that the HSM makes over what <c>AssociatedData.Of("sam-audit-ratchet/1", chain id)</c> gives; the key of the next row is
/// HMAC-SHA-256(key, "sam-audit-ratchet/next"), and the key before it is forgotten.
/// </para>
/// <para>
/// A checkpoint stands at partition <c>checkpoints-YYYYMMDD</c>, row key <c>TTTTTTTTTTTTTTT-CHAIN</c> (milliseconds since 1970). Its content: length of the tag (2) ‖
/// "sam-audit-checkpoint/1" ‖ 1 if the chain ends here, else 0 (1) ‖ number of this checkpoint among its chain's, from 0 (8) ‖ milliseconds since 1970 (8) ‖
/// SHA-256 of the content of the chain's checkpoint before, or zeros (32) ‖ head ‖ number of other heads (2) ‖ the other heads ‖ signature (64).
/// A head is: chain id (32) ‖ sequence (8) ‖ hash (32). The signature is ECDSA P-256 with SHA-256, R‖S, over all before it, by the SAM's identity key in the HSM.
/// </para>
/// </remarks>
public static class AuditFormat
{
    /// <summary>The version that a row's content begins with.</summary>
    public const byte RowVersion = 3;

    /// <summary>Rows of one chain in one partition: partitions stay small, and a range of a chain is read partition by partition.</summary>
    public const int RowsPerPartition = 64;

    /// <summary>The characters of a chain id.</summary>
    public const int ChainIdSize = 32;

    /// <summary>The bytes of a hash, of a head's, and of a MAC.</summary>
    public const int HashSize = 32;

    /// <summary>The bytes of a row before the root of its records.</summary>
    public const int RootOffset = 1 + sizeof(long) + sizeof(ushort) + HashSize;

    /// <summary>The bytes of a row before its MAC.</summary>
    public const int MacOffset = RootOffset + HashSize;

    /// <summary>The bytes of a row before the sealed records.</summary>
    public const int RowHeaderSize = MacOffset + HashSize;

    /// <summary>The bytes of a head in a checkpoint.</summary>
    public const int HeadSize = ChainIdSize + sizeof(long) + HashSize;

    /// <summary>The bytes of a checkpoint's signature.</summary>
    public const int SignatureSize = 64;

    /// <summary>How many heads of other chains a checkpoint names at most.</summary>
    public const int MaxOtherHeads = 500;

    /// <summary>What a head's hash begins with.</summary>
    public const string HeadTag = "sam-audit/3";

    /// <summary>What a MAC begins with.</summary>
    public const string MacTag = "sam-audit-mac/3";

    /// <summary>What a checkpoint begins with, after its length.</summary>
    public const string CheckpointTag = "sam-audit-checkpoint/1";

    /// <summary>What the partitions of checkpoints begin with.</summary>
    public const string CheckpointPartition = "checkpoints-";
}
