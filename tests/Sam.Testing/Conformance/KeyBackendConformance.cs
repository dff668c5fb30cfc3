using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Testing.Conformance;

/// <summary>What every <see cref="IKeyBackend"/> must do. A gap in its description is held to as well: it refuses what it does not claim.</summary>
public abstract class KeyBackendConformance : KeyBackendSuite
{
    /// <summary>The kinds of keys, by name.</summary>
    public static TheoryData<string> KeyAlgorithms => [.. KeyAlgorithm.All.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(KeyAlgorithms))]
    [Trait("Requirement", "REG-3")]
    public async Task A_generated_key_is_of_its_kind_and_signs_with_every_algorithm_that_fits(string name)
    {
        Assert.True(KeyAlgorithm.TryFromName(name, out KeyAlgorithm? algorithm));
        if (!Backend.Description.KeyAlgorithms.Contains(algorithm))
        {
            await FailsAsync(KeyBackendFailure.Rejected, () => Backend.GenerateKeyAsync(KeyName.New(), algorithm, Cancellation));
            return;
        }

        SigningKey key = await GenerateAsync(algorithm);

        Assert.Equal(algorithm, key.Algorithm);
        AssertIsOfKind(algorithm, key.SubjectPublicKeyInfo);
        Assert.Equal(key.SubjectPublicKeyInfo, await Backend.GetPublicKeyAsync(key.Reference, Cancellation));
        foreach (SignatureAlgorithm signing in SignatureAlgorithm.All.Where(a => a.Fits(algorithm)))
        {
            Digest[] digests = Digests.Some(2, signing.Hash);
            if (!Backend.Description.SignatureAlgorithms.Contains(signing))
            {
                await FailsAsync(KeyBackendFailure.Rejected, () => Backend.SignDigestsAsync(key.Reference, signing, digests, Cancellation));
                continue;
            }

            IReadOnlyList<byte[]> signatures = await Backend.SignDigestsAsync(key.Reference, signing, digests, Cancellation);

            Assert.Equal(digests.Length, signatures.Count);
            Assert.All(signatures, signature => Assert.Equal(algorithm.SignatureSizeInBytes, signature.Length));
            Assert.All(digests.Zip(signatures), pair => Assert.True(Verifies(key, signing, pair.First, pair.Second), signing.Name));
        }
    }

    [Fact]
    public async Task Each_key_has_a_name_and_a_value_of_its_own()
    {
        SigningKey[] keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GenerateAsync(KeyAlgorithm.P256)));

        Assert.Equal(keys.Length, keys.Select(k => k.Reference).Distinct().Count());
        Assert.Equal(keys.Length, keys.Select(k => Convert.ToHexString(k.SubjectPublicKeyInfo.Span)).Distinct().Count());
    }

    [Fact]
    public async Task Keys_are_made_used_and_destroyed_at_a_time() => await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(
        async () =>
        {
            for (int round = 0; round < 6; round++)
            {
                SigningKey key = await GenerateAsync(KeyAlgorithm.P256);
                Digest digest = Digests.Of($"{worker}.{round}");
                Assert.True(Verifies(key, SignatureAlgorithm.EcdsaSha256, digest, await SignAsync(key, SignatureAlgorithm.EcdsaSha256, digest)));
                await Backend.DestroyKeyAsync(key.Reference, Cancellation);
            }
        },
        Cancellation)));

    [Fact]
    public async Task Signatures_keep_the_order_of_the_digests()
    {
        SigningKey key = await GenerateAsync(KeyAlgorithm.P256);
        Digest[] digests = Digests.Some(16);

        IReadOnlyList<byte[]> signatures = await Backend.SignDigestsAsync(key.Reference, SignatureAlgorithm.EcdsaSha256, digests, Cancellation);

        for (int i = 0; i < digests.Length; i++)
        {
            for (int j = 0; j < digests.Length; j++)
            {
                Assert.Equal(i == j, Verifies(key, SignatureAlgorithm.EcdsaSha256, digests[i], signatures[j]));
            }
        }
    }

    [Fact]
    public async Task A_digest_that_stands_twice_in_a_batch_is_signed_twice()
    {
        SigningKey key = await GenerateAsync(KeyAlgorithm.P256);
        Digest digest = Digests.Of("twice");

        IReadOnlyList<byte[]> signatures = await Backend.SignDigestsAsync(key.Reference, SignatureAlgorithm.EcdsaSha256, [digest, digest], Cancellation);

        Assert.Equal(2, signatures.Count);
        Assert.All(signatures, signature => Assert.True(Verifies(key, SignatureAlgorithm.EcdsaSha256, digest, signature)));
    }

    [Fact]
    public async Task Sixty_four_signatures_at_a_time_all_verify_under_their_own_key()
    {
        SigningKey[] keys = [await GenerateAsync(KeyAlgorithm.P256), await GenerateAsync(KeyAlgorithm.P256)];
        Digest[] digests = Digests.Some(64);

        byte[][] signatures = await Task.WhenAll(digests.Select((digest, i) =>
            Task.Run(() => SignAsync(keys[i % 2], SignatureAlgorithm.EcdsaSha256, digest), Cancellation)));

        for (int i = 0; i < digests.Length; i++)
        {
            Assert.True(Verifies(keys[i % 2], SignatureAlgorithm.EcdsaSha256, digests[i], signatures[i]));
            Assert.False(Verifies(keys[(i + 1) % 2], SignatureAlgorithm.EcdsaSha256, digests[i], signatures[i]));
        }
    }

    [Fact]
    public async Task A_destroyed_key_is_not_found()
    {
        SigningKey key = await GenerateAsync(KeyAlgorithm.P256);
        await SignAsync(key, SignatureAlgorithm.EcdsaSha256, Digests.Of("before"));

        await Backend.DestroyKeyAsync(key.Reference, Cancellation);

        await FailsAsync(KeyBackendFailure.KeyNotFound, () => SignAsync(key, SignatureAlgorithm.EcdsaSha256, Digests.Of("after")));
        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Backend.GetPublicKeyAsync(key.Reference, Cancellation));
    }

    [Fact]
    public async Task A_key_that_is_destroyed_while_it_signs_either_signs_or_is_not_found()
    {
        SigningKey key = await GenerateAsync(KeyAlgorithm.P256);
        Digest digest = Digests.Of("race");

        Task<byte[]>[] signing = [.. Enumerable.Range(0, 32).Select(_ => Task.Run(() => SignAsync(key, SignatureAlgorithm.EcdsaSha256, digest), Cancellation))];
        await Backend.DestroyKeyAsync(key.Reference, Cancellation);

        foreach (Task<byte[]> attempt in signing)
        {
            try
            {
                Assert.True(Verifies(key, SignatureAlgorithm.EcdsaSha256, digest, await attempt));
            }
            catch (KeyBackendException failure)
            {
                Assert.Equal(KeyBackendFailure.KeyNotFound, failure.Failure);
            }
        }

        await FailsAsync(KeyBackendFailure.KeyNotFound, () => SignAsync(key, SignatureAlgorithm.EcdsaSha256, digest));
    }

    [Fact]
    public async Task Destroying_again_or_what_never_was_is_no_error_and_harms_no_other_key()
    {
        SigningKey gone = await GenerateAsync(KeyAlgorithm.P256);
        SigningKey other = await GenerateAsync(KeyAlgorithm.P256);

        await Backend.DestroyKeyAsync(gone.Reference, Cancellation);
        await Backend.DestroyKeyAsync(gone.Reference, Cancellation);
        await Backend.DestroyKeyAsync(Nobody(), Cancellation);
        await Backend.DestroyKeyAsync(KeyReference.Parse("not-a-name-of-this-backend"), Cancellation);

        Digest digest = Digests.Of("other");
        Assert.True(Verifies(other, SignatureAlgorithm.EcdsaSha256, digest, await SignAsync(other, SignatureAlgorithm.EcdsaSha256, digest)));
    }

    [Fact]
    public async Task A_name_that_no_key_has_is_not_found()
    {
        SigningKey key = await GenerateAsync(KeyAlgorithm.P256);
        KeyReference[] strangers =
        [
            Nobody(),
            KeyReference.Parse("x"),
            KeyReference.Parse(key.Reference.Value[..^2]),
            KeyReference.Parse(key.Reference.Value + "00"),
            KeyReference.Parse(new string('0', 255)),
        ];

        foreach (KeyReference stranger in strangers)
        {
            await FailsAsync(
                KeyBackendFailure.KeyNotFound,
                () => Backend.SignDigestsAsync(stranger, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation));
            await FailsAsync(KeyBackendFailure.KeyNotFound, () => Backend.GetPublicKeyAsync(stranger, Cancellation));
        }
    }

    [Fact]
    public async Task The_check_answers_when_the_backend_serves() => await Backend.CheckAsync(Cancellation);

    private static void AssertIsOfKind(KeyAlgorithm algorithm, ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        int read;
        if (algorithm.IsRsa)
        {
            using RSA rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo.Span, out read);
            Assert.Equal(algorithm.SizeInBits, rsa.KeySize);
            Assert.Equal([1, 0, 1], rsa.ExportParameters(includePrivateParameters: false).Exponent!);
        }
        else
        {
            using ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo.Span, out read);
            Assert.Equal(algorithm.CurveOid, ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid.Value);
        }

        Assert.Equal(subjectPublicKeyInfo.Length, read);
    }

    [Fact]
    [Trait("Requirement", "REG-3")]
    public async Task What_bears_an_abandoned_name_is_destroyed()
    {
        KeyName name = KeyName.New();
        SigningKey key = await Backend.GenerateKeyAsync(name, KeyAlgorithm.P256, Cancellation);
        SigningKey other = await GenerateAsync(KeyAlgorithm.P256);
        Assert.NotEqual(key.Reference, other.Reference);

        // Whoever sweeps tells by this which key a credential has.
        Assert.Contains(name.Value, key.Reference.Value, StringComparison.Ordinal);

        await Backend.AbandonKeyAsync(name, Cancellation);

        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Backend.GetPublicKeyAsync(key.Reference, Cancellation));
        await FailsAsync(KeyBackendFailure.KeyNotFound, () => SignAsync(key, SignatureAlgorithm.EcdsaSha256, Digests.Some(1)[0]));
        Assert.Equal(other.SubjectPublicKeyInfo.ToArray(), await Backend.GetPublicKeyAsync(other.Reference, Cancellation));

        // Again, and a name that no key ever had.
        await Backend.AbandonKeyAsync(name, Cancellation);
        await Backend.AbandonKeyAsync(KeyName.New(), Cancellation);
    }
}
