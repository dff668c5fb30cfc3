using System.Collections.Concurrent;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Keys;

[Trait("Requirement", "SIG-5")]
[Trait("Requirement", "T-USE-8")]
public sealed class KeyBackendGuardTests : IClassFixture<KeyBackendGuardTests.SharedKeys>
{
    private static readonly Digest[] _three = Digests.Some(3);

    private readonly SharedKeys _keys;

    public KeyBackendGuardTests(SharedKeys keys) => _keys = keys;

    public static TheoryData<string, Func<IReadOnlyList<byte[]>, IReadOnlyList<byte[]>>> Lies => new()
    {
        { "one bit flipped", FaultyKeyBackend<SoftwareKeyBackend>.FlipOneBit },
        { "no signatures", _ => [] },
        { "one too few", s => [.. s.SkipLast(1)] },
        { "one too many", s => [.. s, s[0]] },
        { "two exchanged", s => [s[1], s[0], s[2]] },
        { "the first one twice", s => [s[0], s[0], s[2]] },
        { "an empty one", s => [s[0], s[1], []] },
        { "one a byte short at its end", s => [s[0], s[1], s[2][..^1]] },
        { "one a byte short at its beginning", s => [s[0], s[1], s[2][1..]] },
        { "one a byte long", s => [s[0], s[1], [.. s[2], 0]] },
        { "one with a zero before it", s => [s[0], s[1], [0, .. s[2]]] },
        { "one of zeros", s => [s[0], s[1], new byte[s[2].Length]] },
        { "one of ones", s => [s[0], s[1], Enumerable.Repeat((byte)0xff, s[2].Length).ToArray()] },
    };

