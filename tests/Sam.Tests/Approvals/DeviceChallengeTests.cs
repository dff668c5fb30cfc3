using System.Text;
using Sam.Core.Activation;
using Sam.Core.Approvals;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Approvals;

/// <summary>The same device, whose answer an application carries: it binds the hashes all the same.</summary>
[Trait("Requirement", "SIG-2d")]
[Trait("Requirement", "ACT-2")]
public sealed class DeviceChallengeTests : ApprovalTestBase
{
    [Fact]
    public async Task An_answer_authorizes_what_it_was_made_for_and_once()
    {
        SecretText answer = Phone.Answer(await ChallengeAsync(), [Documents[0], Documents[1]], "two contracts");
        AuthorizeRequest request = Request(Documents[1], Documents[0]) with { DeviceAnswer = answer, Pin = Alice.Pin };
        Result<IssuedSad>[] raced = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Bed.Sam.AuthorizeAsync(request, CancellationToken.None))));
        SecretText sad = Assert.Single(raced, r => r.Refusal is null).Value.Sad;
        Assert.Equal(2, (await Bed.SignAsync(Alice, sad, Documents[0], Documents[1])).Value.Count);
        Assert.Equal(SamErrorCode.ChallengeUsed, (await Bed.Sam.AuthorizeAsync(request, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(1, Bed.Hsm.SignCalls);
    }

    [Fact]
    [Trait("Requirement", "SIG-1")]
    [Trait("Requirement", "T-USE-1")]
    public async Task An_answer_that_is_moved_is_none_and_the_PIN_is_not_looked_at()
    {
        TestSigner mallory = await Bed.AddSignerAsync("mallory");
        using TestDevice theirs = await TestDevice.EnrolAsync(Bed, mallory);
        Caller other = await Bed.AddClientAsync("other-sca");
        _ = (await Bed.Sam.Signers.SetClientsAsync(Alice.Id, Core.Signers.LinkedClients.Of([Bed.Client, other.Client]), Actor.Sam, expected: null, CancellationToken.None)).Value;
        string challenge = await ChallengeAsync();
        SecretText answer = Phone.Answer(challenge, [Documents[0]], "two contracts");
        AuthorizeRequest good = Request(Documents[0]) with { DeviceAnswer = answer, Pin = SamTestBed.NewPin() };
        (SamErrorCode Cause, AuthorizeRequest Request)[] moved =
        [
            (SamErrorCode.DeviceSignatureInvalid, good with { Digests = [Documents[1]] }),
            (SamErrorCode.DeviceSignatureInvalid, good with { Digests = [Documents[0], Documents[1]], NumSignatures = 2 }),
            (SamErrorCode.DeviceSignatureInvalid, good with { Digests = [Documents[0], Documents[0]], NumSignatures = 2 }),
            (SamErrorCode.DeviceSignatureInvalid, good with { Label = "another" }),
            (SamErrorCode.ChallengeInvalid, good with { Caller = other }),
            (SamErrorCode.HashCountMismatch, good with { NumSignatures = 2 }),
            (SamErrorCode.DeviceSignatureInvalid, good with { DeviceAnswer = theirs.Posing(Phone.Id).Answer(challenge, [Documents[0]], "two contracts") }),
            (SamErrorCode.ChallengeInvalid, good with { DeviceAnswer = new SecretText("no answer") }),
            (SamErrorCode.AuthDataInvalid, good with { DeviceAnswer = null }),
        ];
        foreach ((SamErrorCode cause, AuthorizeRequest wrong) in moved)
        {
            Assert.Equal(cause, (await Bed.Sam.AuthorizeAsync(wrong, CancellationToken.None)).Refusal?.Code);
        }

        Assert.Equal(0, (await Bed.CountersAsync(Alice)).PinAttempts);
        Bed.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(SamErrorCode.ChallengeExpired, (await Bed.Sam.AuthorizeAsync(good, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task Every_flipped_bit_of_an_answer_is_refused()
    {
        SecretText answer = Phone.Answer(await ChallengeAsync(), [Documents[0]], "two contracts");
        AuthorizeRequest good = Request(Documents[0]) with { DeviceAnswer = answer, Pin = Alice.Pin };
        byte[] text = Encoding.ASCII.GetBytes(answer.Reveal());
        for (int bit = 0; bit < text.Length * 8; bit++)
        {
            byte[] flipped = [.. text];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            AuthorizeRequest wrong = good with { DeviceAnswer = new SecretText(Encoding.Latin1.GetString(flipped)) };
            Assert.True((await Bed.Sam.AuthorizeAsync(wrong, CancellationToken.None)).Refusal is not null, $"bit {bit}");
        }

        Assert.Null((await Bed.Sam.AuthorizeAsync(good, CancellationToken.None)).Refusal);
    }

    [Fact]
    public async Task A_challenge_is_given_to_who_may_use_the_credential()
    {
        Caller other = await Bed.AddClientAsync("other-sca");
        Assert.Equal(SamErrorCode.ClientNotLinked, (await Bed.Sam.ChallengeAsync(other, Alice.Credential, ChallengeUse.Device, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.CredentialUnknown, (await Bed.Sam.ChallengeAsync(Bed.Caller, CredentialId.New(Alice.Id), ChallengeUse.Device, CancellationToken.None)).Refusal?.Code);
        DeviceChallenge read = DeviceChallenge.TryRead(await ChallengeAsync())!;
        Assert.Equal((Bed.Client.Value, Alice.Credential.Value), (read.Client, read.Credential));
    }

    private async Task<string> ChallengeAsync() => (await Bed.Sam.ChallengeAsync(Bed.Caller, Alice.Credential, ChallengeUse.Device, CancellationToken.None)).Value;
}
