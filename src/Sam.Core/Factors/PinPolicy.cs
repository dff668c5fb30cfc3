namespace Sam.Core.Factors;

/// <summary>How PINs are checked.</summary>
public sealed record PinPolicy
{
    /// <summary>Attempts before the PIN is locked. A right PIN gives its own attempt back, and no other.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Wrong attempts in a PIN's whole life, over all unlockings, before only a new PIN helps.</summary>
    public int MaxAttemptsEver { get; init; } = 100;

    /// <summary>What a new verifier costs. The pepper in the HSM keeps a stolen table from being searched, so this bounds CPU rather than secrecy.</summary>
    public PasswordHashCost Cost { get; init; } = new(MemoryKiB: 19_456, Iterations: 2, Parallelism: 1);

    /// <summary>Evaluations at a time; others wait. Argon2id's memory times this is what a flood of PINs can take.</summary>
    public int MaxConcurrentEvaluations { get; init; } = Environment.ProcessorCount;
}
