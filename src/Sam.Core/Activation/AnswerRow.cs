namespace Sam.Core.Activation;

/// <summary>A part of an answer that was released, kept for the client that may have lost it (security decision 5). Purged with its transaction.</summary>
/// <param name="Operation">The operation that made it: an answer is only good for the spend that names it.</param>
/// <param name="Parts">How many rows hold the answer: a row has not room for all that one batch can be.</param>
/// <param name="Signatures">The signatures of this part, in the order of the request.</param>
internal sealed record AnswerRow(string Operation, int Parts, IReadOnlyList<byte[]> Signatures);
