using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sam.Core.Activation;
using Sam.Core.Approvals;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Encryption;

/// <summary>Opens factors that a signer's page encrypted, if they were entered for just this request (security decision 12): the application that carries them can neither read them nor use them for anything else.</summary>
internal sealed class FactorDecryption
{
    private const int LongestPin = 256;
    private const int LongestPassword = 16;

    private readonly FactorKeys _keys;
    private readonly DeviceCheck _devices;
    private readonly Envelope _envelope;
    private readonly EncryptionPolicy _policy;

    internal FactorDecryption(FactorKeys keys, DeviceCheck devices, Envelope envelope, EncryptionPolicy policy)
    {
        _keys = keys;
        _devices = devices;
        _envelope = envelope;
        _policy = policy;
    }

    internal EncryptionPolicy Policy => _policy;

    /// <summary>
    /// What was encrypted, and the challenge that it answers, which its caller uses up. What costs nothing comes before the HSM. Refused with EncryptedFactorsInvalid (whatever is wrong with them, or with what they were
    /// entered for), ChallengeInvalid or ChallengeExpired.
    /// </summary>
    /// <exception cref="KeyBackendException">The HSM is away.</exception>
    /// <exception cref="RowStoreException">The store is away.</exception>
    internal async Task<Result<DecryptedFactors>> OpenAsync(AuthorizeRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!FactorsJwe.TryParse(request.Encrypted!, out FactorsJwe? jwe))
        {
            return SamErrorCode.EncryptedFactorsInvalid;
        }

        if (DeviceChallenge.Open(_envelope, jwe.Header.Challenge).IsRefused(out Refusal? refusal, out OpenedChallenge? challenge))
        {
            return refusal;
        }

        if (_devices.FindFault(challenge, request, now) is { } fault)
        {
            return fault;
        }

        if (await _keys.FindAsync(jwe.Header.Kid, cancellationToken) is not { } key || await _keys.OpenContentKeyAsync(key, jwe, cancellationToken) is not { } contentKey)
        {
            return SamErrorCode.EncryptedFactorsInvalid;
        }

        byte[]? plaintext = jwe.Decrypt(contentKey);
        CryptographicOperations.ZeroMemory(contentKey);
        if (plaintext is null)
        {
            return SamErrorCode.EncryptedFactorsInvalid;
        }

        try
        {
            return Read(plaintext) is { } factors && IsFor(factors, request, challenge)
                ? new DecryptedFactors(challenge, ToSecret(factors.Pin), ToSecret(factors.OneTimePassword))
                : SamErrorCode.EncryptedFactorsInvalid;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static FactorsPlaintext? Read(ReadOnlySpan<byte> plaintext)
    {
        try
        {
            return JsonSerializer.Deserialize(plaintext, JweJson.Default.FactorsPlaintext) is { } factors
                && factors.Pin is null or { Length: > 0 and <= LongestPin } && factors.OneTimePassword is null or { Length: > 0 and <= LongestPassword }
                    ? factors
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether the page showed just this: deployment, challenge, client, credential, hashes, count, label and end.</summary>
    private bool IsFor(FactorsPlaintext factors, AuthorizeRequest request, OpenedChallenge challenge)
    {
        byte[] statement = SHA256.HashData(_devices.FactorStatement(request, challenge));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(factors.Statement), Encoding.ASCII.GetBytes(Base64Url.EncodeToString(statement)));
    }

    private static SecretText? ToSecret(string? value) => value is null ? null : new SecretText(value);
}

/// <summary>Factors that were encrypted.</summary>
/// <param name="Challenge">What they answer.</param>
/// <param name="Pin">The PIN; null for none.</param>
/// <param name="OneTimePassword">The one-time password; null for none.</param>
internal sealed record DecryptedFactors(OpenedChallenge Challenge, SecretText? Pin, SecretText? OneTimePassword);
