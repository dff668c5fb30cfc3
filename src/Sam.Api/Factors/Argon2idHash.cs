using System.Security.Cryptography;
using Konscious.Security.Cryptography;
using Sam.Core.Factors;

namespace Sam.Api.Factors;

/// <summary>Argon2id (RFC 9106), by Konscious.</summary>
public sealed class Argon2idHash : IPasswordHash
{
    private const int HashBytes = 32;
    private const int ShortestSalt = 8;

    /// <inheritdoc/>
    public byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, PasswordHashCost cost)
    {
        if (!cost.IsValid())
        {
            throw new ArgumentException($"The cost is out of its bounds: {cost}.", nameof(cost));
        }

        if (salt.Length < ShortestSalt)
        {
            throw new ArgumentException($"The salt has {salt.Length} bytes; it takes {ShortestSalt}.", nameof(salt));
        }

        // The library works on an array of ours, which it neither copies nor clears.
        byte[] secret = password.ToArray();
        try
        {
            using Argon2id argon2 = new(secret)
            {
                Salt = salt.ToArray(),
                MemorySize = cost.MemoryKiB,
                Iterations = cost.Iterations,
                DegreeOfParallelism = cost.Parallelism,
            };
            return argon2.GetBytes(HashBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
