namespace Sam.Core.Activation;

/// <summary>That a SAD was exchanged for the next, by a request that may come again. Purged with its transaction.</summary>
/// <param name="Given">The version of the transaction's row that the next SAD is for.</param>
internal sealed record ExtensionRow(string Given);
