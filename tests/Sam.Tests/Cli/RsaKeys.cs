using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Sam.Tests.Cli;

/// <summary>One RSA key per size for all stand-ins: to make one takes most of a second, and no test here needs a key of its own.</summary>
internal static class RsaKeys
{
    private static readonly ConcurrentDictionary<int, Lazy<RSAParameters>> _made = new();

    internal static RSA Copy(int sizeInBits) => RSA.Create(_made.GetOrAdd(sizeInBits, size => new Lazy<RSAParameters>(() => Make(size))).Value);

    private static RSAParameters Make(int sizeInBits)
    {
        using var key = RSA.Create(sizeInBits);
        return key.ExportParameters(includePrivateParameters: true);
    }
}
