using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Certificates;
using Sam.Core.Encryption;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.KeyBackends.ManagedHsm;
using Sam.Testing.InMemory;
using Sam.Testing.ManagedHsm;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>A whole SAM over the fake HSM: from the PIN to the signature, and no second signature for one SAD, whatever the HSM does.</summary>
public sealed class SamOverManagedHsmTests
{
    private static readonly ClientId _client = SamTestBed.Id("sca");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Faults { get; } = new()
    {
        { FakeManagedHsm.ManagedHsmHost, "503" },
        { FakeManagedHsm.ManagedHsmHost, "answer lost" },
        { FakeManagedHsm.ManagedHsmHost, "answer cut" },
        { FakeManagedHsm.ManagedHsmHost, "bit" },
        { FakeManagedHsm.ManagedHsmHost, "403" },
        { FakeManagedHsm.ManagedHsmHost, "404" },
        { FakeManagedHsm.ManagedHsmHost, "short" },
        { FakeManagedHsm.KeyVaultHost, "429" },
        { FakeManagedHsm.KeyVaultHost, "answer lost" },
        { FakeManagedHsm.KeyVaultHost, "bit" },
    };

    [Theory]
    [InlineData(FakeManagedHsm.ManagedHsmHost)]
    [InlineData(FakeManagedHsm.KeyVaultHost)]
    public async Task A_signer_authorizes_and_signs(string host)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, host, Patient);
        foreach (string kind in (string[])["p256", "rsa3072"])
        {
            Assert.True(KeyAlgorithm.TryFromName(kind, out KeyAlgorithm? algorithm));
            await using Deployed sam = await Deployed.OpenAsync(bed.Backend, algorithm);
            bed.Hsm.Forget();
            Digest[] digests = Digests.Some(3);

            SignHashRequest request = await sam.AuthorizeAsync(digests);
            IReadOnlyList<byte[]> signatures = (await sam.Module.SignHashAsync(request, Cancellation)).Value;

            Assert.Equal(3, signatures.Count);
            Assert.Equal(digests.Length, sam.SignsOf(bed).Count);
            Assert.DoesNotContain(bed.Hsm.Requests, r => r.Method == "GET");
            Assert.Equal(SamErrorCode.SadSpent, (await sam.Module.SignHashAsync(request, Cancellation)).Refusal!.Code);
            Assert.Equal(digests.Length, sam.SignsOf(bed).Count);
        }
    }

    [Fact]
    public async Task What_is_authorized_for_a_key_of_another_pool_is_signed_while_the_first_is_away()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(TimeProvider.System, Patient);
        await using Deployed sam = await Deployed.OpenAsync(bed.Backend, KeyAlgorithm.P256);
        await bed.Backend.CheckAsync(Cancellation);
        bed.Forget();

        // The PIN's MAC is made in the first pool; nothing is counted.
        SignHashRequest request = await sam.AuthorizeAsync(Digests.Some(3));
        Assert.All(bed.A.Requests, r => Assert.StartsWith("/keys/mac-", r.Path, StringComparison.Ordinal));
        Assert.Empty(bed.B.Requests);
        bed.A.On(_ => true, HsmFaults.RequestLost);
        bed.Forget();

        Assert.Equal(3, (await sam.Module.SignHashAsync(request, Cancellation)).Value.Count);

        Assert.Empty(bed.A.Requests);
        Assert.Equal(3, bed.B.Requests.Count(r => r.IsSign));
        Assert.Equal(3, bed.B.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    [Trait("Requirement", "SIG-2d")]
    [Trait("Requirement", "T-USE-8")]
    public async Task Whatever_the_hsm_does_no_SAD_is_signed_for_twice(string host, string fault)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, host, Patient);
        await using Deployed sam = await Deployed.OpenAsync(bed.Backend, KeyAlgorithm.P256);
        Digest[] digests = [Digests.Of("one"), Digests.Of("two")];
        SignHashRequest request = await sam.AuthorizeAsync(digests);
        bed.Hsm.Forget();
        bed.Hsm.On(r => r.IsSign && r.Text("alg") == "ES256", FaultOf(fault));

        Assert.False(await SignsAsync(sam, request));
        int sent = sam.SignsOf(bed).Count;

        // Each digest by itself at most three times, and none but those of the SAD.
        Assert.All(sam.SignsOf(bed).GroupBy(r => r.Text("value")), digest => Assert.InRange(digest.Count(), 1, 3));
        Assert.Subset(
            digests.Select(d => Convert.ToHexString(d.Value)).ToHashSet(StringComparer.Ordinal),
            sam.SignsOf(bed).Select(r => Convert.ToHexString(r.Bytes("value")!)).ToHashSet(StringComparer.Ordinal));
        bed.Hsm.Mend();
        Assert.Equal(SamErrorCode.SadSpent, (await sam.Module.SignHashAsync(request, Cancellation)).Refusal!.Code);
        Assert.Equal(sent, sam.SignsOf(bed).Count);
        TestReport.Add($"managed hsm, one SAD, {fault}", $"{sent} requests for 2 digests, none released, none for the SAD again");
    }

    private static async Task<bool> SignsAsync(Deployed sam, SignHashRequest request)
    {
        try
        {
            return (await sam.Module.SignHashAsync(request, Cancellation)).Refusal is null;
        }
        catch (KeyBackendException)
        {
            return false;
        }
    }

    private static void Patient(ManagedHsmOptions options) =>
        options.AttemptTimeout = options.OperationTimeout = TimeSpan.FromSeconds(9);

    private static HsmFault FaultOf(string fault) => fault switch
    {
        "503" => HsmFaults.Refused(503, "ServiceUnavailable"),
        "429" => HsmFaults.Refused(429, "Throttled", retryAfter: "0"),
        "403" => HsmFaults.Refused(403, "Forbidden", "ForbiddenByRbac"),
        "404" => HsmFaults.Refused(404, "KeyNotFound"),
        "answer lost" => HsmFaults.AnswerLost,
        "answer cut" => HsmFaults.Truncated,
        "short" => HsmFaults.ShortValue,
        "bit" => HsmFaults.FlippedBit,
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "No such fault."),
    };

    /// <summary>A SAM on empty tables with one signer. Its own clock stands still; the HSM's pauses pass by the machine's.</summary>
    private sealed class Deployed(ActivationModule module, SecretText pin, CredentialId credential, SigningKey key) : IAsyncDisposable
    {
        internal ActivationModule Module => module;

        internal static async Task<Deployed> OpenAsync<TBackend>(TBackend backend, KeyAlgorithm algorithm)
            where TBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor
        {
            TestClock clock = new();
            ActivationModule module = await ActivationModule.OpenAsync(
                new InMemoryRowStore(clock), new InMemoryRowStore(clock), backend, new Pbkdf2TestHash(), new ActivationModuleOptions { Certificates = new CertificatePolicy { AcceptAnyChain = true }, Encryption = new EncryptionPolicy { Demand = EncryptionDemand.None } }, clock, Cancellation);
            _ = (await module.Clients.SetApprovedAsync(_client, approved: true, Cancellation)).Value;
            SignerId signer = (await module.RegisterAsync("alice", LinkedClients.Of(_client), Cancellation)).Value;
            SecretText pin = SamTestBed.NewPin();
            _ = (await module.SetPinAsync(signer, pin, Cancellation)).Value;
            (CredentialId credential, SigningKey key) = (await module.CreateCredentialAsync(signer, algorithm, 10, "for tests", Cancellation)).Value;
            using TestCa ca = new(clock.GetUtcNow().AddYears(-1));
            byte[] certificate = ca.Issue(key.SubjectPublicKeyInfo.Span, "Test signer", clock.GetUtcNow().AddDays(-1), clock.GetUtcNow().AddYears(1));
            _ = (await module.SetCertificateAsync(credential, [certificate, ca.Certificate], Cancellation)).Value;
            return new Deployed(module, pin, credential, key);
        }

        internal async Task<SignHashRequest> AuthorizeAsync(Digest[] digests)
        {
            Caller caller = new(_client, Login: null);
            IssuedSad sad = (await module.AuthorizeAsync(new AuthorizeRequest(caller, credential, digests.Length, digests, pin), Cancellation)).Value;
            return new SignHashRequest(
                caller, credential, sad.Sad, digests, SignatureAlgorithm.All.First(a => a.Fits(key.Algorithm) && a.Hash == digests[0].Algorithm));
        }

        internal IReadOnlyList<HsmRequest> SignsOf(ManagedHsmBed bed) => [.. bed.Signs.Where(r => r.Path == $"/keys/{key.Reference}/sign")];

        public ValueTask DisposeAsync() => module.DisposeAsync();
    }
}
