using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Sam.Core.Values;

/// <summary>
/// What tells that two requests are one and the same, sent again because its answer was lost: SHA-256 over the client's <c>Idempotency-Key</c> and every byte of the body.
/// </summary>
public sealed class RetryMark
{
    /// <summary>The longest key, in characters.</summary>
    public const int MaxKeyLength = 255;

    private readonly byte[] _value;

    private RetryMark(byte[] value) => _value = value;

    /// <summary>32 bytes.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <summary>The mark of a request. False for a key that is not 1 to 255 printable ASCII characters, quotation marks included.</summary>
    public static bool TryCreate(string? key, ReadOnlySpan<byte> body, [NotNullWhen(true)] out RetryMark? mark)
    {
        bool valid = key is { Length: > 0 and <= MaxKeyLength } && key.All(c => c is >= ' ' and < '\x7f');
        mark = valid ? new RetryMark(Hash(key!, body)) : null;
        return valid;
    }

    private static byte[] Hash(string key, ReadOnlySpan<byte> body)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, key.Length);
        return SHA256.HashData([.. "sam-retry/1"u8, .. length, .. Encoding.ASCII.GetBytes(key), .. body]);
    }
}
