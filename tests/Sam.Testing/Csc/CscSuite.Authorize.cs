using System.Globalization;
using System.Text.Json;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Xunit;

namespace Sam.Testing.Csc;

public abstract partial class CscSuite
{
    [Fact]
    [Trait("Requirement", "SIG-2a")]
    public async Task Authorize_gives_a_sad_and_its_life_in_seconds()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        CscReply reply = await client.AuthorizeAsync(credential, [NewDigest()]);
        Assert.NotEmpty(reply.Sad);
        Assert.InRange(reply.Success().GetProperty("expiresIn").GetInt32(), 1, 300);
        Assert.Equal("no-store", reply.Headers.CacheControl?.ToString());
    }

    [Theory]
    [InlineData("credentialID", "Missing (or invalid type) string parameter credentialID")]
    [InlineData("numSignatures", "Missing (or invalid type) integer parameter numSignatures")]
    [InlineData("hashes", "Missing (or invalid type) array parameter hash")]
    [InlineData("hashAlgorithmOID", "Missing (or invalid type) string parameter hashAlgorithmOID")]
    public async Task Authorize_refuses_a_parameter_that_is_absent_null_or_of_another_type(string name, string description)
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        foreach (object? value in new object?[] { null, true, new { a = 1 }, name == "numSignatures" ? "1" : 1.5 })
        {
            Dictionary<string, object?> body = AuthorizeBody(credential);
            body[name] = value;
            CscReply reply = await client.PostAsync("credentials/authorize", body);
            reply.IsRefused(400, "invalid_request", description);
        }

        Dictionary<string, object?> without = AuthorizeBody(credential);
        _ = without.Remove(name);
        (await client.PostAsync("credentials/authorize", without)).IsRefused(400, "invalid_request", description);
    }

    [Fact]
    public async Task Authorize_refuses_a_number_of_signatures_unlike_the_hashes_or_out_of_bounds()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync(multisign: 3);
        byte[] digest = NewDigest();
        await ExpectBadAsync(SamErrorCode.NumSignaturesInvalid, "Invalid value for parameter numSignatures", () => client.AuthorizeAsync(credential, [digest], numSignatures: 0));
        await ExpectBadAsync(SamErrorCode.NumSignaturesInvalid, "Invalid value for parameter numSignatures", () => client.AuthorizeAsync(credential, [digest], numSignatures: int.MinValue));
        await ExpectBadAsync(SamErrorCode.HashCountMismatch, "Invalid value for parameter numSignatures", () => client.AuthorizeAsync(credential, [digest, digest], numSignatures: 1));
        await ExpectBadAsync(SamErrorCode.NumSignaturesTooHigh, "Numbers of signatures is too high", () => client.AuthorizeAsync(credential, [digest, digest, digest, digest]));
        _ = (await client.AuthorizeAsync(credential, [digest, digest, digest])).Sad;
    }

    [Fact]
    public async Task Authorize_refuses_hashes_that_are_none()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        await ExpectBadAsync(SamErrorCode.HashesEmpty, "Empty hash array", () => client.AuthorizeAsync(credential, []));
        await ExpectBadAsync(SamErrorCode.DigestLengthInvalid, "Invalid digest value length", () => client.AuthorizeAsync(credential, [NewDigest(7)]));
        await ExpectBadAsync(SamErrorCode.DigestLengthInvalid, "Invalid digest value length", () => client.AuthorizeAsync(credential, [NewDigest(48)]));
        await ExpectBadAsync(SamErrorCode.HashAlgorithmInvalid, "Invalid parameter hashAlgorithmOID", () => client.AuthorizeAsync(credential, [NewDigest(20)], hashAlgorithm: "1.3.14.3.2.26"));
        string right = Convert.ToBase64String(NewDigest());
        foreach (string wrong in new[] { "", "a", right[..^1], right + "\n", right.Replace("=", "", StringComparison.Ordinal), " " + right, right[..^2] + NextUnused(right[^2]) + "=", "-_" + right[2..] })
        {
            Dictionary<string, object?> body = AuthorizeBody(credential);
            body["hashes"] = new[] { wrong };
            await ExpectBadAsync(SamErrorCode.HashNotBase64, "Invalid Base64 hash string parameter", () => client.PostAsync("credentials/authorize", body));
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"id":"PIN"}]""")]
    [InlineData("""[{"id":"PIN","value":12345678}]""")]
    [InlineData("""[{"id":"OTP","value":"00000000"}]""")]
    [InlineData("""[{"id":"PIN","value":"00000000"},{"id":"PIN","value":"00000001"}]""")]
    [InlineData("null")]
    public async Task Authorize_refuses_factors_other_than_the_one_announced_and_counts_no_attempt(string authData)
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        Dictionary<string, object?> body = AuthorizeBody(credential);
        body["authData"] = JsonDocument.Parse(authData).RootElement;
        for (int i = 0; i < 6; i++)
        {
            (await client.PostAsync("credentials/authorize", body)).IsRefused(400, "invalid_authentication_data", "The authentication data is invalid");
        }

        _ = (await client.AuthorizeAsync(credential, [NewDigest()])).Sad;
    }

    [Fact]
    [Trait("Requirement", "T-USE-4")]
    public async Task Five_wrong_pins_lock_and_the_right_one_no_longer_opens()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        for (int i = 0; i < 5; i++)
        {
            string wrong = "wrong-pin-" + i.ToString(CultureInfo.InvariantCulture) + new string('x', 16);
            (await ExpectAsync(SamErrorCode.PinWrong, () => client.AuthorizeAsync(credential, [NewDigest()], pin: wrong)))
                .IsRefused(400, "invalid_authentication_data", "The authentication data is invalid");
        }

        await ExpectBadAsync(SamErrorCode.PinLocked, "Credential locked", () => client.AuthorizeAsync(credential, [NewDigest()]));
    }

    [Fact]
    public async Task Right_pins_use_up_no_attempts()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        for (int i = 0; i < 7; i++)
        {
            _ = (await client.AuthorizeAsync(credential, [NewDigest()])).Sad;
        }
    }

    [Fact]
    public async Task Authorize_refuses_another_signers_credential_with_a_users_own_token()
    {
        TestCredential mine = (await Sam.MakeAsync()).Credential;
        TestCredential others = (await Sam.MakeAsync()).Credential;
        CscClient user = await Sam.ConnectAsync(user: mine.Signer.UserId);
        await ExpectBadAsync(SamErrorCode.CredentialOfAnotherSigner, "Invalid parameter credentialID", () => user.AuthorizeAsync(others, [NewDigest()]));
        _ = (await user.AuthorizeAsync(mine, [NewDigest()])).Sad;
    }

    [Fact]
    public async Task A_client_that_is_not_linked_can_neither_authorize_nor_lock()
    {
        TestCredential credential = await Sam.MakeCredentialAsync(await Sam.MakeSignerAsync("linked-sca"), KeyAlgorithm.P256);
        CscClient stranger = await Sam.ConnectAsync();
        for (int i = 0; i < 6; i++)
        {
            await ExpectBadAsync(SamErrorCode.ClientNotLinked, "Invalid parameter credentialID", () => stranger.AuthorizeAsync(credential, [NewDigest()], pin: new string('9', 20)));
        }

        _ = (await (await Sam.ConnectAsync("linked-sca")).AuthorizeAsync(credential, [NewDigest()])).Sad;
    }

    private static Dictionary<string, object?> AuthorizeBody(TestCredential credential) => new(StringComparer.Ordinal)
    {
        ["credentialID"] = credential.Id,
        ["numSignatures"] = 1,
        ["hashes"] = new[] { Convert.ToBase64String(NewDigest()) },
        ["hashAlgorithmOID"] = HashAlgorithm.Sha256.Oid,
        ["authData"] = new[] { new { id = "PIN", value = credential.Signer.Pin } },
    };

    /// <summary>Another character for the same bytes: 32 bytes leave two bits of the last character unused.</summary>
    private static char NextUnused(char last)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        return Alphabet[Alphabet.IndexOf(last, StringComparison.Ordinal) + 1];
    }
}
