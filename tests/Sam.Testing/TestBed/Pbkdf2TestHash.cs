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

        // Hashed first, because HMAC fills a short key up with zeros: it would take a PIN and the same with a zero behind it for one.
        byte[] saltAndCost = [.. salt, (byte)cost.Iterations];
        return Rfc2898DeriveBytes.Pbkdf2(SHA256.HashData(password), saltAndCost, Iterations, HashAlgorithmName.SHA256, 32);
    }
}
