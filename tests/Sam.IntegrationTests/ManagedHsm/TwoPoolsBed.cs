using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm;
using Sam.Testing.ManagedHsm;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>Two fake Managed HSMs, named <c>a</c> and <c>b</c>, and a backend over both.</summary>
internal sealed class TwoPoolsBed : IAsyncDisposable
{
    private readonly RestKeyManagement[] _managements;
    private readonly RestKeyManagement[] _imports;

    private TwoPoolsBed(FakeManagedHsm[] hsms, FakeCredential credential, TimeProvider time, Action<ManagedHsmOptions>? change)
    {
        Hsms = hsms;
        _managements = [.. hsms.Select(hsm => new RestKeyManagement(hsm, credential))];
        _imports = [.. hsms.Select(hsm => new RestKeyManagement(hsm, hsm.ImportCredential))];
        ManagedHsmOptions options = Options(hsms, credential);
        change?.Invoke(options);
        Backend = new ManagedHsmKeyBackend(options, (address, identity) => (identity == credential ? _managements : _imports)[Array.FindIndex(hsms, hsm => hsm.Endpoint == address)], time);
    }

    internal FakeManagedHsm[] Hsms { get; }

    internal FakeManagedHsm A => Hsms[0];

    internal FakeManagedHsm B => Hsms[1];

    internal ManagedHsmKeyBackend Backend { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<TwoPoolsBed> OpenAsync(TimeProvider time, Action<ManagedHsmOptions>? change = null)
    {
        FakeCredential credential = new();
        FakeCredential importCredential = new();
        return new TwoPoolsBed(
            [
                await FakeManagedHsm.StartAsync(FakeManagedHsm.ManagedHsmHost, credential, importCredential),
                await FakeManagedHsm.StartAsync(FakeManagedHsm.SecondManagedHsmHost, credential, importCredential),
            ],
            credential,
            time,
            change);
    }

    internal static ManagedHsmOptions Options(IReadOnlyList<FakeManagedHsm> hsms, FakeCredential credential)
    {
        ManagedHsmOptions options = new() { Credential = credential, ImportCredential = hsms[0].ImportCredential, KeyCreationInterval = TimeSpan.Zero };
        for (int i = 0; i < hsms.Count; i++)
        {
            options.Pools.Add(new ManagedHsmPoolOptions { Name = "ab"[i].ToString(), Endpoint = hsms[i].Endpoint, ConfigureTransport = hsms[i].Redirect });
        }

        return options;
    }

    internal RestKeyManagement ImportOf(FakeManagedHsm hsm) => _imports[Array.IndexOf(Hsms, hsm)];

    internal RestKeyManagement ManagementOf(FakeManagedHsm hsm) => _managements[Array.IndexOf(Hsms, hsm)];

    internal Task<SigningKey> GenerateAsync() => Backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, Cancellation).WaitAsync(ManagedHsmBed.Patience, Cancellation);

    /// <summary>Makes keys until there is one in this HSM.</summary>
    internal async Task<SigningKey> GenerateInAsync(string pool)
    {
        for (int i = 0; i < 3; i++)
        {
            SigningKey key = await GenerateAsync();
            if (PoolOf(key) == pool)
            {
                return key;
            }
        }

        throw new InvalidOperationException($"No key was made in '{pool}'.");
    }

    /// <summary>Signs one digest, and sees that the signature is one.</summary>
    internal async Task SignAndVerifyAsync(SigningKey key) => Assert.Null(
        (await new KeyBackendGuard(Backend).SignAsync(key, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation).WaitAsync(ManagedHsmBed.Patience, Cancellation)).Refusal);

    internal Task SignAsync(KeyReference key) =>
        Backend.SignDigestsAsync(key, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation).WaitAsync(ManagedHsmBed.Patience, Cancellation);

    internal static async Task<string> FailsAsync(KeyBackendFailure expected, Func<Task> call)
    {
        KeyBackendException failure = await Assert.ThrowsAsync<KeyBackendException>(() => call().WaitAsync(ManagedHsmBed.Patience, Cancellation));
        Assert.Equal(expected, failure.Failure);
        Assert.DoesNotContain('\n', failure.Message);
        return failure.Message;
    }

    internal void Forget() => Array.ForEach(Hsms, hsm => hsm.Forget());

    internal static string PoolOf(SigningKey key) => key.Reference.Value.Split('/')[0];

    public async ValueTask DisposeAsync()
    {
        await Backend.DisposeAsync();
        for (int i = 0; i < Hsms.Length; i++)
        {
            _managements[i].Dispose();
            _imports[i].Dispose();
            await Hsms[i].DisposeAsync();
        }
    }
}
