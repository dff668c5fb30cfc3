namespace Sam.Core.Factors;

/// <summary>What one evaluation of Argon2id costs (RFC 9106). Each verifier names its own, so that the cost can be raised.</summary>
/// <param name="MemoryKiB">Memory, in KiB: 8 to 1,048,576, and at least 8 per lane.</param>
/// <param name="Iterations">Passes: 1 to 64.</param>
/// <param name="Parallelism">Lanes: 1 to 16.</param>
public sealed record PasswordHashCost(int MemoryKiB, int Iterations, int Parallelism)
{
    // OWASP's recommendations for Argon2id lie between 7 MiB in 5 passes and 46 MiB in one; the first is the least of them by either measure.
    private const int LeastMemoryKiB = 7_168;
    private const int LeastKiBTimesIterations = 5 * LeastMemoryKiB;

    /// <summary>True when it is no less than what is recommended for passwords. The pepper in the HSM carries the secrecy, but whoever can use the HSM can search again.</summary>
    public bool IsRecommended() => MemoryKiB >= LeastMemoryKiB && (long)MemoryKiB * Iterations >= LeastKiBTimesIterations;

    /// <summary>True when all three are in their bounds.</summary>
    public bool IsValid() =>
        Parallelism is >= 1 and <= 16 && Iterations is >= 1 and <= 64 && MemoryKiB is >= 8 and <= 1_048_576 && MemoryKiB >= 8 * Parallelism;
}
