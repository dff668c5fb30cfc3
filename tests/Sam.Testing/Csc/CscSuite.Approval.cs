using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Results;
using Xunit;

namespace Sam.Testing.Csc;

public abstract partial class CscSuite
{
    private const string Contracts = "two contracts";

    /// <summary>Method 1 at level 2: nothing of the signer's passes through the application, and what they were shown is what is signed.</summary>
    [Fact]
    [Trait("Requirement", "ACT-2")]
    [Trait("Requirement", "APX-1")]
    public async Task What_the_signer_approves_on_their_device_is_signed_and_nothing_else()
    {
        (CscClient client, TestCredential credential, TestPhone phone) = await MakeLevel2Async();
        using TestPhone own = phone;
        byte[][] digests = [NewDigest(), NewDigest()];
        string handle = await AskAsync(client, credential, digests);
        Assert.Equal(202, (await CheckAsync(client, handle)).Status);

        PendingApproval shown = Assert.Single(await phone.ListAsync());
        Assert.Equal((credential.Id, Contracts, 2, true), (shown.Credential.Value, shown.Label, shown.Digests.Count, shown.NeedsPin));
        Assert.Equal((204, null), await phone.DecideAsync(shown, credential.Signer.Pin));
        Assert.Equal("ApprovalClosed", (await phone.DecideAsync(shown, credential.Signer.Pin)).Code);
        Assert.Empty(await phone.ListAsync());

        await ExpectBadAsync(SamErrorCode.HandleInvalid, "Invalid parameter handle", async () => await CheckAsync(await Sam.ConnectAsync(), handle));
        string sad = (await CheckAsync(client, handle)).Sad;
        await ExpectBadAsync(SamErrorCode.HashNotAuthorized, NotAuthorized, () => client.SignHashAsync(credential, sad, [NewDigest()]));
        IReadOnlyList<byte[]> signatures = (await client.SignHashAsync(credential, sad, digests)).Signatures;
        Assert.All(digests.Zip(signatures), pair => Assert.True(credential.Verifies(pair.First, pair.Second)));
        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => client.SignHashAsync(credential, sad, digests));
    }

    /// <summary>Methods 2 and both at level 2: later SADs are for what was shown, and an extend to anything else is refused.</summary>
    [Fact]
    [Trait("Requirement", "APX-2")]
    [Trait("Requirement", "APX-3")]
    [Trait("Requirement", "T-USE-1")]
    public async Task An_approval_of_three_is_signed_by_several_SADs_and_extended_to_nothing_else()
    {
        (CscClient client, TestCredential credential, TestPhone phone) = await MakeLevel2Async();
        using TestPhone own = phone;
        byte[][] digests = [NewDigest(), NewDigest(), NewDigest()];
        string handle = await AskAsync(client, credential, digests);
        Assert.Equal((204, null), await phone.DecideAsync(Assert.Single(await phone.ListAsync()), credential.Signer.Pin));
        string first = (await CheckAsync(client, handle)).Sad;
        Assert.True(credential.Verifies(digests[0], Assert.Single((await client.SignHashAsync(credential, first, [digests[0]])).Signatures)));

        await ExpectBadAsync(SamErrorCode.HashNotAuthorized, NotAuthorized, () => ExtendAsync(client, credential, first, [NewDigest()]));
        await ExpectBadAsync(SamErrorCode.HashNotAuthorized, NotAuthorized, () => ExtendAsync(client, credential, first, [digests[0]]));
        CscReply extended = await ExtendAsync(client, credential, first);
        Assert.Equal(digests[1..], extended.Success().GetProperty("hashes").EnumerateArray().Select(hash => hash.GetBytesFromBase64()));
        Assert.Equal(2, (await client.SignHashAsync(credential, extended.Sad, digests[1..])).Signatures.Count);
    }

    [Fact]
    [Trait("Requirement", "ACT-2")]
    public async Task What_the_signer_refuses_or_another_device_signs_is_not_signed()
    {
        (CscClient client, TestCredential credential, TestPhone phone) = await MakeLevel2Async();
        using TestPhone own = phone;
        TestSigner mallory = await Sam.MakeSignerAsync();
        using TestPhone theirs = await Sam.MakePhoneAsync(mallory);
        string handle = await AskAsync(client, credential, [NewDigest()]);
        PendingApproval shown = Assert.Single(await phone.ListAsync());
        Assert.Empty(await theirs.ListAsync());
        Assert.NotNull((await theirs.DecideAsync(shown, mallory.Pin)).Code);
        Assert.Equal("DeviceSignatureInvalid", (await phone.DecideAsync(shown, credential.Signer.Pin, instead: shown with { Digests = [TestPhone.Sha256(NewDigest())] })).Code);
        Assert.Equal("DeviceSignatureInvalid", (await phone.DecideAsync(shown, credential.Signer.Pin, instead: shown with { Label = "another" })).Code);
        Assert.Equal("PinWrong", (await phone.DecideAsync(shown, "00000000")).Code);
        Assert.Equal(202, (await CheckAsync(client, handle)).Status);

        Assert.Equal((204, null), await phone.DecideAsync(shown, pin: null, approves: false));
        (await ExpectAsync(SamErrorCode.ApprovalRefused, () => CheckAsync(client, handle))).IsRefused(400, "access_denied", "The user, authorization server or remote service denied the request.");
        Assert.Equal("ApprovalClosed", (await phone.DecideAsync(shown, credential.Signer.Pin)).Code);
    }

    /// <summary>Of two devices either decides, once; a new one ends what was asked for before.</summary>
    [Fact]
    public async Task A_second_device_is_shown_the_same_and_one_decision_counts()
    {
        (CscClient client, TestCredential credential, TestPhone phone) = await MakeLevel2Async();
        using TestPhone own = phone;
        string before = await AskAsync(client, credential, [NewDigest()]);
        using TestPhone tablet = await Sam.MakePhoneAsync(credential.Signer);
        Assert.Empty(await tablet.ListAsync());
        Assert.NotEqual(200, (await CheckAsync(client, before)).Status);

        byte[] digest = NewDigest();
        string handle = await AskAsync(client, credential, [digest]);
        PendingApproval shown = (await phone.ListAsync())[^1];
        Assert.Contains(await tablet.ListAsync(), a => a.Id == shown.Id);
        (int Status, string? Code)[] decided = await Task.WhenAll(phone.DecideAsync(shown, credential.Signer.Pin), tablet.DecideAsync(shown, pin: null, approves: false));
        Assert.Equal(1, decided.Count(d => d.Status == 204));
        CscReply reply = await CheckAsync(client, handle);
        Assert.Equal(decided[0].Status == 204 ? 200 : 400, reply.Status);
    }

    [Fact]
    [Trait("Requirement", "SIG-1")]
    public async Task An_answer_that_the_application_carried_is_for_this_request_and_once()
    {
        (CscClient client, TestCredential credential, TestPhone phone) = await MakeLevel2Async();
        using TestPhone own = phone;
        byte[][] digests = [NewDigest(), NewDigest()];
        string challenge = (await client.PostAsync("credentials/getChallenge", new { credentialID = credential.Id, authObjectID = "DEVICE-ANSWER" })).Success().GetProperty("challenge").GetString()!;
        string answer = phone.Answer(challenge, digests, Contracts);
        await ExpectAsync(SamErrorCode.DeviceSignatureInvalid, () => AnswerAsync(client, credential, answer, [digests[0]]));
        await ExpectAsync(SamErrorCode.DeviceSignatureInvalid, () => AnswerAsync(client, credential, answer, digests, "another"));
        await ExpectAsync(SamErrorCode.ChallengeInvalid, async () => await AnswerAsync(await Sam.ConnectAsync(), credential, answer, digests));
        string sad = (await AnswerAsync(client, credential, answer, digests)).Sad;
        Assert.Equal(2, (await client.SignHashAsync(credential, sad, digests)).Signatures.Count);
        await ExpectAsync(SamErrorCode.ChallengeUsed, () => AnswerAsync(client, credential, answer, digests));
    }

    [Fact]
    [Trait("Requirement", "ACT-2")]
    [Trait("Requirement", "T-USE-2")]
    public async Task A_PIN_or_a_signers_own_token_is_not_enough_at_level_2()
    {
        (CscClient client, TestCredential credential, TestPhone phone) = await MakeLevel2Async();
        using TestPhone own = phone;
        await ExpectAsync(SamErrorCode.AuthDataInvalid, () => client.AuthorizeAsync(credential, [NewDigest()]));
        CscClient self = await Sam.ConnectAsync(user: credential.Signer.UserId);
        await ExpectAsync(SamErrorCode.AuthDataInvalid, () => self.PostAsync("credentials/authorize", Asked(credential, [NewDigest()], Contracts, [])));
    }

    private async Task<(CscClient Client, TestCredential Credential, TestPhone Phone)> MakeLevel2Async()
    {
        CscClient client = await Sam.ConnectAsync();
        TestSigner signer = await Sam.MakeSignerAsync();
        TestPhone phone = await Sam.MakePhoneAsync(signer);
        return (client, await Sam.MakeCredentialAsync(signer, KeyAlgorithm.P256, level: 2), phone);
    }

    private static async Task<string> AskAsync(CscClient client, TestCredential credential, IReadOnlyList<byte[]> digests)
    {
        CscReply asked = await client.PostAsync("credentials/authorize", Asked(credential, digests, Contracts, [new { id = "DEVICE" }]));
        Assert.Equal(202, asked.Status);
        return SecretLedger.Note("handle", asked.Json.GetProperty("handle").GetString()!);
    }

    private static Task<CscReply> CheckAsync(CscClient client, string handle) => client.PostAsync("credentials/authorizeCheck", new { handle });

    private static Task<CscReply> AnswerAsync(CscClient client, TestCredential credential, string answer, IReadOnlyList<byte[]> digests, string label = Contracts) =>
        client.PostAsync("credentials/authorize", Asked(credential, digests, label, [new { id = "DEVICE-ANSWER", value = answer }, new { id = "PIN", value = credential.Signer.Pin }]));

    private static object Asked(TestCredential credential, IReadOnlyList<byte[]> digests, string label, object[] factors) => new
    {
        credentialID = credential.Id,
        numSignatures = digests.Count,
        hashes = digests.Select(Convert.ToBase64String),
        hashAlgorithmOID = HashAlgorithm.Sha256.Oid,
        description = label,
        authData = factors,
    };
}
