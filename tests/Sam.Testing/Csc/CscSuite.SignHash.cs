using Sam.Core.Algorithms;
using Sam.Core.Results;
using Xunit;

namespace Sam.Testing.Csc;

public abstract partial class CscSuite
{
    private const string InvalidSad = "Invalid parameter SAD";
    private const string NotAuthorized = "Hash is not authorized by the SAD";

    /// <summary>Each key with each algorithm that fits it.</summary>
    public static TheoryData<string, string> Algorithms()
    {
        TheoryData<string, string> pairs = [];
        foreach (KeyAlgorithm key in KeyAlgorithm.All)
        {
            foreach (SignatureAlgorithm algorithm in SignatureAlgorithm.All.Where(a => a.Fits(key)))
            {
                pairs.Add(key.Name, algorithm.Name);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Signatures_verify_with_the_certificate_and_keep_the_order_of_the_request(string keyName, string algorithmName)
    {
        _ = KeyAlgorithm.TryFromName(keyName, out KeyAlgorithm? key);
        SignatureAlgorithm algorithm = SignatureAlgorithm.All.First(a => a.Name == algorithmName);
        (CscClient client, TestCredential credential) = await Sam.ShareAsync(key!);

        // Sorted both ways, so that a service that sorts is found out.
        byte[][] digests = [.. Enumerable.Range(0, 4).Select(_ => NewDigest(algorithm.Hash.SizeInBytes))];
        byte[][] named = [.. digests.OrderByDescending(Convert.ToHexString)];
        string sad = (await client.AuthorizeAsync(credential, digests, hashAlgorithm: algorithm.Hash.Oid)).Sad;
        IReadOnlyList<byte[]> signatures = (await client.SignHashAsync(credential, sad, named, algorithm)).Signatures;
        Assert.Equal(named.Length, signatures.Count);
        Assert.All(named.Zip(signatures), pair => Assert.True(credential.Verifies(pair.First, pair.Second, algorithm)));
    }

    [Fact]
    public async Task A_bare_rsa_oid_takes_the_hash_algorithm_beside_it()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync(KeyAlgorithm.Rsa2048);
        byte[] digest = NewDigest(48);
        string sad = (await client.AuthorizeAsync(credential, [digest], hashAlgorithm: HashAlgorithm.Sha384.Oid)).Sad;
        Dictionary<string, object?> body = SignBody(credential, sad, digest);
        body["signAlgo"] = AlgorithmOids.Rsa;
        await ExpectBadAsync(
            SamErrorCode.HashAlgorithmMissing,
            "Missing (or invalid type) string parameter hashAlgorithmOID",
            () => client.PostAsync("signatures/signHash", body));
        body["hashAlgorithmOID"] = HashAlgorithm.Sha384.Oid;
        byte[] signature = Assert.Single((await client.PostAsync("signatures/signHash", body)).Signatures);
        Assert.True(credential.Verifies(digest, signature, SignatureAlgorithm.RsaSha384));
    }

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    [Trait("Requirement", "T-USE-3")]
    public async Task A_sad_is_good_once()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        byte[] digest = NewDigest();
        string sad = await client.GetSadAsync(credential, digest);
        _ = (await client.SignHashAsync(credential, sad, [digest])).Signatures;
        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => client.SignHashAsync(credential, sad, [digest]));
    }

