using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Testing.Conformance;

/// <summary>What every <see cref="IKeyImport"/> must do. Nobody else makes keys in the HSM under test while it runs.</summary>
[Trait("Requirement", "REG-3")]
public abstract class KeyImportConformance : KeyBackendSuite
{
    // Making RSA keys takes seconds, and these are never changed.
    private static readonly ConcurrentDictionary<KeyAlgorithm, Lazy<AsymmetricAlgorithm>> _sources = new();

    private IKeyImport Import => Assert.IsType<IKeyImport>(Backend, exactMatch: false);

    [Fact]
    public async Task A_key_of_each_algorithm_is_taken_in_under_its_name_and_signs()
    {
        (KeyReference exchange, byte[] exchangeKey) = await CreateExchangeKeyAsync();
        foreach (KeyAlgorithm algorithm in Backend.Description.KeyAlgorithms)
        {
            AsymmetricAlgorithm source = SourceOf(algorithm);
            KeyName name = KeyName.New();

            SigningKey key = await Import.ImportKeyAsync(name, algorithm, exchange, KeyTransfer.Wrap(exchangeKey, source), source.ExportSubjectPublicKeyInfo(), Cancellation);

            Assert.Equal(algorithm, key.Algorithm);
            Assert.Equal(source.ExportSubjectPublicKeyInfo(), key.SubjectPublicKeyInfo.ToArray());
            Assert.Equal(key.SubjectPublicKeyInfo.ToArray(), await Backend.GetPublicKeyAsync(key.Reference, Cancellation));
            foreach (SignatureAlgorithm signing in Backend.Description.SignatureAlgorithms.Where(a => a.Fits(algorithm)))
            {
                Digest digest = Digests.Of(signing.Hash, "a document");
                Assert.True(Verifies(key, signing, digest, await SignAsync(key, signing, digest)), signing.Name);
            }

            await Backend.AbandonKeyAsync(name, Cancellation);
            await FailsAsync(KeyBackendFailure.KeyNotFound, () => Backend.GetPublicKeyAsync(key.Reference, Cancellation));
        }
    }

