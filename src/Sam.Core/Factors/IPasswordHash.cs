namespace Sam.Core.Factors;

/// <summary>A memory-hard password hash: Argon2id. The BCL has none, so the implementation stands outside the domain.</summary>
public interface IPasswordHash
{
    /// <summary>Derives 32 bytes. Deterministic. The caller clears the result.</summary>
    /// <exception cref="ArgumentException">The cost is out of its bounds, the salt is shorter than 8 bytes, or the password is empty.</exception>
    byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, PasswordHashCost cost);
}
