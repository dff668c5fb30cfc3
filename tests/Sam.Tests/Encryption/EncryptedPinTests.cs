using System.Security.Cryptography;
using System.Text;
using Jose;
using Sam.Core.Activation;
using Sam.Core.Approvals;
using Sam.Core.Encryption;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;
using Base64Url = System.Buffers.Text.Base64Url;

namespace Sam.Tests.Encryption;

/// <summary>A PIN that the application carries and cannot read, nor use for anything but what its owner was shown.</summary>
[Trait("Requirement", "ACT-1")]
[Trait("Requirement", "T-USE-2")]
public sealed class EncryptedPinTests : EncryptionTestBase
{
    /// <summary>RFC 7518 appendix C.</summary>
    [Fact]
    public void The_vector_of_RFC_7518() => Assert.Equal(
        "VqqN6vgjbSBcIijNcacQGg",
        Base64Url.EncodeToString(ConcatKdf.Derive(
            [158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196],
            "A128GCM"u8, "Alice"u8, "Bob"u8, bits: 128)));

    [Fact]
    public async Task A_PIN_authorizes_what_it_was_entered_for_and_once()
    {
        AuthorizeRequest request = Request(Encrypt(await KeyAsync(), await ChallengeAsync(), [Documents[0], Documents[1]], Alice.Pin), Documents[1], Documents[0]);

        Result<IssuedSad>[] raced = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => AuthorizeAsync(request))));

        SecretText sad = Assert.Single(raced, r => r.Refusal is null).Value.Sad;
        Assert.All(raced.Where(r => r.Refusal is not null), r => Assert.Contains(r.Refusal!.Code, (SamErrorCode[])[SamErrorCode.ChallengeUsed, SamErrorCode.RowConflict]));
        Assert.Equal(2, (await Bed.SignAsync(Alice, sad, Documents[0], Documents[1])).Value.Count);
        Assert.Equal(SamErrorCode.ChallengeUsed, (await AuthorizeAsync(request)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ChallengeUsed, (await AuthorizeAsync(request, await Bed.OpenProcessAsync())).Refusal?.Code);
        Assert.Equal(0, await AttemptsAsync());
    }

    [Fact]
    public async Task A_PIN_alone_in_the_clear_is_refused_and_not_looked_at()
    {
        Assert.Equal(SamErrorCode.FactorsNotEncrypted, (await AuthorizeAsync(Bed.AuthorizationOf(Alice, Documents[0]))).Refusal?.Code);
        Assert.Equal(SamErrorCode.FactorsNotEncrypted, (await AuthorizeAsync(Bed.AuthorizationOf(Alice, Documents[0]) with { Pin = SamTestBed.NewPin() })).Refusal?.Code);
        Assert.Equal(0, await AttemptsAsync());
        Assert.Equal(new FactorForms(Bare: false, Encrypted: true), Bed.Sam.FactorKeys.FormsOf(Core.Factors.KeyAuthorization.Pin));
    }

    [Fact]
    public async Task A_wrong_PIN_is_counted_and_its_challenge_is_used_up()
    {
        string challenge = await ChallengeAsync();
        Assert.Equal(SamErrorCode.PinWrong, (await AuthorizeAsync(Request(Encrypt(await KeyAsync(), challenge, [Documents[0]], SamTestBed.NewPin()), Documents[0]))).Refusal?.Code);
        Assert.Equal(1, await AttemptsAsync());
        Assert.Equal(SamErrorCode.ChallengeUsed, (await AuthorizeAsync(Request(Encrypt(await KeyAsync(), challenge, [Documents[0]], Alice.Pin), Documents[0]))).Refusal?.Code);
        Assert.Equal(1, await AttemptsAsync());
    }

    [Fact]
    [Trait("Requirement", "SIG-1")]
    [Trait("Requirement", "T-USE-1")]
    public async Task What_is_moved_opens_nothing_and_the_PIN_is_not_looked_at()
    {
        Caller other = await Bed.AddClientAsync("other-sca");
        _ = (await Bed.Sam.Signers.SetClientsAsync(Alice.Id, LinkedClients.Of([Bed.Client, other.Client]), Actor.Sam, expected: null, CancellationToken.None)).Value;
        TestSigner second = await Bed.AddCredentialAsync("alice", Alice.Id, Alice.Pin, Core.Algorithms.KeyAlgorithm.P256);
        JsonWebKey key = await KeyAsync();
        string challenge = await ChallengeAsync();
        AuthorizeRequest good = Request(Encrypt(key, challenge, [Documents[0]], Alice.Pin), Documents[0]);
        string[] parts = good.Encrypted!.Reveal().Split('.');
        string newHeader = Base64Url.EncodeToString(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(Base64Url.DecodeFromChars(parts[0])).Replace(challenge, await ChallengeAsync(), StringComparison.Ordinal)));
        (SamErrorCode Cause, AuthorizeRequest Request)[] moved =
        [
            (SamErrorCode.EncryptedFactorsInvalid, good with { Digests = [Documents[1]] }),
            (SamErrorCode.EncryptedFactorsInvalid, good with { Digests = [Documents[0], Documents[1]], NumSignatures = 2 }),
            (SamErrorCode.EncryptedFactorsInvalid, good with { Digests = [Documents[0], Documents[0]], NumSignatures = 2 }),
            (SamErrorCode.EncryptedFactorsInvalid, good with { NumSignatures = 2 }),
            (SamErrorCode.EncryptedFactorsInvalid, good with { Label = "another" }),
            (SamErrorCode.EncryptedFactorsInvalid, good with { Label = null }),
            (SamErrorCode.ParameterInvalid, good with { Label = "two\ncontracts" }),
            (SamErrorCode.ChallengeInvalid, good with { Caller = other }),
            (SamErrorCode.ChallengeInvalid, good with { Credential = second.Credential }),

            // Another challenge of this very client: the header is authenticated with what is encrypted.
            (SamErrorCode.EncryptedFactorsInvalid, good with { Encrypted = new SecretText(string.Join('.', [newHeader, .. parts[1..]])) }),
            (SamErrorCode.AuthDataInvalid, good with { Pin = Alice.Pin }),
            (SamErrorCode.AuthDataInvalid, good with { OneTimePassword = new SecretText("123456") }),
            (SamErrorCode.AuthDataInvalid, good with { DeviceAnswer = new SecretText("x") }),
            (SamErrorCode.AuthDataInvalid, good with { Encrypted = null }),
        ];
        foreach ((SamErrorCode cause, AuthorizeRequest wrong) in moved)
        {
            Assert.Equal(cause, (await AuthorizeAsync(wrong)).Refusal?.Code);
        }

        Assert.Equal(0, await AttemptsAsync());
        Assert.Null((await AuthorizeAsync(good)).Refusal);
        AuthorizeRequest late = Request(Encrypt(key, await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]);
        Bed.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(SamErrorCode.ChallengeExpired, (await AuthorizeAsync(late)).Refusal?.Code);
    }

    /// <summary>More signatures than hashes, at level 1: the page shows how many.</summary>
    [Fact]
    public async Task The_count_is_bound_where_hashes_come_later()
    {
        AuthorizeRequest request = Request(Encrypt(await KeyAsync(), await ChallengeAsync(), [Documents[0]], Alice.Pin, numSignatures: 3), Documents[0]);
        Assert.Equal(SamErrorCode.EncryptedFactorsInvalid, (await AuthorizeAsync(request)).Refusal?.Code);
        Assert.Null((await AuthorizeAsync(request with { NumSignatures = 3 })).Refusal);
    }

    [Fact]
    [Trait("Requirement", "SIG-1")]
    public async Task No_single_bit_may_differ()
    {
        AuthorizeRequest good = Request(Encrypt(await KeyAsync(), await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]);
        string jwe = good.Encrypted!.Reveal();
        int tried = 0;
        for (int i = 0; i < jwe.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                char[] flipped = jwe.ToCharArray();
                flipped[i] ^= (char)(1 << bit);
                Result<IssuedSad> judged = await AuthorizeAsync(good with { Encrypted = new SecretText(new string(flipped)) });
                Assert.True(judged.Refusal?.Code is SamErrorCode.EncryptedFactorsInvalid or SamErrorCode.ChallengeInvalid, $"Bit {bit} of character {i}: {judged.Refusal?.Code}");
                tried++;
            }
        }

        Assert.Equal(8 * jwe.Length, tried);
        Assert.Equal(0, await AttemptsAsync());
        Assert.Null((await AuthorizeAsync(good)).Refusal);
    }

    [Fact]
    public async Task Other_kinds_of_JWE_are_none_and_what_has_no_challenge_costs_no_HSM()
    {
        JsonWebKey key = await KeyAsync();
        string challenge = await ChallengeAsync();
        using ECDiffieHellman sam = ECDiffieHellman.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars(key.X), Y = Base64Url.DecodeFromChars(key.Y) } });
        Dictionary<string, object> header = new() { ["kid"] = key.Kid, ["challenge"] = challenge };
        string[] strange =
        [
            JWT.Encode("{}", sam, JweAlgorithm.ECDH_ES_A256KW, JweEncryption.A256GCM, extraHeaders: header),
            JWT.Encode("{}", sam, JweAlgorithm.ECDH_ES, JweEncryption.A128GCM, extraHeaders: header),
            JWT.Encode("{}", sam, JweAlgorithm.ECDH_ES, JweEncryption.A256CBC_HS512, extraHeaders: header),
            JWT.Encode("{}", sam, JweAlgorithm.ECDH_ES, JweEncryption.A256GCM, JweCompression.DEF, header),
            JWT.Encode("{}", new byte[32], JweAlgorithm.DIR, JweEncryption.A256GCM, extraHeaders: header),
            JWT.Encode("{}", sam, JweAlgorithm.ECDH_ES, JweEncryption.A256GCM, extraHeaders: new Dictionary<string, object>(header) { ["crit"] = new[] { "exp" } }),
            JWT.Encode("{}", sam, JweAlgorithm.ECDH_ES, JweEncryption.A256GCM, extraHeaders: new Dictionary<string, object>(header) { ["kid"] = "another" }),
            JWT.Encode("{}", sam, JweAlgorithm.ECDH_ES, JweEncryption.A256GCM, extraHeaders: new Dictionary<string, object>(header) { ["challenge"] = "none" }),
            JWT.Encode("{}", sam, JweAlgorithm.ECDH_ES, JweEncryption.A256GCM, extraHeaders: new Dictionary<string, object> { ["kid"] = key.Kid }),
            "....", "a.b.c.d.e", "PIN", new string('a', 8_193),
        ];
        foreach (string jwe in strange)
        {
            Assert.True((await AuthorizeAsync(Request(jwe, Documents[0]))).Refusal?.Code is SamErrorCode.EncryptedFactorsInvalid or SamErrorCode.ChallengeInvalid, jwe);
        }

        Assert.Equal(0, Bed.Hsm.Agreements);

        // Well made, and something else inside.
        foreach (string inside in (string[])["{}", "[]", """{"statement":null,"PIN":"x"}""", """{"statement":"x","PIN":"x","more":1}""", """{"statement":"x","PIN":"x","PIN":"y"}""", "no JSON"])
        {
            Assert.Equal(
                SamErrorCode.EncryptedFactorsInvalid,
                (await AuthorizeAsync(Request(JWT.Encode(inside, sam, JweAlgorithm.ECDH_ES, JweEncryption.A256GCM, extraHeaders: header), Documents[0]))).Refusal?.Code);
        }

        Assert.Equal(0, await AttemptsAsync());
    }

    [Fact]
    public async Task An_HSM_that_is_away_costs_neither_attempt_nor_challenge()
    {
        AuthorizeRequest request = Request(Encrypt(await KeyAsync(), await ChallengeAsync(), [Documents[0]], Alice.Pin), Documents[0]);
        Bed.Hsm.BeforeAgree = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "away");
        _ = await Assert.ThrowsAsync<KeyBackendException>(() => AuthorizeAsync(request));
        Bed.Hsm.BeforeAgree = null;
        Assert.Null((await AuthorizeAsync(request)).Refusal);
    }

    [Fact]
    public async Task Nobody_asks_for_a_challenge_that_no_page_would_answer()
    {
        TestSigner login = await Bed.AddCredentialAsync("alice", Alice.Id, Alice.Pin, new Core.Credentials.CredentialRequest(Core.Algorithms.KeyAlgorithm.P256, Authorization: Core.Factors.KeyAuthorization.Login));
        Assert.Equal(
            SamErrorCode.ParameterInvalid,
            (await Bed.Sam.ChallengeAsync(Bed.Caller, login.Credential, ChallengeUse.EncryptedFactors, CancellationToken.None)).Refusal?.Code);
    }
}
