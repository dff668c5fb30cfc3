namespace Sam.Core.Activation;

/// <summary>The times of a signature (security decisions 5 and 6), and what it waits behind (7).</summary>
public sealed record ActivationPolicy
{
    /// <summary>A SAD's life: 1 s to 300 s.</summary>
    public TimeSpan SadLifetime { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How long a signer has for an approval on their device, and its client to fetch the SAD: 30 s to 15 min.</summary>
    public TimeSpan ApprovalLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How old a login may be that is a key authorization by itself (level 1): 30 s to 15 min.</summary>
    public TimeSpan MaxLoginAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one authorization goes on by extensions: from <see cref="SadLifetime"/> to 24 h. No SAD of it outlives this.</summary>
    public TimeSpan MaxTransactionLife { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a transaction's row is kept after its last SAD has expired, as the record of what was spent.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Between the spend's answer and the HSM call, by the monotonic clock. A process that was stopped in between releases nothing.</summary>
    public TimeSpan MaxSpendToKeyUse { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Between the spend's answer and the release, by the monotonic clock.</summary>
    public TimeSpan MaxSpendToRelease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many digests may be on their way to the HSM before the next request is refused: 1 to 100,000. What the HSM signs within <see cref="MaxSpendToKeyUse"/>, or less:
    /// who is let in and then waits longer has lost the SAD. 256 suits an HSM that makes 300 signatures a second (RSA-3072 on a Managed HSM's partition: 340).
    /// </summary>
    public int MaxDigestsInHand { get; init; } = 256;
}
