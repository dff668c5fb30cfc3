namespace Sam.Core.Certificates;

/// <summary>An answer that was verified, or that there is none.</summary>
/// <param name="Status">What it says.</param>
/// <param name="NextUpdate">Until when it holds; null if the authority does not say.</param>
public sealed record RevocationAnswer(RevocationStatus Status, DateTimeOffset? NextUpdate)
{
    /// <summary>There is none.</summary>
    public static RevocationAnswer None { get; } = new(RevocationStatus.Unknown, null);
}
