using System.Text.Json;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Xunit;

namespace Sam.Testing.Csc;

public abstract partial class CscSuite
{
    [Fact]
    [Trait("Requirement", "ACT-1")]
    public async Task A_PIN_that_a_page_encrypted_authorizes_what_it_was_entered_for_and_once()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync(multisign: 2);
        byte[][] digests = [NewDigest(), NewDigest()];
        string challenge = (await client.PostAsync("credentials/getChallenge", new { credentialID = credential.Id, authObjectID = "FACTORS-JWE" })).Success().GetProperty("challenge").GetString()!;
        string jwe = TestPage.Encrypt(await FactorKeysAsync(client), challenge, digests, credential.Signer.Pin);

        await ExpectAsync(SamErrorCode.EncryptedFactorsInvalid, () => SendAsync(client, credential, jwe, digests[0]));
        await ExpectAsync(SamErrorCode.EncryptedFactorsInvalid, () => SendAsync(client, credential, jwe[..^1], digests));
        await ExpectAsync(SamErrorCode.ChallengeInvalid, async () => await SendAsync(await Sam.ConnectAsync(), credential, jwe, digests));
        (await ExpectAsync(SamErrorCode.AuthDataInvalid, () => SendAsync(client, credential, new string('x', 8_193), digests)))
            .IsRefused(400, "invalid_authentication_data", "The authentication data is invalid");

        string sad = (await SendAsync(client, credential, jwe, digests)).Sad;
        IReadOnlyList<byte[]> signatures = (await client.SignHashAsync(credential, sad, digests)).Signatures;
        Assert.True(credential.Verifies(digests[0], signatures[0]));
        await ExpectAsync(SamErrorCode.ChallengeUsed, () => SendAsync(client, credential, jwe, digests));
    }

    [Fact]
    public async Task GetChallenge_names_no_factor_that_nobody_answers()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        foreach (string factor in new[] { "PIN", "DEVICE", "DEVICE-ANSWER", "" })
        {
            await ExpectBadAsync(SamErrorCode.ParameterInvalid, "Invalid parameter authObjectID", () =>
                client.PostAsync("credentials/getChallenge", new { credentialID = credential.Id, authObjectID = factor }));
        }
    }

    /// <summary>A serverless host opens its module with the first call that needs it, and names the keys from then on.</summary>
    private static async Task<string> FactorKeysAsync(CscClient client)
    {
        JsonElement info = (await client.PostAsync("info", new { })).Success();
        return info.GetProperty("factorKeys").GetString()!;
    }

    private static Task<CscReply> SendAsync(CscClient client, TestCredential credential, string jwe, params byte[][] digests) => client.PostAsync("credentials/authorize", new
    {
        credentialID = credential.Id,
        numSignatures = digests.Length,
        hashes = digests.Select(Convert.ToBase64String),
        hashAlgorithmOID = HashAlgorithm.Sha256.Oid,
        authData = new[] { new { id = "FACTORS-JWE", value = jwe } },
    });
}
