namespace Sam.Core.Officers;

/// <summary>A request under an idempotency key, and what it makes or made. Written before anything is made.</summary>
/// <param name="Mark">What was asked for.</param>
/// <param name="Id">Under which id it is made.</param>
/// <param name="BegunAt">When it was begun, by the store's clock.</param>
/// <param name="IsDone">It was made.</param>
internal sealed record CreationRow(byte[] Mark, string Id, DateTimeOffset BegunAt, bool IsDone);
