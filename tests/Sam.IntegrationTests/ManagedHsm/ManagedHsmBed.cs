using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.KeyBackends.ManagedHsm;
using Sam.KeyBackends.ManagedHsm.Management;
using Sam.Testing.ManagedHsm;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>A fake HSM of a test's own, a backend that is connected to it, and a signing key.</summary>
internal sealed class ManagedHsmBed : IAsyncDisposable
{
    /// <summary>How long a test waits for what happens at once when all is right. A call that waits for a clock which nobody turns is then a failure and not an endless run.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private ManagedHsmBed(FakeManagedHsm hsm, FakeCredential credential, RestKeyManagement management, RestKeyManagement import, ManagedHsmKeyBackend backend)
    {
        Hsm = hsm;
        Credential = credential;
        Management = management;
        Import = import;
        Backend = backend;
    }

    internal FakeManagedHsm Hsm { get; }

    internal FakeCredential Credential { get; }

    internal RestKeyManagement Management { get; }

    /// <summary>The same port by the identity for import.</summary>
    internal RestKeyManagement Import { get; }

    internal ManagedHsmKeyBackend Backend { get; }

    internal SigningKey Key { get; private set; } = null!;

    /// <summary>The requests that reached a key for signing, with a token.</summary>
    internal IReadOnlyList<HsmRequest> Signs => [.. Hsm.Requests.Where(r => r.IsSign)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<ManagedHsmBed> OpenAsync(TimeProvider time, string host = FakeManagedHsm.ManagedHsmHost, Action<ManagedHsmOptions>? change = null)
    {
        FakeCredential credential = new();
        FakeManagedHsm hsm = await FakeManagedHsm.StartAsync(host, credential);
        RestKeyManagement management = new(hsm, credential);
        RestKeyManagement import = new(hsm, hsm.ImportCredential);
        ManagedHsmOptions options = Options(hsm, credential);
        change?.Invoke(options);
        ManagedHsmBed bed = new(
            hsm, credential, management, import, new ManagedHsmKeyBackend(options, (_, identity) => identity == hsm.ImportCredential ? import : management, time));
        bed.Key = await bed.MakeKeyAsync(KeyAlgorithm.P256);
        hsm.Forget();
        return bed;
    }

    internal static ManagedHsmOptions Options(FakeManagedHsm hsm, FakeCredential credential) => new()
    {
        Endpoint = hsm.Endpoint,
        Credential = credential,
        ImportCredential = hsm.ImportCredential,
        KeyCreationInterval = TimeSpan.Zero,
        ConfigureTransport = hsm.Redirect,
    };

    /// <summary>A key made past the backend, so that the backend has sent nothing yet.</summary>
    internal async Task<SigningKey> MakeKeyAsync(KeyAlgorithm algorithm)
    {
        string name = $"sign-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        ManagedKey made = await Management.CreateAsync(
            algorithm.IsRsa
                ? new KeyCreation(name, "RSA-HSM", algorithm.SizeInBits, Curve: null, ["sign", "verify"])
                : new KeyCreation(name, "EC-HSM", SizeInBits: null, $"P-{algorithm.SizeInBits}", ["sign", "verify"]),
            Cancellation);
        return new SigningKey(KeyReference.Parse($"{name}/{made.Version}"), algorithm, made.SubjectPublicKeyInfo!);
    }

    internal Task<IReadOnlyList<byte[]>> SignAsync(params Digest[] digests) => SignAsync(Cancellation, digests);

    internal Task<IReadOnlyList<byte[]>> SignAsync(CancellationToken cancellationToken, params Digest[] digests) =>
        Backend.SignDigestsAsync(Key.Reference, SignatureAlgorithm.EcdsaSha256, digests, cancellationToken).WaitAsync(Patience, Cancellation);

    /// <summary>Signs one digest, and sees that the signature is one.</summary>
    internal async Task SignAndVerifyAsync() => Assert.Null(
        (await new KeyBackendGuard(Backend).SignAsync(Key, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation).WaitAsync(Patience, Cancellation)).Refusal);

    internal async Task<KeyBackendException> FailsAsync(KeyBackendFailure expected, Func<Task> call)
    {
        KeyBackendException failure = await Assert.ThrowsAsync<KeyBackendException>(() => call().WaitAsync(Patience, Cancellation));
        Assert.Equal(expected, failure.Failure);

        // Whatever it was: what an operator reads holds no token.
        Assert.All(Credential.Issued, token => Assert.DoesNotContain(token, failure.ToString(), StringComparison.Ordinal));
        return failure;
    }

    public async ValueTask DisposeAsync()
    {
        await Backend.DisposeAsync();
        Management.Dispose();
        Import.Dispose();
        await Hsm.DisposeAsync();
    }
}
