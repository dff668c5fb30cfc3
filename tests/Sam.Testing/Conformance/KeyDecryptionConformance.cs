using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Testing.Conformance;

/// <summary>What every <see cref="IKeyDecryption"/> must do.</summary>
public abstract class KeyDecryptionConformance : KeyBackendSuite
{
    private IKeyDecryption Decryption => Assert.IsType<IKeyDecryption>(Backend, exactMatch: false);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(318)]
    public async Task What_was_encrypted_to_a_key_is_decrypted(int length)
    {
        KeyReference key = await KeepAsync(Decryption.CreateDecryptionKeyAsync(Cancellation));
        byte[] secret = RandomNumberGenerator.GetBytes(length);

        byte[] encrypted = await EncryptAsync(key, secret);

        Assert.Equal(384, encrypted.Length);
        Assert.Equal(secret, await Decryption.DecryptAsync(key, encrypted, Cancellation));
        Assert.Equal(secret, await Decryption.DecryptAsync(key, encrypted, Cancellation));
    }

    [Fact]
    public async Task What_was_encrypted_to_another_key_or_otherwise_or_was_changed_is_rejected()
    {
        KeyReference mine = await KeepAsync(Decryption.CreateDecryptionKeyAsync(Cancellation));
        KeyReference theirs = await KeepAsync(Decryption.CreateDecryptionKeyAsync(Cancellation));
        byte[] foreign = await EncryptAsync(theirs, new byte[32]);
        byte[] changed = await EncryptAsync(mine, new byte[32]);
        changed[^1] ^= 0x01;
        byte[][] wrong =
        [
            foreign,
            changed,
            await EncryptAsync(mine, new byte[32], RSAEncryptionPadding.OaepSHA1),
            await EncryptAsync(mine, new byte[32], RSAEncryptionPadding.Pkcs1),
            new byte[384],
            RandomNumberGenerator.GetBytes(256),
            new byte[383],
            new byte[4096],
            [],
        ];

        foreach (byte[] bytes in wrong)
        {
            await FailsAsync(KeyBackendFailure.Rejected, () => Decryption.DecryptAsync(mine, bytes, Cancellation));
        }
    }

    [Fact]
    public async Task A_decryption_key_does_nothing_else_and_no_other_key_decrypts()
    {
        KeyReference key = await KeepAsync(Decryption.CreateDecryptionKeyAsync(Cancellation));
        SigningKey signing = await GenerateAsync(KeyAlgorithm.Rsa3072);

        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Backend.SignDigestsAsync(key, SignatureAlgorithm.RsaSha256, Digests.Some(1), Cancellation));
        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Backend.GetPublicKeyAsync(key, Cancellation));
        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Decryption.DecryptAsync(signing.Reference, new byte[384], Cancellation));
        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Decryption.GetEncryptionKeyAsync(signing.Reference, Cancellation));
    }

    [Fact]
    public async Task A_decryption_key_that_does_not_exist_any_more_is_not_found()
    {
        KeyReference key = await Decryption.CreateDecryptionKeyAsync(Cancellation);
        byte[] encrypted = await EncryptAsync(key, new byte[32]);

        await Backend.DestroyKeyAsync(key, Cancellation);

        foreach (KeyReference stranger in (KeyReference[])[key, Nobody(), KeyReference.Parse("x")])
        {
            await FailsAsync(KeyBackendFailure.KeyNotFound, () => Decryption.DecryptAsync(stranger, encrypted, Cancellation));
            await FailsAsync(KeyBackendFailure.KeyNotFound, () => Decryption.GetEncryptionKeyAsync(stranger, Cancellation));
        }
    }

    private async Task<byte[]> EncryptAsync(KeyReference key, byte[] secret, RSAEncryptionPadding? padding = null)
    {
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(await Decryption.GetEncryptionKeyAsync(key, Cancellation), out _);
        return rsa.Encrypt(secret, padding ?? RSAEncryptionPadding.OaepSHA256);
    }
}
