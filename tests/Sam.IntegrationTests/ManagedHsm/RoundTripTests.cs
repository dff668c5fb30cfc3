using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.KeyBackends.ManagedHsm.Management;
using Sam.Testing.ManagedHsm;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>What goes over the wire, counted where it arrives.</summary>
public sealed class RoundTripTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signature_is_one_request_and_the_first_one_is_preceded_by_a_challenge_without_the_digest()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        int asked = bed.Credential.Asked.Count;

        await bed.SignAndVerifyAsync();

        Assert.Equal([(false, true), (true, false)], bed.Hsm.Requests.Select(r => (r.IsAuthorized, r.Body.Length == 0)));
        bed.Hsm.Forget();
        for (int i = 1; i <= 10; i++)
        {
            await bed.SignAndVerifyAsync();
            Assert.Equal(i, bed.Hsm.Requests.Count);
        }

        Assert.All(bed.Hsm.Requests, request =>
        {
            Assert.Equal(("POST", $"/keys/{bed.Key.Reference}/sign", "7.6"), (request.Method, request.Path, request.ApiVersion));
            Assert.True(request.IsAuthorized);
            Assert.Equal("ES256", request.Text("alg"));
            Assert.Equal(Digests.Some(1)[0].Value, request.Bytes("value")!);
        });
        Azure.Core.TokenRequestContext wanted = Assert.Single(bed.Credential.Asked.Skip(asked));
        Assert.Equal(["https://managedhsm.azure.net/.default"], wanted.Scopes);
        Assert.Equal("00000000-0000-0000-0000-00000000beef", wanted.TenantId);
        TestReport.Add("managed hsm, requests per signature", "1 challenge, then 1 each for 10 signatures, no key read");
    }

    [Fact]
    public async Task A_batch_is_one_request_per_digest_and_leaves_places_to_others()
    {
        const int batch = 40;
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        Digest[] digests = Digests.Some(batch);
        int inside = 0;
        int most = 0;
        TaskCompletionSource full = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Hsm.On(r => r.IsSign, async exchange =>
        {
            int now = Interlocked.Increment(ref inside);
            int seen;
            while ((seen = Volatile.Read(ref most)) < now && Interlocked.CompareExchange(ref most, now, seen) != seen)
            {
            }

            // The first eight wait for each other; so eight are inside at a time, at least once.
            _ = now == 8 && full.TrySetResult();
            await full.Task;
            _ = Interlocked.Decrement(ref inside);
            await HsmFaults.None(exchange);
        });

        IReadOnlyList<byte[]> signatures = await bed.SignAsync(digests);

        Assert.Equal(batch, signatures.Count);
        Assert.Equal(batch, bed.Signs.Count);
        Assert.Equal(8, most);
        Assert.Equal(
            digests.Select(d => Convert.ToHexString(d.Value)).Order(StringComparer.Ordinal),
            bed.Signs.Select(r => Convert.ToHexString(r.Bytes("value")!)).Order(StringComparer.Ordinal));
        TestReport.Add("managed hsm, batch", $"{batch} digests, {batch} requests, {most} at a time");
    }

    [Fact]
    public async Task The_first_token_may_take_longer_than_an_attempt()
    {
        WatchedClock clock = new();
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(clock);
        bed.Credential.Before = () =>
        {
            clock.Advance(TimeSpan.FromSeconds(4));
            return Task.CompletedTask;
        };

        await bed.SignAndVerifyAsync();

        Assert.Single(bed.Signs);
    }

    [Fact]
    public async Task Macs_and_wrapping_are_one_request_each_and_keys_of_another_purpose_are_never_sent()
    {
        foreach (string host in (string[])[FakeManagedHsm.ManagedHsmHost, FakeManagedHsm.KeyVaultHost])
        {
            await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider(), host);
            KeyReference mac = await bed.Backend.CreateMacKeyAsync(Cancellation);
            KeyReference wrapping = await bed.Backend.CreateWrappingKeyAsync(Cancellation);
            await bed.Backend.CheckAsync(Cancellation);
            bed.Hsm.Forget();

            _ = await bed.Backend.ComputeMacAsync(mac, new byte[100], Cancellation);
            byte[] wrapped = await bed.Backend.WrapAsync(wrapping, new byte[32], Cancellation);
            _ = await bed.Backend.UnwrapAsync(wrapping, wrapped, Cancellation);
            Assert.Equal(["sign", "wrapkey", "unwrapkey"], bed.Hsm.Requests.Select(r => r.Operation));

            // On Key Vault Premium a signature of the MAC key over a digest of the caller's choice would be a MAC given away.
            foreach (KeyReference stranger in (KeyReference[])[mac, wrapping])
            {
                await bed.FailsAsync(
                    KeyBackendFailure.KeyNotFound,
                    () => bed.Backend.SignDigestsAsync(stranger, Core.Algorithms.SignatureAlgorithm.RsaSha256, Digests.Some(1), Cancellation));
            }

            await bed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.ComputeMacAsync(bed.Key.Reference, new byte[1], Cancellation));
            await bed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.WrapAsync(mac, new byte[32], Cancellation));
            Assert.Equal(3, bed.Hsm.Requests.Count);
        }
    }

    [Fact]
    public async Task Decryption_and_random_bytes_are_one_request_each_and_what_premium_has_not_is_never_asked_for()
    {
        foreach (string host in (string[])[FakeManagedHsm.ManagedHsmHost, FakeManagedHsm.KeyVaultHost])
        {
            await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, host);
            KeyReference key = await bed.Backend.CreateDecryptionKeyAsync(Cancellation);
            using RSA rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(await bed.Backend.GetEncryptionKeyAsync(key, Cancellation), out _);
            await bed.Backend.CheckAsync(Cancellation);
            bed.Hsm.Forget();

            _ = await bed.Backend.DecryptAsync(key, rsa.Encrypt(new byte[32], RSAEncryptionPadding.OaepSHA256), Cancellation);
            HsmRequest decrypt = Assert.Single(bed.Hsm.Requests);
            Assert.Equal(($"/keys/{key}/decrypt", "RSA-OAEP-256"), (decrypt.Path, decrypt.Text("alg")));
            await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Backend.DecryptAsync(key, new byte[383], Cancellation));
            Assert.Single(bed.Hsm.Requests);
            if (host == FakeManagedHsm.ManagedHsmHost)
            {
                _ = await bed.Backend.GetRandomBytesAsync(48, Cancellation);
                Assert.Equal(("/rng", """{"count":48}"""), (bed.Hsm.Requests[^1].Path, System.Text.Encoding.UTF8.GetString(bed.Hsm.Requests[^1].Body)));
                Assert.Equal(KeyBackendCapabilities.None, bed.Backend.Description.Missing);
                bed.Hsm.On(r => r.Path == "/rng", HsmFaults.ShortValue, times: 2);
                Assert.Equal(48, (await bed.Backend.GetRandomBytesAsync(48, Cancellation).WaitAsync(ManagedHsmBed.Patience, Cancellation)).Length);
                continue;
            }

            await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Backend.GetRandomBytesAsync(48, Cancellation));
            await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Backend.AttestAsync(key, Cancellation));
            Assert.Equal(KeyBackendCapabilities.RandomBytes | KeyBackendCapabilities.Attestation, bed.Backend.Description.Missing);
            Assert.Single(bed.Hsm.Requests);
        }
    }

    [Fact]
    public async Task A_key_that_a_ceremony_made_decrypts_and_does_nothing_else()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        ManagedKey made = await bed.Management.CreateAsync(new("sam-factors", "RSA-HSM", 4096, Curve: null, ["decrypt"]), Cancellation);
        KeyReference key = KeyReference.Parse($"sam-factors/{made.Version}");
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(await bed.Backend.GetEncryptionKeyAsync(key, Cancellation), out _);
        byte[] secret = RandomNumberGenerator.GetBytes(446);

        Assert.Equal(secret, await bed.Backend.DecryptAsync(key, rsa.Encrypt(secret, RSAEncryptionPadding.OaepSHA256), Cancellation));
        bed.Hsm.Forget();
        await bed.FailsAsync(
            KeyBackendFailure.KeyNotFound, () => bed.Backend.SignDigestsAsync(key, Core.Algorithms.SignatureAlgorithm.RsaSha256, Digests.Some(1), Cancellation));
        await bed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.ComputeMacAsync(key, new byte[1], Cancellation));
        await bed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.UnwrapAsync(key, new byte[40], Cancellation));
        Assert.Empty(bed.Hsm.Requests);
    }

    [Fact]
    public async Task Attestation_is_had_for_keys_of_every_purpose()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());

        foreach (KeyReference key in (KeyReference[])[bed.Key.Reference, await bed.Backend.CreateDecryptionKeyAsync(Cancellation)])
        {
            Assert.Contains(key.Value, System.Text.Encoding.ASCII.GetString((await bed.Backend.AttestAsync(key, Cancellation)).PublicKey!.Value.Span), StringComparison.Ordinal);
        }

        foreach (KeyReference key in (KeyReference[])[await bed.Backend.CreateWrappingKeyAsync(Cancellation), await bed.Backend.CreateMacKeyAsync(Cancellation)])
        {
            KeyAttestation attestation = await bed.Backend.AttestAsync(key, Cancellation);
            Assert.Contains(key.Value, System.Text.Encoding.ASCII.GetString(attestation.PrivateKey.Span), StringComparison.Ordinal);
            Assert.Null(attestation.PublicKey);
        }
    }

    [Fact]
    public async Task A_mac_is_what_its_recipe_says()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        KeyReference key = await bed.Backend.CreateMacKeyAsync(Cancellation);
        byte[] data = [1, 2, 3];

        byte[] mac = await bed.Backend.ComputeMacAsync(key, data, Cancellation);

        // The HSM is asked for HS256 over a digest, which two deployments, or two versions of this code, must agree on.
        HsmRequest request = Assert.Single(bed.Signs);
        Assert.Equal("HS256", request.Text("alg"));
        Assert.Equal(SHA256.HashData([.. "sam-mac-input-1"u8, .. data]), request.Bytes("value"));
        Assert.Equal(32, mac.Length);
    }
}
