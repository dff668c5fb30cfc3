using Sam.Core.Results;
using Xunit;

namespace Sam.Testing.Csc;

/// <summary>The header Idempotency-Key of signatures/signHash, which is not of the CSC API.</summary>
public abstract partial class CscSuite
{
    [Fact]
    public async Task With_an_idempotency_key_the_same_request_gets_the_same_signatures()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        byte[][] digests = [NewDigest(32), NewDigest(32)];
        string sad = await client.GetSadAsync(credential, digests);
        IReadOnlyList<byte[]> first = (await client.SignHashAsync(credential, sad, digests, idempotencyKey: "\"8e03978e\"")).Signatures;
        Assert.Equal(first, (await client.SignHashAsync(credential, sad, digests, idempotencyKey: "\"8e03978e\"")).Signatures);

        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => client.SignHashAsync(credential, sad, digests));
        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => client.SignHashAsync(credential, sad, digests, idempotencyKey: "another"));
        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => client.SignHashAsync(credential, sad, [digests[1], digests[0]], idempotencyKey: "\"8e03978e\""));
    }

    [Fact]
    public async Task An_idempotency_key_that_is_none_is_refused_and_spends_nothing()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        byte[] digest = NewDigest(32);
        string sad = await client.GetSadAsync(credential, digest);
        await ExpectBadAsync(
            SamErrorCode.ParameterInvalid,
            "Invalid parameter Idempotency-Key",
            () => client.SignHashAsync(credential, sad, [digest], idempotencyKey: new string('k', 256)));
        Assert.Single((await client.SignHashAsync(credential, sad, [digest])).Signatures);
    }
}
