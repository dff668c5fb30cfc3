using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>A request that its sender may send again: the <c>Idempotency-Key</c> that they chose, and SHA-256 over what they ask for, so that another request under the same key is noticed.</summary>
public sealed class RequestKey
{
    private RequestKey(string name, byte[] mark)
    {
        Name = name;
        Mark = mark;
    }

    /// <summary>The key, as the privileged user chose it.</summary>
    internal string Name { get; }

    /// <summary>What is asked for: 32 bytes.</summary>
    internal byte[] Mark { get; }

    /// <summary>Takes a request with a key. False for a key that is not 1 to 255 printable ASCII characters.</summary>
    public static bool TryCreate(OfficerRequest request, [NotNullWhen(true)] out RequestKey? key)
    {
        bool valid = request.IdempotencyKey is { Length: > 0 and <= RetryMark.MaxKeyLength } name && name.All(c => c is >= ' ' and < '\x7f');
        key = valid ? new RequestKey(request.IdempotencyKey!, Hash("sam-request/1", Encoding.UTF8.GetBytes($"{request.Method} {request.Target}"), request.Body.Span)) : null;
        return valid;
    }

    /// <summary>Where the row of a privileged user's key stands: nobody's key meets somebody else's.</summary>
    internal string PlaceFor(string officer) => Convert.ToHexStringLower(Hash("sam-request-key/1", Encoding.UTF8.GetBytes(officer), Encoding.ASCII.GetBytes(Name)));

    private static byte[] Hash(string domain, byte[] first, ReadOnlySpan<byte> second)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, first.Length);
        return SHA256.HashData([.. Encoding.ASCII.GetBytes(domain), .. length, .. first, .. second]);
    }
}
