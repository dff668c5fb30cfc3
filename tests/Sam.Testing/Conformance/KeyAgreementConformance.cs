using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Testing.Conformance;

/// <summary>What every <see cref="IKeyAgreement"/> must do.</summary>
public abstract class KeyAgreementConformance : KeyBackendSuite
{
    // The last 64 bytes of a P-256 SubjectPublicKeyInfo are the point's coordinates.
    private const int Coordinates = 64;

    private IKeyAgreement Agreement => Assert.IsType<IKeyAgreement>(Backend, exactMatch: false);

    [Fact]
    public async Task Both_sides_agree_on_one_secret()
    {
        KeyReference key = await KeepAsync(Agreement.CreateAgreementKeyAsync(Cancellation));
        using ECDiffieHellman theirs = ECDiffieHellman.Create();
        theirs.ImportSubjectPublicKeyInfo(await Agreement.GetAgreementKeyAsync(key, Cancellation), out _);

        // Some secrets begin with zeros: they have their full length all the same.
        for (int i = 0; i < 20; i++)
        {
            using ECDiffieHellman mine = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            byte[] agreed = await Agreement.AgreeAsync(key, mine.ExportSubjectPublicKeyInfo(), Cancellation);
            Assert.Equal(mine.DeriveRawSecretAgreement(theirs.PublicKey), agreed);
            Assert.Equal(32, agreed.Length);
        }
    }

    [Fact]
    public async Task What_is_no_key_of_the_curve_is_rejected()
    {
        KeyReference key = await KeepAsync(Agreement.CreateAgreementKeyAsync(Cancellation));
        using ECDiffieHellman mine = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using ECDiffieHellman larger = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP384);
        using RSA rsa = RSA.Create(2048);
        byte[] good = mine.ExportSubjectPublicKeyInfo();
        byte[] beside = [.. good];
        beside[^1] ^= 0x01;
        byte[] origin = [.. good[..^Coordinates], .. new byte[Coordinates]];
        byte[] infinity = [.. good];
        infinity[^(Coordinates + 1)] = 0x00;

        foreach (byte[] wrong in (byte[][])[beside, origin, infinity, good[..^1], larger.ExportSubjectPublicKeyInfo(), rsa.ExportSubjectPublicKeyInfo(), []])
        {
            await FailsAsync(KeyBackendFailure.Rejected, () => Agreement.AgreeAsync(key, wrong, Cancellation));
        }

        Assert.Equal(32, (await Agreement.AgreeAsync(key, good, Cancellation)).Length);
    }

    [Fact]
    public async Task An_agreement_key_does_nothing_else_and_no_other_key_agrees()
    {
        KeyReference key = await KeepAsync(Agreement.CreateAgreementKeyAsync(Cancellation));
        SigningKey signing = await GenerateAsync(KeyAlgorithm.P256);
        using ECDiffieHellman mine = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

        KeyBackendException refused = await Assert.ThrowsAsync<KeyBackendException>(
            () => Backend.SignDigestsAsync(key, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation));
        Assert.True(refused.Failure is KeyBackendFailure.Rejected or KeyBackendFailure.KeyNotFound, refused.Message);
        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Agreement.AgreeAsync(signing.Reference, mine.ExportSubjectPublicKeyInfo(), Cancellation));
        await FailsAsync(KeyBackendFailure.KeyNotFound, () => Agreement.GetAgreementKeyAsync(signing.Reference, Cancellation));
    }

    [Fact]
    public async Task An_agreement_key_that_does_not_exist_any_more_is_not_found()
    {
        KeyReference key = await Agreement.CreateAgreementKeyAsync(Cancellation);
        using ECDiffieHellman mine = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

        await Backend.DestroyKeyAsync(key, Cancellation);

        foreach (KeyReference stranger in (KeyReference[])[key, Nobody(), KeyReference.Parse("x")])
        {
            await FailsAsync(KeyBackendFailure.KeyNotFound, () => Agreement.AgreeAsync(stranger, mine.ExportSubjectPublicKeyInfo(), Cancellation));
            await FailsAsync(KeyBackendFailure.KeyNotFound, () => Agreement.GetAgreementKeyAsync(stranger, Cancellation));
        }
    }
}
