using Azure;
using Azure.Core;
using Azure.Security.KeyVault.Keys;
using Sam.KeyBackends.ManagedHsm;
using Sam.KeyBackends.ManagedHsm.Management;

namespace Sam.Functions;

/// <summary>Key management by the SDK, for Azure Managed HSM and Key Vault Premium alike.</summary>
internal sealed class SdkKeyManagement : IKeyManagement
{
    private readonly KeyClient _client;

    internal SdkKeyManagement(Uri endpoint, TokenCredential credential)
    {
        // The same version of the API as signing, and no retries: a creation that is sent twice makes two versions.
        KeyClientOptions options = new(KeyClientOptions.ServiceVersion.V7_6);
        options.Retry.MaxRetries = 0;
        _client = new KeyClient(endpoint, credential, options);
    }

    /// <inheritdoc/>
    public Task<ManagedKey> CreateAsync(KeyCreation creation, CancellationToken cancellationToken) => AnswerAsync(async () => Read(creation.KeyType switch
    {
        "RSA-HSM" => await _client.CreateRsaKeyAsync(
            With(new CreateRsaKeyOptions(creation.Name, hardwareProtected: true) { KeySize = creation.SizeInBits }, creation), cancellationToken),
        "EC-HSM" => await _client.CreateEcKeyAsync(
            With(new CreateEcKeyOptions(creation.Name, hardwareProtected: true) { CurveName = new KeyCurveName(creation.Curve) }, creation), cancellationToken),
        "oct-HSM" => await _client.CreateOctKeyAsync(
            With(new CreateOctKeyOptions(creation.Name, hardwareProtected: true) { KeySize = creation.SizeInBits }, creation), cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(creation), creation.KeyType, "Not a key type of the HSM."),
    }));

    /// <inheritdoc/>
    public Task<ManagedKey> GetAsync(string name, string? version, CancellationToken cancellationToken) =>
        AnswerAsync(async () => Read(await _client.GetKeyAsync(name, version, cancellationToken)));

    /// <inheritdoc/>
    public Task<DateTimeOffset?> DeleteAsync(string name, CancellationToken cancellationToken) =>
        AnswerAsync(async () => (await _client.StartDeleteKeyAsync(name, cancellationToken)).Value.ScheduledPurgeDate);

    /// <inheritdoc/>
    public Task<int> CountAsync(CancellationToken cancellationToken) => AnswerAsync(async () =>
    {
        int count = 0;
        await foreach (KeyProperties key in _client.GetPropertiesOfKeysAsync(cancellationToken))
        {
            count++;
        }

        return count;
    });

    /// <inheritdoc/>
    public Task<ManagedKey> SetTagsAsync(string name, string version, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) => AnswerAsync(async () =>
    {
        // Nothing but the tags is set, so that nothing but the tags is sent.
        KeyProperties properties = new(new Uri(_client.VaultUri, $"keys/{name}/{version}"));
        foreach ((string tag, string value) in tags)
        {
            properties.Tags.Add(tag, value);
        }

        return Read(await _client.UpdateKeyPropertiesAsync(properties, keyOperations: null, cancellationToken));
    });

    /// <inheritdoc/>
    public Task<ManagedKey> ImportAsync(KeyImport import, CancellationToken cancellationToken) => AnswerAsync(async () =>
    {
        // T is key_hsm on the wire: the transfer blob.
        JsonWebKey key = new(import.Operations.Select(operation => new KeyOperation(operation)))
        {
            KeyType = new KeyType(import.KeyType),
            CurveName = import.Curve is null ? null : new KeyCurveName(import.Curve),
            T = import.TransferBlob.ToArray(),
        };
        ImportKeyOptions options = new(import.Name, key) { HardwareProtected = true };
        (options.Properties.Enabled, options.Properties.Exportable) = (true, false);
        return Read(await _client.ImportKeyAsync(options, cancellationToken));
    });

    /// <inheritdoc/>
    public Task<Core.Keys.KeyAttestation?> AttestAsync(string name, string version, CancellationToken cancellationToken) => AnswerAsync(async () =>
        (await _client.GetKeyAttestationAsync(name, version, cancellationToken)).Value.Properties.Attestation is { PrivateKeyAttestation: { } privateKey } attestation
            ? new Core.Keys.KeyAttestation(
                attestation.Version,
                attestation.CertificatePemFile,
                privateKey,
                attestation.PublicKeyAttestation is { } publicKey ? (ReadOnlyMemory<byte>?)publicKey : null)
            : null);

    private static T With<T>(T options, KeyCreation creation)
        where T : CreateKeyOptions
    {
        (options.Enabled, options.Exportable) = (true, false);
        foreach (string operation in creation.Operations)
        {
            options.KeyOperations.Add(new KeyOperation(operation));
        }

        return options;
    }

    private static ManagedKey Read(KeyVaultKey key) => new(
        key.Properties.Version,
        key.KeyType.ToString(),
        [.. key.KeyOperations.Select(operation => operation.ToString())],
        key.Properties.Exportable ?? false,
        PublicKeyOf(key))
    {
        Tags = new Dictionary<string, string>(key.Properties.Tags),
    };

    private static byte[]? PublicKeyOf(KeyVaultKey key)
    {
        if (key.KeyType == KeyType.RsaHsm)
        {
            using System.Security.Cryptography.RSA rsa = key.Key.ToRSA();
            return rsa.ExportSubjectPublicKeyInfo();
        }

        if (key.KeyType == KeyType.EcHsm)
        {
            using System.Security.Cryptography.ECDsa ecdsa = key.Key.ToECDsa();
            return ecdsa.ExportSubjectPublicKeyInfo();
        }

        return null;
    }

    private static async Task<T> AnswerAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RequestFailedException failure)
        {
            // The SDK's ErrorCode is the outer one; a disabled key and a missing right differ in the inner one only.
            throw Failures.ToKeyBackendException(failure.Status, failure.ErrorCode, InnerCodeOf(failure), failure);
        }
        catch (Azure.Identity.AuthenticationFailedException failure)
        {
            throw Failures.ToKeyBackendException(0, code: null, innerCode: null, failure);
        }
    }

    private static string? InnerCodeOf(RequestFailedException failure)
    {
        try
        {
            using System.Text.Json.JsonDocument? body = failure.GetRawResponse() is { } answer ? System.Text.Json.JsonDocument.Parse(answer.Content) : null;
            return body?.RootElement.GetProperty("error").GetProperty("innererror").GetProperty("code").GetString();
        }
        catch (Exception malformed) when (malformed is System.Text.Json.JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
