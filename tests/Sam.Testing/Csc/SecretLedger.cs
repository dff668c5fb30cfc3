using System.Collections.Concurrent;

namespace Sam.Testing.Csc;

/// <summary>Every SAD, PIN and token that a test run made, so that the run's logs can be searched for them when it ends.</summary>
public static class SecretLedger
{
    private static readonly ConcurrentDictionary<string, string> _secrets = new(StringComparer.Ordinal);

    /// <summary>Takes note of a secret; of what kind it is goes into the finding, and the secret does not.</summary>
    public static string Note(string kind, string secret)
    {
        // Shorter ones would be found by chance.
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, 16);
        _secrets[secret] = kind;
        return secret;
    }

    /// <summary>All that were noted, with their kinds.</summary>
    public static IReadOnlyDictionary<string, string> All => _secrets.ToDictionary();
}
