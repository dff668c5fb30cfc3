using System.Security.Cryptography;
using Sam.Core.Factors;

namespace Sam.Testing.TestBed;

/// <summary>Not Argon2id: PBKDF2 with two iterations, so that tests of the domain are fast. It counts its evaluations.</summary>
public sealed class Pbkdf2TestHash : IPasswordHash
{
    private const int Iterations = 2;

    private int _evaluations;

    /// <summary>How many passwords were evaluated.</summary>
    public int Evaluations => Volatile.Read(ref _evaluations);

    /// <summary>Asked at the start of each evaluation; may throw.</summary>
    public Action? Before { get; set; }

    /// <inheritdoc/>
    public byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, PasswordHashCost cost)
    {
        _ = Interlocked.Increment(ref _evaluations);
        Before?.Invoke();
        return Rfc2898DeriveBytes.Pbkdf2(password, [.. salt, (byte)cost.Iterations], Iterations, HashAlgorithmName.SHA256, 32);
    }
}
