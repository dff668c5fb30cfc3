using System.Security.Cryptography;
using Sam.Core.Keys;

namespace Sam.Core.Randomness;

/// <summary>
/// Where all of the SAM's random numbers come from (SYS-2; security decision 27): the operating system's generator, looked at as it is used, mixed with the HSM's. There is one in a process,
/// and nothing takes its place.
/// </summary>
public static class RandomSource
{
    private static readonly ConditionedRandom _source = new(RandomNumberGenerator.Fill);

    /// <summary>False when a source has failed: whoever asks for bytes is refused until the process ends.</summary>
    public static bool IsSound => _source.IsSound;

    /// <summary>So many random bytes.</summary>
    /// <exception cref="RandomnessException">They are not good enough, now or before.</exception>
    public static byte[] GetBytes(int count)
    {
        byte[] bytes = new byte[count];
        _source.Fill(bytes);
        return bytes;
    }

    /// <summary>So many random bytes in lower-case hexadecimal.</summary>
    /// <exception cref="RandomnessException">They are not good enough, now or before.</exception>
    public static string GetHex(int bytes) => Convert.ToHexStringLower(GetBytes(bytes));

    /// <summary>So many characters, each any one of an alphabet of at most 256, with equal chances.</summary>
    /// <exception cref="RandomnessException">They are not good enough, now or before.</exception>
    public static string GetString(string alphabet, int length)
    {
        // What is above the last whole multiple would favour the first characters.
        int fair = 256 / alphabet.Length * alphabet.Length;
        char[] characters = new char[length];
        for (int i = 0; i < length;)
        {
            foreach (byte sample in GetBytes(length - i).Where(sample => sample < fair))
            {
                characters[i++] = alphabet[sample % alphabet.Length];
            }
        }

        return new string(characters);
    }

    /// <summary>Mixes in what the HSM gives, where it gives any.</summary>
    /// <exception cref="RandomnessException">They are not good enough.</exception>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    internal static Task MixAsync(IKeyBackend hsm, CancellationToken cancellationToken) =>
        hsm is IRandomBytes source && !hsm.Description.Missing.HasFlag(KeyBackendCapabilities.RandomBytes) ? _source.MixAsync(source, cancellationToken) : Task.CompletedTask;
}
