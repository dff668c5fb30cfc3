namespace Sam.Core.Activation;

/// <summary>
/// What became of a spend, where signatures are left: without it a spent SAD is not extended (security decision 5). Written after the audit record, by whoever spent; purged with its transaction.
/// </summary>
/// <param name="Operation">The operation that spent.</param>
/// <param name="Spend">The version of the transaction's row that the spend gave: a row written back has another.</param>
/// <param name="HandedOver">The digests handed to the HSM, one behind the other, whether or not a signature came of them. The others stay with the transaction.</param>
internal sealed record OutcomeRow(string Operation, string Spend, byte[] HandedOver);
