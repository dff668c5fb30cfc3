using System.Security.Cryptography;
using Sam.Core.Configuration;
using Sam.Core.Officers;
using Sam.Core.Sealing;

namespace Sam.Core.Anchoring;

/// <summary>
/// What rarely changes and must not be rolled back (security decision 16). Each version is a row of its own; the HSM holds which one is the present.
/// </summary>
/// <param name="Version">1 for the one of the initialisation; each change is one more.</param>
/// <param name="Deployment">The deployment's id.</param>
/// <param name="Epoch">The deployment epoch (security decision 21).</param>
/// <param name="Keyring">SHA-256 of the keyring row: another data key is another deployment.</param>
/// <param name="Officers">The privileged users.</param>
/// <param name="Tombstones">The keys that were destroyed.</param>
/// <param name="Change">What made this version of the one before, with the signatures of those who wanted it; null for a change that took none.</param>
/// <param name="Made">The proposals that were made last, oldest first: none is made twice.</param>
/// <param name="Configuration">The settings that are approved; null for a deployment whose host did not say any.</param>
/// <param name="Buried">The fingerprint, hexadecimal, of the destroyed key that made this version of the one before; null where nothing was destroyed.</param>
internal sealed record AnchorDocument(
    long Version, string Deployment, uint Epoch, byte[] Keyring, IReadOnlyList<OfficerRow> Officers, TombstoneHead Tombstones, ChangeEvidence? Change, IReadOnlyList<string> Made,
    ApprovedConfiguration? Configuration, string? Buried)
{
    private const int MaxMade = 50;

    /// <summary>The document that this evidence made of it.</summary>
    internal AnchorDocument With(IReadOnlyList<OfficerRow> officers, ChangeEvidence evidence) =>
        this with { Officers = officers, Change = evidence, Made = [.. Made.Append(evidence.Proposal).TakeLast(MaxMade)] };

    /// <summary>The document that this evidence made of it, with other settings.</summary>
    internal AnchorDocument With(ApprovedConfiguration configuration, ChangeEvidence evidence) => With(Officers, evidence) with { Configuration = configuration };

    /// <summary>The document that a destruction made of it. All its versions together are the list of destroyed keys, and the head of the last one holds each to it.</summary>
    internal AnchorDocument With(byte[] destroyed)
    {
        string fingerprint = Convert.ToHexStringLower(destroyed);
        return this with { Tombstones = Tombstones.Add(fingerprint), Buried = fingerprint, Change = null };
    }
}

/// <summary>All destroyed keys in two values: a list of them in the tables is whole if it gives these.</summary>
/// <param name="Count">How many.</param>
/// <param name="Head">SHA-256 over the head before and the fingerprint of the key; empty for none.</param>
internal sealed record TombstoneHead(long Count, byte[] Head)
{
    internal static TombstoneHead None { get; } = new(0, []);

    internal bool IsSame(TombstoneHead other) => Count == other.Count && CryptographicOperations.FixedTimeEquals(Head, other.Head);

    internal TombstoneHead Add(string fingerprint) =>
        new(Count + 1, SHA256.HashData(AssociatedData.Of("sam-tombstone/1", Convert.ToHexStringLower(Head), fingerprint)));
}

/// <summary>An <see cref="AnchorDocument"/> with the SAM's signature: whoever holds a process's data key can seal a row, and cannot sign this.</summary>
/// <param name="Document">The document, JSON.</param>
/// <param name="Signature">By the SAM's own key in the HSM.</param>
internal sealed record AnchorRow(byte[] Document, byte[] Signature)
{
    internal static byte[] Statement(byte[] document) => [.. AssociatedData.Of("sam-anchor-document/1"), .. document];
}
