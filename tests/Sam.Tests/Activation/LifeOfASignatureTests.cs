using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

public sealed class LifeOfASignatureTests
{
    public static TheoryData<string> AllAlgorithms => [.. SignatureAlgorithm.All.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(AllAlgorithms))]
    public async Task A_digest_is_authorized_signed_and_verified(string name)
    {
        SignatureAlgorithm algorithm = SignatureAlgorithm.All.Single(a => a.Name == name);
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync(algorithm: KeyAlgorithm.All.First(algorithm.Fits));
        Digest digest = Digests.Of(algorithm.Hash, "contract");
        SecretText sad = await bed.AuthorizeAsync(signer, digest);

        IReadOnlyList<byte[]> signatures =
            (await bed.Sam.SignHashAsync(bed.SigningOf(signer, sad, digest) with { Algorithm = algorithm }, TestContext.Current.CancellationToken)).Value;

        Assert.True(signer.Verifies(digest, Assert.Single(signatures), algorithm));
    }

    [Fact]
    public async Task Signatures_keep_the_order_of_the_request()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] digests = Digests.Some(5);
        SecretText sad = await bed.AuthorizeAsync(signer, digests);
        Digest[] asked = [digests[3], digests[0], digests[4], digests[1]];

        IReadOnlyList<byte[]> signatures = (await bed.SignAsync(signer, sad, asked)).Value;

        Assert.Equal(asked.Length, signatures.Count);
        Assert.All(asked.Zip(signatures), pair => Assert.True(signer.Verifies(pair.First, pair.Second, SignatureAlgorithm.EcdsaSha256)));
    }

    [Fact]
    [Trait("Requirement", "APX-4")]
    [Trait("Requirement", "SIG-2d")]
    [Trait("Requirement", "T-USE-3")]
    public async Task A_SAD_is_good_once()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] digests = Digests.Some(2);
        SecretText sad = await bed.AuthorizeAsync(signer, digests);
        _ = (await bed.SignAsync(signer, sad, digests[0])).Value;

        // The other digest was authorized too and never signed: it changes nothing.
        Assert.Equal(SamErrorCode.SadSpent, (await bed.SignAsync(signer, sad, digests[1])).Refusal?.Code);
        Assert.Equal(1, bed.Keys.SignCount);
    }

    [Fact]
    public async Task Each_step_is_audited_under_one_transaction_and_one_operation()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] digests = Digests.Some(2);
        SecretText sad = await bed.AuthorizeAsync(signer, digests);
        _ = (await bed.SignAsync(signer, sad, digests)).Value;
        _ = await bed.SignAsync(signer, sad, digests);

        AuditRecord[] records = [.. bed.AuditRecords().Where(r => r.Credential == signer.Credential.Value)];

        Assert.Equal(
            [AuditEvent.KeyGenerated, AuditEvent.CertificateSet, AuditEvent.CredentialConfirmed, AuditEvent.Authorized, AuditEvent.SignaturesReleased, AuditEvent.SigningRefused],
            records.Select(r => r.Event));
        Assert.Equal(records[3].Transaction, records[4].Transaction);
        Assert.NotNull(records[4].Operation);
        Assert.NotEqual(records[4].Operation, records[5].Operation);
        Assert.Equal(digests.Select(d => Convert.ToHexStringLower(d.Value)), records[4].Digests);
        Assert.Equal(2, records[4].SignatureDigests?.Count);
        Assert.All(records[3..], r => Assert.Equal(bed.Client.Value, r.Client));
    }
}
