namespace Sam.Core.Officers;

/// <summary>The proofs that one privileged user has used and whose time is not over: a used one is found here, an old one is refused by its time.</summary>
/// <param name="Ids">The proofs' ids, with the second from which on their time refuses them.</param>
/// <param name="RefusedUntil">Proofs of this second or an earlier one are refused: whether they were used is not known any more. 0: all are known.</param>
internal sealed record UsedProofsRow(IReadOnlyDictionary<string, long> Ids, long RefusedUntil = 0);
