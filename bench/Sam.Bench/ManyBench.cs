using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sam.Cli;
using Sam.Cli.Development;
using Sam.Cli.Http;
using Sam.Core.Algorithms;
using Sam.Testing.Csc;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Bench;

/// <summary>What one signer does by themselves, one after the other: a thousand hashes in one request, and approvals on a device.</summary>
internal sealed class ManyBench(BenchSam bench, SamClient sam, DevelopmentOffice office, Secret token)
{
    private const int Hashes = 1_000;
    private const int ApprovalsOfARound = 320;

    // Nobody decides on thirty documents a second: what a signer decided within the last minutes is read with each approval.
    private const int Approvers = 64;

    private static CancellationToken NoEnd => CancellationToken.None;

    /// <summary>Rounds of the token alone, of the token with each signature verified, and of requests: right after each other, so that what else the machine does hits all three.</summary>
    internal async Task<BatchFigure> SignAsync(KeyAlgorithm key, BenchPlan plan)
    {
        Secret pin = new(RandomNumberGenerator.GetHexString(16));
        DevelopmentSigner signer = await DevelopmentSigner.FindOrRegisterAsync(office, $"many-{key.Name}", pin, [], NoEnd);
        await signer.EnrolAsync(NoEnd);
        (string id, _) = await signer.AddCredentialAsync(key.Name, Hashes, Certify, NoEnd);

        // The first request finds everything cold.
        _ = await SignForAsync(key, id, pin, seconds: 0);
        List<BatchRound> rounds = [];
        for (int round = 0; round < plan.Rounds; round++)
        {
            rounds.Add(new BatchRound(
                await bench.RawAsync(key, 2, plan.Seconds),
                await bench.RawAsync(key, 2, plan.Seconds, verified: true),
                await SignForAsync(key, id, pin, plan.Seconds)));
        }

        return BatchFigure.Of(key.Name, rounds);
    }

    /// <summary>The SAM's CPU, in milliseconds, for one approval of one document: asked for, shown, decided with the PIN, and the SAD fetched. The signer's key is not used.</summary>
    internal async Task<double> ApprovalCpuAsync(int rounds)
    {
        List<(string Credential, DevelopmentDevice Device)> signers = [];
        for (int i = 0; i < Approvers; i++)
        {
            signers.Add(await MakeApproverAsync(string.Create(CultureInfo.InvariantCulture, $"approver-{i}")));
        }

        List<double> found = [];
        for (int round = 0; round <= rounds; round++)
        {
            Usage before = await bench.UsageAsync();
            for (int i = 0; i < ApprovalsOfARound; i++)
            {
                (string id, DevelopmentDevice device) = signers[i % Approvers];
                AuthorizeRequest authorize = Authorize(id, RandomHashes(1), new AuthenticationObject { Id = "DEVICE" });
                Secret handle = (await sam.AskAsync(token, authorize, NoEnd)).OrFail().Handle;
                _ = await device.ApproveAsync(NoEnd);
                _ = (await sam.AuthorizeCheckAsync(token, handle, NoEnd)).OrFail().SAD ?? throw new InvalidOperationException("Approved, and no SAD.");
            }

            found.Add(((await bench.UsageAsync()).CpuMilliseconds - before.CpuMilliseconds) / ApprovalsOfARound);
        }

        signers.ForEach(s => s.Device.Dispose());

        // The first round finds everything cold.
        return found.Skip(1).Order().ElementAt(rounds / 2);
    }

    /// <summary>signHash alone is timed: the request's way there and back, the spend, each signature's verification and the record of it included. Bodies are made beforehand.</summary>
    private async Task<SigningRate> SignForAsync(KeyAlgorithm key, string id, Secret pin, double seconds)
    {
        TimeSpan signing = TimeSpan.Zero;
        double cpu = 0;
        int requests = 0;
        do
        {
            byte[][] hashes = RandomHashes(Hashes);
            Secret sad = (await sam.AuthorizeAsync(token, Authorize(id, hashes, new AuthenticationObject { Id = "PIN", Value = pin }), NoEnd)).OrFail().SAD;
            byte[] body = JsonSerializer.SerializeToUtf8Bytes(new
            {
                credentialID = id,
                SAD = sad.Reveal(),
                hashes,
                hashAlgorithmOID = HashAlgorithm.Sha256.Oid,
                signAlgo = SignatureAlgorithm.All.First(a => a.Fits(key)).Oid,
            });
            Usage before = await bench.UsageAsync();
            long start = Stopwatch.GetTimestamp();
            _ = await bench.PostAsync("csc/v2/signatures/signHash", body, new("Bearer", token.Reveal()));
            signing += Stopwatch.GetElapsedTime(start);
            cpu += (await bench.UsageAsync()).CpuMilliseconds - before.CpuMilliseconds;
            requests++;
        }
        while (signing.TotalSeconds < seconds);

        return new SigningRate(requests * Hashes / signing.TotalSeconds, cpu / (requests * Hashes));
    }

    private async Task<(string Credential, DevelopmentDevice Device)> MakeApproverAsync(string name)
    {
        DevelopmentSigner signer = await DevelopmentSigner.FindOrRegisterAsync(office, name, new Secret(RandomNumberGenerator.GetHexString(16)), [], NoEnd);
        await signer.EnrolAsync(NoEnd);
        DevelopmentDevice device = await signer.AddDeviceAsync("phone", NoEnd);
        (string id, _) = await signer.AddCredentialAsync(KeyAlgorithm.P256.Name, 1, Certify, NoEnd, level: 2);
        return (id, device);
    }

    private static byte[][] RandomHashes(int count) => [.. Enumerable.Range(0, count).Select(_ => RandomNumberGenerator.GetBytes(HashAlgorithm.Sha256.SizeInBytes))];

    private static IReadOnlyList<byte[]> Certify(X500DistinguishedName subject, byte[] publicKey) => [TestCa.Issue(publicKey, subject)];

    private static AuthorizeRequest Authorize(string id, byte[][] hashes, AuthenticationObject factor) => new()
    {
        CredentialID = id,
        NumSignatures = hashes.Length,
        Hashes = hashes,
        HashAlgorithmOID = HashAlgorithm.Sha256.Oid,
        AuthData = [factor],
    };
}