    public static TheoryData<string, string> Pairs =>
        [.. SignatureAlgorithm.All.SelectMany(a => KeyAlgorithm.All.Where(a.Fits).Where(k => k != KeyAlgorithm.Rsa4096).Select(k => (a.Name, k.Name)))];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Verified_signatures_come_in_the_order_of_the_digests(string algorithmName, string keyName)
    {
        SignatureAlgorithm algorithm = SignatureAlgorithm.All.Single(a => a.Name == algorithmName);
        SigningKey key = await _keys.GetAsync(KeyAlgorithm.All.Single(k => k.Name == keyName));
        Digest[] digests = Digests.Some(3, algorithm.Hash);

        IReadOnlyList<byte[]> signatures = (await new KeyBackendGuard(_keys.Backend).SignAsync(key, algorithm, digests, TestContext.Current.CancellationToken)).Value;

        Assert.Equal(3, signatures.Count);
        Assert.All(digests.Zip(signatures), pair => Assert.True(Signer(key).Verifies(pair.First, pair.Second, algorithm)));
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Lies))]
    public async Task No_signature_leaves_when_one_is_not_right(string lie, Func<IReadOnlyList<byte[]>, IReadOnlyList<byte[]>> change)
    {
        foreach ((KeyAlgorithm kind, SignatureAlgorithm algorithm) in new[]
        {
            (KeyAlgorithm.P256, SignatureAlgorithm.EcdsaSha256), (KeyAlgorithm.Rsa2048, SignatureAlgorithm.RsaSha256), (KeyAlgorithm.Rsa2048, SignatureAlgorithm.PssSha256),
        })
        {
            await using FaultyKeyBackend<SoftwareKeyBackend> backend = new(_keys.Backend) { ChangeSignatures = change };
            SigningKey key = await _keys.GetAsync(kind);

            Result<IReadOnlyList<byte[]>> result = await new KeyBackendGuard(backend).SignAsync(key, algorithm, _three, TestContext.Current.CancellationToken);

            Assert.True(result.Refusal?.Code == SamErrorCode.SignatureNotVerified, $"{lie} under {algorithm}: {result.Refusal?.Code.ToString() ?? "released"}");
        }
    }

    [Fact]
    public async Task No_byte_of_a_signature_can_be_changed()
    {
        await using FaultyKeyBackend<SoftwareKeyBackend> backend = new(_keys.Backend);
        SigningKey key = await _keys.GetAsync(KeyAlgorithm.P256);
        KeyBackendGuard guard = new(backend);
        for (int at = 0; at < KeyAlgorithm.P256.SignatureSizeInBytes; at++)
        {
            backend.ChangeSignatures = signatures =>
            {
                signatures[0][at] ^= 0x01;
                return signatures;
            };
            Assert.Equal(
                SamErrorCode.SignatureNotVerified,
                (await guard.SignAsync(key, SignatureAlgorithm.EcdsaSha256, _three[..1], TestContext.Current.CancellationToken)).Refusal?.Code);
        }
    }

    [Fact]
    public async Task A_short_R_does_not_shift_S()
    {
        // An HSM that drops the leading zero of R: the rest would still split into two halves of some length.
        await using FaultyKeyBackend<SoftwareKeyBackend> backend = new(_keys.Backend);
        SigningKey key = await _keys.GetAsync(KeyAlgorithm.P256);
        KeyBackendGuard guard = new(backend);
        bool short_r = false;
        backend.ChangeSignatures = signatures => [.. signatures.Select(s =>
        {
            short_r |= s[0] == 0;
            return s[0] == 0 ? s[1..] : s;
        })];

        for (int i = 0; i < 10_000 && !short_r; i++)
        {
            Result<IReadOnlyList<byte[]>> result =
                await guard.SignAsync(key, SignatureAlgorithm.EcdsaSha256, [Digests.Of($"document {i}")], TestContext.Current.CancellationToken);
            Assert.Equal(short_r, result.Refusal is { Code: SamErrorCode.SignatureNotVerified });
        }

        Assert.True(short_r, "One signature in 256 has a short R.");
    }

    [Fact]
    public async Task A_signature_of_another_key_does_not_leave()
    {
        await using SoftwareKeyBackend backend = new();
        SigningKey key = await backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, TestContext.Current.CancellationToken);
        SigningKey other = await backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, TestContext.Current.CancellationToken);

        Result<IReadOnlyList<byte[]>> result = await new KeyBackendGuard(backend)
            .SignAsync(key with { Reference = other.Reference }, SignatureAlgorithm.EcdsaSha256, _three, TestContext.Current.CancellationToken);

        Assert.Equal(SamErrorCode.SignatureNotVerified, result.Refusal?.Code);
    }

    [Theory]
    [InlineData("RS256", "PS256")]
    [InlineData("PS256", "RS256")]
    public async Task A_signature_of_another_scheme_does_not_leave(string asked, string made)
    {
        SigningKey key = await _keys.GetAsync(KeyAlgorithm.Rsa2048);
        IReadOnlyList<byte[]> others = await _keys.Backend.SignDigestsAsync(key.Reference, Algorithm(made), _three, TestContext.Current.CancellationToken);
        await using FaultyKeyBackend<SoftwareKeyBackend> faulty = new(_keys.Backend) { ChangeSignatures = _ => others };

        Result<IReadOnlyList<byte[]>> result = await new KeyBackendGuard(faulty).SignAsync(key, Algorithm(asked), _three, TestContext.Current.CancellationToken);

        Assert.Equal(SamErrorCode.SignatureNotVerified, result.Refusal?.Code);
    }

    public static TheoryData<string, string, string> Misfits => new()
    {
        { "ES256", "p384", "SHA-256" },
        { "ES256", "rsa2048", "SHA-256" },
        { "RS256", "p256", "SHA-256" },
        { "PS256", "p256", "SHA-256" },
        { "RS256", "rsa2048", "SHA-512" },
        { "ES256", "p256", "SHA-384" },
        { "RS256", "rsa2048", "" },
        { "RS256", "rsa2048", "SHA-256 SHA-512" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task Bad_input_never_reaches_a_backend(string algorithm, string keyAlgorithm, string hashes)
    {
        await using UnreachableKeyBackend backend = new();
        SigningKey key = new(KeyReference.Parse("k"), KeyAlgorithm.All.Single(a => a.Name == keyAlgorithm), new byte[1]);
        Digest[] digests = [.. hashes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(h => Digests.Of(HashAlgorithm.All.Single(a => a.Name == h), "contract"))];

        await Assert.ThrowsAsync<ArgumentException>(() =>
            new KeyBackendGuard(backend).SignAsync(key, Algorithm(algorithm), digests, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_fits_does_reach_the_backend()
    {
        await using UnreachableKeyBackend backend = new();
        SigningKey key = new(KeyReference.Parse("k"), KeyAlgorithm.P256, new byte[1]);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            new KeyBackendGuard(backend).SignAsync(key, SignatureAlgorithm.EcdsaSha256, _three, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_failure_of_the_HSM_keeps_its_kind()
    {
        await using SoftwareKeyBackend backend = new();
        SigningKey key = await backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, TestContext.Current.CancellationToken);
        await backend.DestroyKeyAsync(key.Reference, TestContext.Current.CancellationToken);

        KeyBackendException failure = await Assert.ThrowsAsync<KeyBackendException>(() =>
            new KeyBackendGuard(backend).SignAsync(key, SignatureAlgorithm.EcdsaSha256, _three, TestContext.Current.CancellationToken));

        Assert.Equal(KeyBackendFailure.KeyNotFound, failure.Failure);
    }

    /// <summary>One key of each kind for the whole class: generating RSA keys is what takes time here.</summary>
    public sealed class SharedKeys : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<KeyAlgorithm, Lazy<Task<SigningKey>>> _made = new();

        public SoftwareKeyBackend Backend { get; } = new();

        public Task<SigningKey> GetAsync(KeyAlgorithm algorithm) =>
            _made.GetOrAdd(algorithm, a => new Lazy<Task<SigningKey>>(() => Backend.GenerateKeyAsync(KeyName.New(), a, CancellationToken.None))).Value;

        public ValueTask DisposeAsync() => Backend.DisposeAsync();
    }

    private static SignatureAlgorithm Algorithm(string name) => SignatureAlgorithm.All.Single(a => a.Name == name);

    private static TestSigner Signer(SigningKey key) => new("alice", default, new SecretText("pin"), default, key, []);
}
