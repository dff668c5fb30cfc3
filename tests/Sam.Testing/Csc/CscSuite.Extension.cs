using Sam.Core.Algorithms;
using Sam.Core.Results;
using Xunit;

namespace Sam.Testing.Csc;

public abstract partial class CscSuite
{
    /// <summary>The guideline's figure B-1, message by message: one request with N hashes and one SAD, one answer with N signatures.</summary>
    [Fact]
    [Trait("Requirement", "APX-1")]
    public async Task Figure_B_1_many_signatures_in_one_answer()
    {
        (CscClient client, TestCredential credential) = await Sam.ShareAsync(KeyAlgorithm.P256);
        byte[][] digests = [.. Enumerable.Range(0, 4).Select(_ => NewDigest(32))];
        CscReply authorized = await client.AuthorizeAsync(credential, digests);
        CscReply signed = await client.SignHashAsync(credential, authorized.Sad, digests);
        Assert.All(digests.Zip(signed.Signatures), pair => Assert.True(credential.Verifies(pair.First, pair.Second, SignatureAlgorithm.EcdsaSha256)));
        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => client.SignHashAsync(credential, authorized.Sad, digests));
        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => ExtendAsync(client, credential, authorized.Sad));
    }

    /// <summary>Figure B-2, message by message: each signature uses a SAD, which is then exchanged for the next.</summary>
    [Fact]
    [Trait("Requirement", "APX-2")]
    public async Task Figure_B_2_a_used_SAD_is_exchanged_for_the_next()
    {
        (CscClient client, TestCredential credential) = await Sam.ShareAsync(KeyAlgorithm.P256);
        byte[][] digests = [.. Enumerable.Range(0, 3).Select(_ => NewDigest(32))];
        string sad = (await client.AuthorizeAsync(credential, digests)).Sad;
        for (int i = 0; i < digests.Length; i++)
        {
            byte[] signature = Assert.Single((await client.SignHashAsync(credential, sad, [digests[i]])).Signatures);
            Assert.True(credential.Verifies(digests[i], signature, SignatureAlgorithm.EcdsaSha256));
            string used = sad;
            await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => client.SignHashAsync(credential, used, [digests[i]]));
            if (i < digests.Length - 1)
            {
                CscReply extended = await ExtendAsync(client, credential, sad);
                Assert.InRange(extended.Success().GetProperty("expiresIn").GetInt32(), 1, 300);
                sad = extended.Sad;
                Assert.NotEqual(used, sad);
            }
        }

        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => ExtendAsync(client, credential, sad));
    }

    /// <summary>Both together; and, as the API's own example has it, the later hashes are named by the exchange.</summary>
    [Fact]
    [Trait("Requirement", "APX-3")]
    public async Task Both_methods_together_and_hashes_that_come_later()
    {
        (CscClient client, TestCredential credential) = await Sam.ShareAsync(KeyAlgorithm.P256);
        byte[][] digests = [.. Enumerable.Range(0, 4).Select(_ => NewDigest(32))];
        string sad = (await client.AuthorizeAsync(credential, [digests[0], digests[1]], numSignatures: 4)).Sad;
        Assert.Equal(2, (await client.SignHashAsync(credential, sad, [digests[1], digests[0]])).Signatures.Count);
        await ExpectBadAsync(SamErrorCode.TooManyHashes, NotAuthorized, () => ExtendAsync(client, credential, sad, [digests[0], digests[1], digests[2]]));
        sad = (await ExtendAsync(client, credential, sad, [digests[2], digests[3]])).Sad;
        await ExpectBadAsync(SamErrorCode.HashNotAuthorized, NotAuthorized, () => client.SignHashAsync(credential, sad, [digests[0]]));
        IReadOnlyList<byte[]> signatures = (await client.SignHashAsync(credential, sad, [digests[3], digests[2]])).Signatures;
        Assert.True(credential.Verifies(digests[3], signatures[0], SignatureAlgorithm.EcdsaSha256));
        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => ExtendAsync(client, credential, sad, [digests[0]]));
    }

    [Fact]
    public async Task What_extends_nothing_is_told()
    {
        (CscClient client, TestCredential credential) = await Sam.ShareAsync(KeyAlgorithm.P256);
        byte[] digest = NewDigest(32);
        string sad = (await client.AuthorizeAsync(credential, [digest])).Sad;
        await ExpectBadAsync(SamErrorCode.SadMalformed, InvalidSad, () => ExtendAsync(client, credential, "no SAD"));
        await ExpectBadAsync(SamErrorCode.HashesEmpty, "Empty hash array", () => ExtendAsync(client, credential, sad, []));
        await ExpectBadAsync(
            SamErrorCode.HashAlgorithmMissing,
            "Missing (or invalid type) string parameter hashAlgorithmOID",
            () => client.PostAsync("credentials/extendTransaction", new { credentialID = credential.Id, SAD = sad, hashes = new[] { Convert.ToBase64String(digest) } }));
        await ExpectBadAsync(
            SamErrorCode.StringParameterMissing, "Missing (or invalid type) string parameter SAD", () => client.PostAsync("credentials/extendTransaction", new { credentialID = credential.Id }));
        Assert.Single((await client.SignHashAsync(credential, sad, [digest])).Signatures);
    }

    private static Task<CscReply> ExtendAsync(CscClient client, TestCredential credential, string sad, IReadOnlyList<byte[]>? hashes = null) =>
        client.PostAsync("credentials/extendTransaction", new
        {
            credentialID = credential.Id,
            SAD = sad,
            hashes = hashes?.Select(Convert.ToBase64String),
            hashAlgorithmOID = hashes is null ? null : HashAlgorithm.Sha256.Oid,
        });
}