    [Fact]
    public async Task SignHash_may_name_any_part_of_the_authorized_hashes_and_spends_the_sad()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        byte[] twice = NewDigest();
        byte[] once = NewDigest();
        string sad = await client.GetSadAsync(credential, twice, once, twice);
        IReadOnlyList<byte[]> signatures = (await client.SignHashAsync(credential, sad, [twice, twice])).Signatures;
        Assert.Equal(2, signatures.Count);
        Assert.All(signatures, signature => Assert.True(credential.Verifies(twice, signature)));
        await ExpectBadAsync(SamErrorCode.SadSpent, InvalidSad, () => client.SignHashAsync(credential, sad, [once]));
    }

    [Fact]
    [Trait("Requirement", "SIG-4")]
    [Trait("Requirement", "T-USE-6")]
    public async Task Hashes_beyond_the_authorized_ones_are_refused_and_the_sad_stays_good()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        byte[] digest = NewDigest();
        string sad = await client.GetSadAsync(credential, digest);
        await ExpectBadAsync(SamErrorCode.HashNotAuthorized, NotAuthorized, () => client.SignHashAsync(credential, sad, [NewDigest()]));
        await ExpectBadAsync(SamErrorCode.HashRepeated, NotAuthorized, () => client.SignHashAsync(credential, sad, [digest, digest]));
        await ExpectBadAsync(SamErrorCode.TooManyHashes, NotAuthorized, () => client.SignHashAsync(credential, sad, [digest, NewDigest()]));
        await ExpectBadAsync(SamErrorCode.DigestLengthInvalid, "Invalid digest value length", () => client.SignHashAsync(credential, sad, [NewDigest(7)]));
        await ExpectBadAsync(SamErrorCode.HashesEmpty, "Empty hash array", () => client.SignHashAsync(credential, sad, []));
        _ = (await client.SignHashAsync(credential, sad, [digest])).Signatures;
    }

    [Fact]
    [Trait("Requirement", "SIG-3")]
    [Trait("Requirement", "T-USE-2")]
    public async Task A_sad_in_other_hands_is_refused_and_not_burnt_for_its_owner()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        TestCredential sibling = await Sam.MakeCredentialAsync(credential.Signer, KeyAlgorithm.P256);
        CscClient thief = await Sam.ConnectAsync();
        byte[] digest = NewDigest();
        string sad = await client.GetSadAsync(credential, digest);
        await ExpectBadAsync(SamErrorCode.SadOfAnotherClient, InvalidSad, () => thief.SignHashAsync(credential, sad, [digest]));
        await ExpectBadAsync(SamErrorCode.SadOfAnotherCredential, InvalidSad, () => client.SignHashAsync(sibling, sad, [digest]));
        _ = (await client.SignHashAsync(credential, sad, [digest])).Signatures;
    }

    [Fact]
    [Trait("Requirement", "T-USE-7")]
    public async Task A_sad_with_any_character_changed_is_refused()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        byte[] digest = NewDigest();
        string sad = await client.GetSadAsync(credential, digest);

        // Every bit is flipped where the SAD is opened, in a test of the domain; over HTTP some of each part.
        for (int at = 0; at < sad.Length; at += 7)
        {
            string forged = sad[..at] + (sad[at] == 'A' ? 'B' : 'A') + sad[(at + 1)..];
            CscReply reply = await client.SignHashAsync(credential, forged, [digest]);
            reply.IsRefused(400, "invalid_request", InvalidSad);
        }

        await ExpectBadAsync(SamErrorCode.SadForged, InvalidSad, () => client.SignHashAsync(credential, sad[..60] + (sad[60] == 'A' ? 'B' : 'A') + sad[61..], [digest]));
        await ExpectBadAsync(SamErrorCode.SadMalformed, InvalidSad, () => client.SignHashAsync(credential, sad + "=", [digest]));
        await ExpectBadAsync(SamErrorCode.SadMalformed, InvalidSad, () => client.SignHashAsync(credential, string.Empty, [digest]));
        await ExpectBadAsync(SamErrorCode.SadMalformed, InvalidSad, () => client.SignHashAsync(credential, new string('A', 100_000), [digest]));
        _ = (await client.SignHashAsync(credential, sad, [digest])).Signatures;
    }

    [Fact]
    public async Task A_sad_ends_with_any_change_of_signer_or_credential()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        byte[] digest = NewDigest();
        string sad = await client.GetSadAsync(credential, digest);
        await Sam.SetPinAsync(credential.Signer);
        await ExpectBadAsync(SamErrorCode.CredentialChanged, InvalidSad, () => client.SignHashAsync(credential, sad, [digest]));
    }

    [Fact]
    public async Task SignHash_refuses_algorithms_that_do_not_fit_or_contradict()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync(KeyAlgorithm.Rsa2048);
        byte[] digest = NewDigest();
        string sad = await client.GetSadAsync(credential, digest);
        async Task Refused(SamErrorCode cause, string description, params (string Name, object? Value)[] changes)
        {
            Dictionary<string, object?> body = SignBody(credential, sad, digest);
            foreach ((string name, object? value) in changes)
            {
                body[name] = value;
            }

            await ExpectBadAsync(cause, description, () => client.PostAsync("signatures/signHash", body));
        }

        await Refused(SamErrorCode.SignAlgoInvalid, "Invalid parameter signAlgo", ("signAlgo", "1.2.840.10045.4.3.2"));
        await Refused(SamErrorCode.SignAlgoInvalid, "Invalid parameter signAlgo", ("signAlgo", "1.2.840.113549.1.1.5"));
        await Refused(SamErrorCode.SignAlgoInvalid, "Invalid parameter signAlgo", ("signAlgo", "RS256"));
        await Refused(SamErrorCode.SignAlgoParamsMissing, "Missing (or invalid type) string parameter signAlgoParams", ("signAlgo", AlgorithmOids.RsaPss));
        await Refused(SamErrorCode.SignAlgoParamsInvalid, "Invalid parameter signAlgoParams", ("signAlgo", AlgorithmOids.RsaPss), ("signAlgoParams", "MDSgDzANBg=="));
        await Refused(SamErrorCode.SignAlgoParamsInvalid, "Invalid parameter signAlgoParams", ("signAlgoParams", "MAA="));
        await Refused(SamErrorCode.HashAlgorithmInvalid, "Invalid parameter hashAlgorithmOID", ("hashAlgorithmOID", HashAlgorithm.Sha512.Oid));
        await Refused(SamErrorCode.HashAlgorithmInvalid, "Invalid parameter hashAlgorithmOID", ("hashAlgorithmOID", "1.3.14.3.2.26"));
        await Refused(SamErrorCode.ParameterInvalid, "Invalid parameter operationMode", ("operationMode", "A"));
        await Refused(SamErrorCode.ParameterInvalid, "Invalid parameter clientData", ("clientData", 1));
        Dictionary<string, object?> good = SignBody(credential, sad, digest);
        good["signAlgoParams"] = "BQA=";
        good["hashAlgorithmOID"] = HashAlgorithm.Sha256.Oid;
        good["operationMode"] = "S";
        good["clientData"] = "mine";
        good["unknownMember"] = new { ignored = true };
        _ = (await client.PostAsync("signatures/signHash", good)).Signatures;
    }

    [Fact]
    public async Task A_hash_of_another_algorithm_than_authorized_is_refused()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync(KeyAlgorithm.Rsa2048);
        string sad = (await client.AuthorizeAsync(credential, [NewDigest(48)], hashAlgorithm: HashAlgorithm.Sha384.Oid)).Sad;
        await ExpectBadAsync(SamErrorCode.HashAlgorithmInvalid, "Invalid parameter hashAlgorithmOID", () => client.SignHashAsync(credential, sad, [NewDigest()]));
    }

    [Theory]
    [InlineData("SAD", "Missing (or invalid type) string parameter SAD")]
    [InlineData("credentialID", "Missing (or invalid type) string parameter credentialID")]
    [InlineData("hashes", "Missing (or invalid type) array parameter hash")]
    [InlineData("signAlgo", "Missing (or invalid type) string parameter signAlgo")]
    public async Task SignHash_refuses_a_parameter_that_is_absent_null_or_of_another_type(string name, string description)
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        byte[] digest = NewDigest();
        string sad = await client.GetSadAsync(credential, digest);
        foreach (object? value in new object?[] { null, true, 7, new { a = 1 }, name == "hashes" ? new object[] { 1 } : new[] { "a" } })
        {
            Dictionary<string, object?> body = SignBody(credential, sad, digest);
            body[name] = value;
            (await client.PostAsync("signatures/signHash", body)).IsRefused(400, "invalid_request", description);
        }

        _ = (await client.SignHashAsync(credential, sad, [digest])).Signatures;
    }

    [Fact]
    public async Task As_many_hashes_as_multisign_are_signed_in_one_call()
    {
        const int Many = 200;
        (CscClient client, TestCredential credential) = await Sam.MakeAsync(multisign: Many);
        byte[][] digests = [.. Enumerable.Range(0, Many).Select(_ => NewDigest())];
        string sad = await client.GetSadAsync(credential, digests);
        IReadOnlyList<byte[]> signatures = (await client.SignHashAsync(credential, sad, digests)).Signatures;
        Assert.Equal(Many, signatures.Count);
        Assert.All(digests.Zip(signatures), pair => Assert.True(credential.Verifies(pair.First, pair.Second)));
    }

    private static Dictionary<string, object?> SignBody(TestCredential credential, string sad, byte[] digest) => new(StringComparer.Ordinal)
    {
        ["credentialID"] = credential.Id,
        ["SAD"] = sad,
        ["hashes"] = new[] { Convert.ToBase64String(digest) },
        ["signAlgo"] = SignatureAlgorithm.All.First(a => a.Fits(credential.Algorithm)).Oid,
    };

    /// <summary>What the SAM has said of its audit, it cannot unsay: a line that the verifier takes as a head that was kept elsewhere.</summary>
    [Fact]
    [Trait("Requirement", "SYS-4")]
    public async Task SignHash_gives_a_receipt_to_who_asks_for_one_and_to_nobody_else()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        byte[] digest = NewDigest();
        object Signing(string sad, bool? receipt) => new { credentialID = credential.Id, SAD = sad, hashes = new[] { Convert.ToBase64String(digest) }, signAlgo = SignatureAlgorithm.EcdsaSha256.Oid, receipt };
        CscReply with = await client.PostAsync("signatures/signHash", Signing(await client.GetSadAsync(credential, digest), receipt: true));
        Assert.Matches("^[0-9a-f]{32} [0-9]+ [0-9a-f]{64}$", with.Success().GetProperty("receipt").GetString());
        CscReply without = await client.PostAsync("signatures/signHash", Signing(await client.GetSadAsync(credential, digest), receipt: null));
        Assert.False(without.Success().TryGetProperty("receipt", out _));
    }
}
