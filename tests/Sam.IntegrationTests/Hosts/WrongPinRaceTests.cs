using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.IntegrationTests.Hosts;

/// <summary>A hundred wrong PINs at once, at two processes. How many were evaluated is counted at the HSM, without which no PIN is right or wrong.</summary>
[Trait("Requirement", "T-USE-2")]
public sealed class WrongPinRaceTests(SoftHsmFixture hsm, AzuriteFixture azurite)
{
    private const int Guesses = 100;
    private const int MaxAttempts = 5;

    [Fact]
    public async Task As_many_are_evaluated_as_the_limit_says_and_the_right_one_after_them_is_not()
    {
        Pkcs11Shim shim = hsm.CreateShim();
        Deployment deployment = new(hsm, azurite);
        await using LocalHostProcess one = await deployment.StartAsync(Changes(shim));
        await using LocalHostProcess two = await deployment.StartAsync(Changes(shim));
        (CscClient client, TestCredential credential) = await one.MakeAsync();
        _ = await client.GetSadAsync(credential, RandomNumberGenerator.GetBytes(32));
        int before = shim.Count(Pkcs11Shim.Mac);
        IReadOnlyDictionary<string, long> refusedBefore = await RefusalsAsync(one, two);

        CscReply[] replies = await Task.WhenAll(Enumerable.Range(0, Guesses).Select(i =>
            client.At(i % 2 == 0 ? one.Http : two.Http).AuthorizeAsync(credential, [RandomNumberGenerator.GetBytes(32)], RandomNumberGenerator.GetHexString(20))));

        IReadOnlyDictionary<string, long> refused = await RefusalsAsync(one, two);
        Assert.All(replies, reply => Assert.NotEqual(200, reply.Status));
        long wrong = refused.GetValueOrDefault(nameof(SamErrorCode.PinWrong)) - refusedBefore.GetValueOrDefault(nameof(SamErrorCode.PinWrong));
        Assert.Equal(wrong, shim.Count(Pkcs11Shim.Mac) - before);
        Assert.InRange(wrong, 1, MaxAttempts);

        // Some of the crowd may have given up for their number; so the rest of the attempts, and then the right one.
        for (long i = wrong; i < MaxAttempts; i++)
        {
            Assert.NotEqual(200, (await client.AuthorizeAsync(credential, [RandomNumberGenerator.GetBytes(32)], RandomNumberGenerator.GetHexString(20))).Status);
        }

        Assert.Equal("Credential locked", (await client.AuthorizeAsync(credential, [RandomNumberGenerator.GetBytes(32)])).Description);
        Assert.Equal("Credential locked", (await client.At(two.Http).AuthorizeAsync(credential, [RandomNumberGenerator.GetBytes(32)])).Description);
        Assert.Equal(MaxAttempts, shim.Count(Pkcs11Shim.Mac) - before);
        TestReport.Add("wrong PINs at once", $"{Guesses} at two processes, {wrong} evaluated");
    }

    /// <summary>Where a device comes first, who has it not neither guesses nor locks; and the PIN beside the device's answer is guessed no more often.</summary>
    [Fact]
    [Trait("Requirement", "T-USE-5")]
    public async Task Strangers_without_the_device_evaluate_none_and_lock_nobody()
    {
        Pkcs11Shim shim = hsm.CreateShim();
        Deployment deployment = new(hsm, azurite);
        await using LocalHostProcess one = await deployment.StartAsync(Changes(shim));
        await using LocalHostProcess two = await deployment.StartAsync(Changes(shim));
        CscClient client = await one.ConnectAsync();
        TestSigner alice = await one.MakeSignerAsync();
        using TestPhone phone = await one.MakePhoneAsync(alice);
        TestSigner mallory = await one.MakeSignerAsync();
        using TestPhone theirs = await one.MakePhoneAsync(mallory);
        TestCredential credential = await one.MakeCredentialAsync(alice, KeyAlgorithm.P256, level: 2);
        int before = shim.Count(Pkcs11Shim.Mac);

        CscReply[] strangers = await Task.WhenAll(Enumerable.Range(0, Guesses).Select(i => GuessAsync(client.At(i % 2 == 0 ? one.Http : two.Http), credential, theirs)));
        Assert.All(strangers, reply => Assert.Equal("The authentication data is invalid", reply.Description));
        Assert.Equal(0, shim.Count(Pkcs11Shim.Mac) - before);

        CscReply[] guesses = await Task.WhenAll(Enumerable.Range(0, Guesses).Select(i => GuessAsync(client.At(i % 2 == 0 ? one.Http : two.Http), credential, phone)));
        Assert.All(guesses, reply => Assert.NotEqual(200, reply.Status));
        Assert.InRange(shim.Count(Pkcs11Shim.Mac) - before, 1, MaxAttempts);
    }

    // The gate is for other tests: here all hundred come in.
    private static (string, string)[] Changes(Pkcs11Shim shim) =>
    [
        ("Sam__Pkcs11__ModulePath", shim.ModulePath), ("Sam__Gate__MaxAuthorizing", "1000"),
        ("Sam__Pin__Cost__MemoryKiB", "8"), ("Sam__Pin__Cost__Iterations", "1"), ("Sam__Pin__Cost__Parallelism", "1"),
    ];

    private static async Task<CscReply> GuessAsync(CscClient client, TestCredential credential, TestPhone phone)
    {
        byte[][] digests = [RandomNumberGenerator.GetBytes(32)];
        string challenge = (await client.PostAsync("credentials/getChallenge", new { credentialID = credential.Id, authObjectID = "DEVICE-ANSWER" })).Success().GetProperty("challenge").GetString()!;
        return await client.PostAsync("credentials/authorize", new
        {
            credentialID = credential.Id,
            numSignatures = 1,
            hashes = digests.Select(Convert.ToBase64String),
            hashAlgorithmOID = HashAlgorithm.Sha256.Oid,
            authData = new object[] { new { id = "DEVICE-ANSWER", value = phone.Answer(challenge, digests, string.Empty) }, new { id = "PIN", value = RandomNumberGenerator.GetHexString(20) } },
        });
    }

    private static async Task<IReadOnlyDictionary<string, long>> RefusalsAsync(params LocalHostProcess[] hosts)
    {
        Dictionary<string, long> sum = new(StringComparer.Ordinal);
        foreach (LocalHostProcess host in hosts)
        {
            foreach ((string cause, long count) in await host.CountRefusalsAsync())
            {
                sum[cause] = sum.GetValueOrDefault(cause) + count;
            }
        }

        return sum;
    }
}
