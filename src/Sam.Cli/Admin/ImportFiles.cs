using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sam.Core.Algorithms;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Values;

namespace Sam.Cli.Admin;

/// <summary>What an officer hands to the holder of a key: for whom and as what it is asked for, and what it is wrapped for.</summary>
internal sealed class ImportOfferFile
{
    public required string CredentialID { get; init; }

    public required string Key { get; init; }

    public required int Multisign { get; init; }

    public required int Level { get; init; }

    public required string Authorization { get; init; }

    public string? Description { get; init; }

    public required Secret Challenge { get; init; }

    /// <summary>The HSM's: SubjectPublicKeyInfo, DER.</summary>
    public required byte[] ExchangeKey { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The same as the key signs it.</summary>
    /// <exception cref="CommandFailure">It cannot be what the API says.</exception>
    internal (CredentialId Credential, CredentialRequest Request) ToRequest() =>
        CredentialId.TryParse(CredentialID, out CredentialId credential)
        && KeyAlgorithm.TryFromName(Key, out KeyAlgorithm? algorithm)
        && KeyAuthorization.TryFromName(Authorization, out KeyAuthorization? authorization)
            ? (credential, new CredentialRequest(algorithm, Multisign, Description, Level, authorization))
            : throw new CommandFailure("The offer names a credential, a kind of key or factors that are none.");
}

/// <summary>What the holder of a key gives back.</summary>
internal sealed class ImportDeliveryFile
{
    public required string CredentialID { get; init; }

    public required ImportBody Delivery { get; init; }

    /// <exception cref="CommandFailure">It is none.</exception>
    internal CredentialId ToCredential() => CredentialId.TryParse(CredentialID, out CredentialId credential) ? credential : throw new CommandFailure("The file names no credential.");
}

/// <summary>The two files, as JSON.</summary>
internal static class ImportFiles
{
    /// <exception cref="CommandFailure">It is none.</exception>
    internal static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? throw new CommandFailure($"{path} is empty.");
        }
        catch (JsonException malformed)
        {
            throw new CommandFailure($"{path} is not what sam import wrote.", innerException: malformed);
        }
    }

    /// <summary>Writes a new file.</summary>
    internal static void Write<T>(string path, T content, JsonTypeInfo<T> type) => OfficerKeyFile.Write(path, JsonSerializer.Serialize(content, type) + "\n");
}
