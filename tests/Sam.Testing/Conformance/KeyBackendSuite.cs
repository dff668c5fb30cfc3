using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using Xunit;

namespace Sam.Testing.Conformance;

/// <summary>What the suites of an HSM and its capabilities share: a backend of their own per test, and keys that go with it.</summary>
public abstract class KeyBackendSuite : IAsyncLifetime
{
    private readonly ConcurrentBag<KeyReference> _made = [];
    private IKeyBackend? _backend;

    /// <summary>The backend under test.</summary>
    protected IKeyBackend Backend => _backend ?? throw new InvalidOperationException("No backend is open.");

    /// <summary>The running test's token.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _backend = await OpenAsync(Cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (KeyReference key in _made)
        {
            await Backend.DestroyKeyAsync(key, CancellationToken.None);
        }

        await Backend.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the backend under test.</summary>
    protected abstract Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Makes a key that is destroyed after the test.</summary>
    protected async Task<SigningKey> GenerateAsync(KeyAlgorithm algorithm)
    {
        SigningKey key = await Backend.GenerateKeyAsync(KeyName.New(), algorithm, Cancellation);
        _made.Add(key.Reference);
        return key;
    }

    /// <summary>Has a key destroyed after the test.</summary>
    protected async Task<KeyReference> KeepAsync(Task<KeyReference> making)
    {
        KeyReference key = await making;
        _made.Add(key);
        return key;
    }

    /// <summary>Signs one digest.</summary>
    protected async Task<byte[]> SignAsync(SigningKey key, SignatureAlgorithm algorithm, Digest digest) =>
        Assert.Single(await Backend.SignDigestsAsync(key.Reference, algorithm, [digest], Cancellation));

    /// <summary>Expects an HSM's failure of this kind.</summary>
    protected static async Task FailsAsync(KeyBackendFailure expected, Func<Task> call) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<KeyBackendException>(call)).Failure);

    /// <summary>A name that no key has.</summary>
    protected static KeyReference Nobody() => KeyReference.Parse(RandomNumberGenerator.GetHexString(32, lowercase: true));

    /// <summary>Verifies with the BCL, which no backend uses to sign but the one in memory.</summary>
    protected static bool Verifies(SigningKey key, SignatureAlgorithm algorithm, Digest digest, byte[] signature)
    {
        if (algorithm.Scheme == SignatureScheme.Ecdsa)
        {
            using ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
            return ecdsa.VerifyHash(digest.Value, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        RSASignaturePadding padding = algorithm.Scheme == SignatureScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        return rsa.VerifyHash(digest.Value, signature, algorithm.Hash.BclName, padding);
    }
}
