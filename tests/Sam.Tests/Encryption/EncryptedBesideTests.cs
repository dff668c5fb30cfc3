using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Sam.Tests.Factors;
using Xunit;

namespace Sam.Tests.Encryption;

/// <summary>Encrypted factors beside others, where everything must be encrypted.</summary>
[Trait("Requirement", "ACT-2")]
public sealed class EncryptedBesideTests : EncryptionTestBase
{
    private protected override EncryptionPolicy Policy => new() { Demand = EncryptionDemand.Always };

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    public async Task A_device_answers_and_the_PIN_comes_encrypted_for_one_challenge()
    {
        using TestDevice phone = await TestDevice.EnrolAsync(Bed, Alice);
        TestSigner second = await Bed.AddCredentialAsync("alice", Alice.Id, Alice.Pin, new CredentialRequest(KeyAlgorithm.P256, Level: 2));
        JsonWebKey key = await KeyAsync();
        string challenge = await ChallengeAsync(second.Credential);
        AuthorizeRequest good = Request(Encrypt(key, challenge, [Documents[0]], Alice.Pin), Documents[0]) with { Credential = second.Credential, DeviceAnswer = phone.Answer(challenge, [Documents[0]], Label) };

        Assert.Equal(SamErrorCode.AuthDataInvalid, (await AuthorizeAsync(good with { DeviceAnswer = null })).Refusal?.Code);
        Assert.Equal(SamErrorCode.FactorsNotEncrypted, (await AuthorizeAsync(good with { Encrypted = null, Pin = Alice.Pin })).Refusal?.Code);
        Assert.Equal(
            SamErrorCode.ChallengeInvalid,
            (await AuthorizeAsync(good with { Encrypted = new SecretText(Encrypt(key, await ChallengeAsync(second.Credential), [Documents[0]], Alice.Pin)) })).Refusal?.Code);

        // The device comes first: what is encrypted is not even opened where it has signed something else.
        int agreed = Bed.Hsm.Agreements;
        Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await AuthorizeAsync(good with { Digests = [Documents[1]] })).Refusal?.Code);
        Assert.Equal(agreed, Bed.Hsm.Agreements);
        Assert.Equal(0, await AttemptsAsync());

        Assert.Null((await AuthorizeAsync(good)).Refusal);
        Assert.Equal(SamErrorCode.ChallengeUsed, (await AuthorizeAsync(good)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "APX-4")]
    public async Task PIN_and_one_time_password_come_together()
    {
        SecretText code = (await Bed.Sam.Enrolment.IssueCodeAsync(Alice.Id, Actor.Sam, CancellationToken.None)).Value.Code;
        Enrolled enrolled = (await Bed.Sam.Enrolment.EnrolAsync(SamTestBed.Login("alice"), code, new NewFactors(Pin: null, Device: null, Totp: true), CancellationToken.None)).Value;
        byte[] secret = OtpUri.SecretOf(enrolled.TotpUri!.Reveal());
        TestSigner both = await Bed.AddCredentialAsync("alice", Alice.Id, Alice.Pin, new CredentialRequest(KeyAlgorithm.P256, Level: 2, Authorization: KeyAuthorization.PinAndTotp));
        string password = Totp.Compute(secret, Totp.StepOf(Now));
        JsonWebKey key = await KeyAsync();

        AuthorizeRequest bare = new(Bed.Caller, both.Credential, 1, [Documents[0]], Alice.Pin, OneTimePassword: new SecretText(password));
        Assert.Equal(SamErrorCode.FactorsNotEncrypted, (await AuthorizeAsync(bare)).Refusal?.Code);
        foreach ((SecretText? pin, string? otp) in new[] { (Alice.Pin, null), ((SecretText?)null, password) })
        {
            AuthorizeRequest half = Request(Encrypt(key, await ChallengeAsync(both.Credential), [Documents[0]], pin, password: otp), Documents[0]) with { Credential = both.Credential };
            Assert.Equal(SamErrorCode.AuthDataInvalid, (await AuthorizeAsync(half)).Refusal?.Code);
        }

        Assert.Equal(0, await AttemptsAsync());
        AuthorizeRequest whole = Request(Encrypt(key, await ChallengeAsync(both.Credential), [Documents[0]], Alice.Pin, password: password), Documents[0]) with { Credential = both.Credential };
        Assert.Null((await AuthorizeAsync(whole)).Refusal);

        // The step is used, whatever challenge it comes with.
        AuthorizeRequest again = Request(Encrypt(key, await ChallengeAsync(both.Credential), [Documents[0]], Alice.Pin, password: password), Documents[0]) with { Credential = both.Credential };
        Assert.Equal(SamErrorCode.PinWrong, (await AuthorizeAsync(again)).Refusal?.Code);
    }

    [Fact]
    public void What_is_demanded_says_what_is_taken_bare()
    {
        KeyAuthorization[] all = [KeyAuthorization.Login, KeyAuthorization.Pin, KeyAuthorization.PinAndTotp, KeyAuthorization.Device, KeyAuthorization.DeviceAndPin];
        Assert.Equal([true, true, true, true, true], all.Select(new EncryptionPolicy { Demand = EncryptionDemand.None }.AllowsBare));
        Assert.Equal([true, false, true, true, true], all.Select(new EncryptionPolicy { Demand = EncryptionDemand.PinAlone }.AllowsBare));
        Assert.Equal([true, false, false, true, false], all.Select(new EncryptionPolicy { Demand = EncryptionDemand.Always }.AllowsBare));
        Assert.Equal(EncryptionDemand.PinAlone, new EncryptionPolicy().Demand);
    }
}
