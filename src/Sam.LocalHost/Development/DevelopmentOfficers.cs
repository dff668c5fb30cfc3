using System.Security.Cryptography;
using System.Text;
using Sam.Api.Authentication;
using Sam.Core.Officers;

namespace Sam.LocalHost.Development;

/// <summary>
/// The officers of a development host: whoever asks gets their keys, as they get any token. So <c>sam dev signer</c> goes the way that everybody goes, through the Admin API, and the API itself has no
/// back door. They are named by nobody until somebody initialises the deployment with them; one that was initialised with others has no use for them.
/// </summary>
internal sealed class DevelopmentOfficers
{
    private static readonly (string Name, PrivilegedRole Role)[] _all =
    [
        ("dev-security-officer-1", PrivilegedRole.SecurityOfficer),
        ("dev-security-officer-2", PrivilegedRole.SecurityOfficer),
        ("dev-security-officer-3", PrivilegedRole.SecurityOfficer),
        ("dev-registration-officer", PrivilegedRole.RegistrationOfficer),
    ];

    private readonly DevelopmentKey _key;
    private readonly string _secret;

    /// <param name="key">What everything is derived from.</param>
    /// <param name="secretFile">The file that holds the one-time secret; null: it is derived.</param>
    /// <exception cref="IOException">The file cannot be read, or is empty.</exception>
    internal DevelopmentOfficers(DevelopmentKey key, string? secretFile)
    {
        _key = key;
        _secret = secretFile is null ? key.DeriveText("initialization secret") : Read(secretFile);
    }

    /// <summary>How the deployment knows the one-time secret (<see cref="OfficerPolicy.InitializationSecretDigest"/>).</summary>
    internal string SecretDigest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_secret)));

    /// <summary>All that is needed to act for them.</summary>
    /// <param name="configuredDigest">The digest of the secret that the deployment takes. Another one than ours: somebody has made their own.</param>
    internal DevelopmentOfficersAnswer Tell(string? configuredDigest) => new()
    {
        Issuer = DevelopmentTrust.IssuerName,
        Secret = configuredDigest?.Equals(SecretDigest, StringComparison.OrdinalIgnoreCase) == true ? _secret : null,
        Officers = [.. _all.Select(officer => new DevelopmentOfficerAnswer { Subject = officer.Name, Role = officer.Role.ToName(), Key = ExportKey(officer.Name) })],
    };

    private byte[] ExportKey(string name)
    {
        using ECDsa key = _key.DeriveKey(name);
        return key.ExportPkcs8PrivateKey();
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).TrimEnd() is { Length: > 0 } secret ? secret : throw new IOException($"Sam:Development:InitializationSecretFile, {file}: it is empty.");
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"Sam:Development:InitializationSecretFile, {file}: {denied.Message}", denied);
        }
    }
}
