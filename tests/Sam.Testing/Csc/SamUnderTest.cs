using System.Collections.Concurrent;
using Sam.Core.Algorithms;

namespace Sam.Testing.Csc;

/// <summary>A running SAM with its real HSM and storage, as a test from outside sees it. Each host has one implementation; the suite is the same.</summary>
public abstract class SamUnderTest
{
    private readonly ConcurrentDictionary<KeyAlgorithm, Lazy<Task<(CscClient Client, TestCredential Credential)>>> _shared = new();

    /// <summary>Its address.</summary>
    public abstract HttpClient Http { get; }

    /// <summary>An access token for a client; for a user's own token with the user's name.</summary>
    public abstract Task<string> GetTokenAsync(string client, string? user = null);

    /// <summary>A signer with a fresh name and PIN. Without clients, any approved client may act for them.</summary>
    public abstract Task<TestSigner> MakeSignerAsync(params IReadOnlyList<string> clients);

    /// <summary>Sets the signer's PIN anew, to the same value.</summary>
    public abstract Task SetPinAsync(TestSigner signer);

    /// <summary>A credential with a certificate of the given dates (yesterday and a year, unless told otherwise).</summary>
    public abstract Task<TestCredential> MakeCredentialAsync(
        TestSigner signer, KeyAlgorithm algorithm, int? multisign = null, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null, int? level = null);

    /// <summary>A device of the signer's own.</summary>
    public abstract Task<TestPhone> MakePhoneAsync(TestSigner signer);

    /// <summary>The counter <c>sam.refusals</c>, by cause.</summary>
    public abstract Task<IReadOnlyDictionary<string, long>> CountRefusalsAsync();

    /// <summary>A client with a fresh name, approved.</summary>
    public async Task<CscClient> ConnectAsync(string? client = null, string? user = null) =>
        new(Http, await GetTokenAsync(client ?? $"sca-{Guid.NewGuid():n}", user));

    /// <summary>A signer, their P-256 credential, and a client that may act for them.</summary>
    public async Task<(CscClient Client, TestCredential Credential)> MakeAsync(KeyAlgorithm? algorithm = null, int? multisign = null)
    {
        CscClient client = await ConnectAsync();
        return (client, await MakeCredentialAsync(await MakeSignerAsync(), algorithm ?? KeyAlgorithm.P256, multisign));
    }

    /// <summary>The same, made once per kind of key: large RSA keys take seconds.</summary>
    public Task<(CscClient Client, TestCredential Credential)> ShareAsync(KeyAlgorithm algorithm) =>
        _shared.GetOrAdd(algorithm, key => new Lazy<Task<(CscClient Client, TestCredential Credential)>>(() => MakeAsync(key))).Value;
}
