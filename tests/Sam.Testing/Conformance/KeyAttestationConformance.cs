using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Xunit;

namespace Sam.Testing.Conformance;

/// <summary>What every <see cref="IKeyAttestation"/> must do, as far as it can be told without the maker's validator; where the HSM has none, it must refuse.</summary>
public abstract class KeyAttestationConformance : KeyBackendSuite
{
    private IKeyAttestation Attestation => Assert.IsType<IKeyAttestation>(Backend, exactMatch: false);

    [Fact]
    public async Task Each_key_has_a_proof_of_its_own()
    {
        SigningKey one = await GenerateAsync(KeyAlgorithm.P256);
        SigningKey other = await GenerateAsync(KeyAlgorithm.P256);
        if (Backend.Description.Missing.HasFlag(KeyBackendCapabilities.Attestation))
        {
            await FailsAsync(KeyBackendFailure.Rejected, () => Attestation.AttestAsync(one.Reference, Cancellation));
            return;
        }

        KeyAttestation first = await Attestation.AttestAsync(one.Reference, Cancellation);
        KeyAttestation second = await Attestation.AttestAsync(other.Reference, Cancellation);

        Assert.NotEmpty(first.Version);
        Assert.False(first.Certificates.IsEmpty);
        Assert.NotNull(first.PublicKey);
        Assert.NotEqual(first.PrivateKey.ToArray(), second.PrivateKey.ToArray());
        Assert.NotEqual(first.PublicKey.Value.ToArray(), second.PublicKey!.Value.ToArray());
    }

    [Fact]
    public async Task A_key_that_does_not_exist_has_no_proof()
    {
        KeyBackendFailure expected = Backend.Description.Missing.HasFlag(KeyBackendCapabilities.Attestation) ? KeyBackendFailure.Rejected : KeyBackendFailure.KeyNotFound;
        SigningKey gone = await Backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, Cancellation);
        await Backend.DestroyKeyAsync(gone.Reference, Cancellation);

        foreach (KeyReference stranger in (KeyReference[])[gone.Reference, Nobody(), KeyReference.Parse("x")])
        {
            await FailsAsync(expected, () => Attestation.AttestAsync(stranger, Cancellation));
        }
    }
}