    [Fact]
    public async Task Keys_are_taken_in_at_a_time_and_destroyed_one_by_one()
    {
        (KeyReference exchange, byte[] exchangeKey) = await CreateExchangeKeyAsync();
        int before = CountKeys();

        SigningKey[] keys = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                using ECDsa source = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                return await Import.ImportKeyAsync(
                    KeyName.New(), KeyAlgorithm.P256, exchange, KeyTransfer.Wrap(exchangeKey, source), source.ExportSubjectPublicKeyInfo(), Cancellation);
            },
            Cancellation)));

        Assert.Equal(keys.Length, keys.Select(k => k.Reference).Distinct().Count());
        foreach (SigningKey key in keys)
        {
            Digest digest = Digests.Of(key.Reference.Value);
            Assert.True(Verifies(key, SignatureAlgorithm.EcdsaSha256, digest, await SignAsync(key, SignatureAlgorithm.EcdsaSha256, digest)));
            await Backend.DestroyKeyAsync(key.Reference, Cancellation);
        }

        Assert.Equal(before, CountKeys());
    }

    [Fact]
    [Trait("Requirement", "T-IMP-1")]
    [Trait("Requirement", "T-IMP-2")]
    public async Task What_does_not_open_or_is_another_key_is_rejected_and_nothing_of_it_stays()
    {
        (KeyReference exchange, byte[] exchangeKey) = await CreateExchangeKeyAsync();
        (_, byte[] otherExchangeKey) = await CreateExchangeKeyAsync();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using RSA exponent3 = StrangeKeys.WithExponent3();
        RSAParameters claimed = exponent3.ExportParameters(includePrivateParameters: false) with { Exponent = [1, 0, 1] };
        using RSA exponent3AsF4 = RSA.Create(claimed);
        AsymmetricAlgorithm rsa = SourceOf(KeyAlgorithm.Rsa2048);
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        byte[] blob = KeyTransfer.Wrap(exchangeKey, key);
        int split = blob.Length - (blob.Length % 384);
        (string What, KeyAlgorithm Algorithm, byte[] Blob, byte[] PublicKey)[] table =
        [
            .. ((int[])[0, 100, split - 1, split, split + 40, blob.Length - 1]).Select(at => ($"changed at {at}", KeyAlgorithm.P256, Changed(blob, at), spki)),
            ("nothing", KeyAlgorithm.P256, [], spki),
            ("the AES key alone", KeyAlgorithm.P256, blob[..split], spki),
            ("one byte less", KeyAlgorithm.P256, blob[..^1], spki),
            ("one block less", KeyAlgorithm.P256, blob[..^8], spki),
            ("one block more", KeyAlgorithm.P256, [.. blob, .. new byte[8]], spki),
            ("zeros", KeyAlgorithm.P256, new byte[blob.Length], spki),
            ("too long", KeyAlgorithm.P256, new byte[IKeyImport.MaxBlobSize + 8], spki),
            ("for another exchange key", KeyAlgorithm.P256, KeyTransfer.Wrap(otherExchangeKey, key), spki),
            ("OAEP with SHA-256", KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, key.ExportPkcs8PrivateKey(), RSAEncryptionPadding.OaepSHA256), spki),
            ("PKCS#1 padding", KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, key.ExportPkcs8PrivateKey(), RSAEncryptionPadding.Pkcs1), spki),
            ("no PKCS#8", KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, key.ExportECPrivateKey()), spki),
            ("a public key", KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, spki), spki),
            ("another key", KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, other), spki),
            ("another's public key", KeyAlgorithm.P256, blob, other.ExportSubjectPublicKeyInfo()),
            ("another's public key inside, too", KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, StrangeKeys.WithPublicKeyOf(key, other)), other.ExportSubjectPublicKeyInfo()),
            ("another curve's key", KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, p384), spki),
            ("another curve's key, and says so", KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, p384), p384.ExportSubjectPublicKeyInfo()),
            ("an RSA key for a curve's", KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, rsa), spki),
            ("a curve's key for RSA", KeyAlgorithm.Rsa2048, blob, rsa.ExportSubjectPublicKeyInfo()),
            ("another size", KeyAlgorithm.Rsa3072, KeyTransfer.Wrap(exchangeKey, rsa), rsa.ExportSubjectPublicKeyInfo()),
            ("e = 3", KeyAlgorithm.Rsa2048, KeyTransfer.Wrap(exchangeKey, exponent3), exponent3.ExportSubjectPublicKeyInfo()),
            ("e = 3, called 65537", KeyAlgorithm.Rsa2048, KeyTransfer.Wrap(exchangeKey, exponent3), exponent3AsF4.ExportSubjectPublicKeyInfo()),
            ("no public key", KeyAlgorithm.P256, blob, []),
            ("something behind the public key", KeyAlgorithm.P256, blob, [.. spki, 0]),
        ];
        int before = CountKeys();
        List<string> found = [];
        foreach ((string what, KeyAlgorithm algorithm, byte[] wrapped, byte[] publicKey) in table)
        {
            found.Add($"{what}: {await TryAsync(exchange, algorithm, wrapped, publicKey)}, {CountKeys() - before} keys more");
        }

        Assert.Equal(table.Select(row => $"{row.What}: Rejected, 0 keys more"), found);

        // Nothing but that was wrong with it.
        Assert.Equal("taken in", await TryAsync(exchange, KeyAlgorithm.P256, blob, spki));
    }

    [Fact]
    public async Task Only_an_exchange_key_takes_keys_in_and_it_does_nothing_else()
    {
        (KeyReference exchange, byte[] exchangeKey) = await CreateExchangeKeyAsync();
        SigningKey signing = await GenerateAsync(KeyAlgorithm.Rsa3072);
        using ECDsa source = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = source.ExportSubjectPublicKeyInfo();

        Assert.Contains(await TryAsync(signing.Reference, KeyAlgorithm.P256, KeyTransfer.Wrap(signing.SubjectPublicKeyInfo.Span, source), spki), NotOffered);
        foreach (SignatureAlgorithm algorithm in (SignatureAlgorithm[])[SignatureAlgorithm.RsaSha256, SignatureAlgorithm.PssSha256])
        {
            KeyBackendException refusal = await Assert.ThrowsAsync<KeyBackendException>(
                () => Backend.SignDigestsAsync(exchange, algorithm, [Digests.Of(HashAlgorithm.Sha256, "x")], Cancellation));
            Assert.Contains(refusal.Failure.ToString(), NotOffered);
        }

        if (Backend is IKeyWrapping wrapping)
        {
            KeyBackendException refusal = await Assert.ThrowsAsync<KeyBackendException>(() => wrapping.UnwrapAsync(exchange, new byte[384], Cancellation));
            Assert.Contains(refusal.Failure.ToString(), NotOffered);
        }

        await Backend.DestroyKeyAsync(exchange, Cancellation);
        foreach (KeyReference stranger in (KeyReference[])[exchange, Nobody(), KeyReference.Parse("x")])
        {
            Assert.Equal("KeyNotFound", await TryAsync(stranger, KeyAlgorithm.P256, KeyTransfer.Wrap(exchangeKey, source), spki));
        }
    }

    /// <summary>How many keys there are in the HSM; an object counts as one.</summary>
    protected abstract int CountKeys();

    /// <summary>A key that another HSM made. Not to be disposed.</summary>
    protected static AsymmetricAlgorithm SourceOf(KeyAlgorithm algorithm) => _sources.GetOrAdd(
        algorithm, a => new Lazy<AsymmetricAlgorithm>(() => a.IsRsa ? RSA.Create(a.SizeInBits) : ECDsa.Create(a.ToCurve()))).Value;

    /// <summary>Makes an exchange key that is destroyed after the test.</summary>
    protected async Task<(KeyReference Key, byte[] SubjectPublicKeyInfo)> CreateExchangeKeyAsync()
    {
        (KeyReference key, byte[] subjectPublicKeyInfo) = await Import.CreateExchangeKeyAsync(Cancellation);
        _ = await KeepAsync(Task.FromResult(key));
        return (key, subjectPublicKeyInfo);
    }

    private static readonly string[] NotOffered = ["KeyNotFound", "Rejected"];

    private async Task<string> TryAsync(KeyReference exchange, KeyAlgorithm algorithm, byte[] blob, byte[] publicKey)
    {
        KeyName name = KeyName.New();
        try
        {
            _ = await Import.ImportKeyAsync(name, algorithm, exchange, blob, publicKey, Cancellation);
            await Backend.AbandonKeyAsync(name, Cancellation);
            return "taken in";
        }
        catch (KeyBackendException failure)
        {
            return failure.Failure.ToString();
        }
    }

    private static byte[] Changed(byte[] blob, int at)
    {
        byte[] changed = [.. blob];
        changed[at] ^= 0x01;
        return changed;
    }
}
