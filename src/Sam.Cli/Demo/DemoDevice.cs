using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sam.Cli.Development;
using Sam.Cli.Http;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Cli.Demo;

/// <summary>The demo's second part: the signer approves on a device of their own (level 2), one document and then a hundred, by each way in which many are signed.</summary>
internal sealed class DemoDevice(SamClient sam, CliHost host, Secret token, DevelopmentDevice device, DemoCredential credential)
{
    /// <summary>How many documents are signed at once.</summary>
    internal const int Documents = 100;

    private const int PerSadOfBoth = 10;

    // Far below what the SAM takes for one.
    private const int LongestName = 60;

    /// <summary>One document, approved on the device.</summary>
    internal async Task<DemoApproval> SignOneAsync(string fileName, byte[] digest, CancellationToken stop)
    {
        (AuthorizeAnswer authorized, PendingApproval shown) = await AuthorizeAsync([digest], Describe(fileName), stop);
        IReadOnlyList<byte[]> signatures = await SignAsync(authorized.SAD, [digest], stop);
        return new DemoApproval(credential.CredentialId, shown.Client.Value, shown.Label, shown.Digests.Count, ApprovalStatement.ShortCode(shown.Digests), CountVerified([digest], signatures) == 1);
    }

    /// <summary>A hundred documents, made here: all with one SAD, each with its own, and ten at a time. The device approves once for each way.</summary>
    internal async Task<IReadOnlyList<DemoBatch>> SignManyAsync(CancellationToken stop) =>
    [
        await SignManyAsync("method 1", Documents, stop),
        await SignManyAsync("method 2", 1, stop),
        await SignManyAsync("both", PerSadOfBoth, stop),
    ];

    /// <summary>A device shows one line.</summary>
    private static string Describe(string fileName) => Printable.OneLine(fileName) is var line && line.Length > LongestName ? line[..LongestName] : line;

    private async Task<DemoBatch> SignManyAsync(string method, int perSad, CancellationToken stop)
    {
        byte[][] digests = [.. Enumerable.Range(1, Documents).Select(n => SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{method}, document {n}"))))];
        long start = host.Clock.GetTimestamp();
        Progress progress = new(host, $"of {Documents.ToString(CultureInfo.InvariantCulture)} signed ({method})");
        (AuthorizeAnswer authorized, PendingApproval shown) = await AuthorizeAsync(digests, $"{Documents.ToString(CultureInfo.InvariantCulture)} documents", stop);
        Secret sad = authorized.SAD;
        int sads = 0;
        int verified = 0;
        foreach (byte[][] part in digests.Chunk(perSad))
        {
            // A SAD is good for one request. The next one is made of it, under the same approval.
            sad = sads++ == 0 ? sad : (await sam.ExtendAsync(token, new ExtendRequest { CredentialID = credential.CredentialId, SAD = sad }, stop)).OrFail().SAD;
            verified += CountVerified(part, await SignAsync(sad, part, stop));
            progress.Step(part.Length);
        }

        progress.End();
        return new DemoBatch(method, shown.Digests.Count, ApprovalStatement.ShortCode(shown.Digests), sads, verified, host.Clock.GetElapsedTime(start));
    }

    private async Task<(AuthorizeAnswer Authorized, PendingApproval Shown)> AuthorizeAsync(byte[][] digests, string description, CancellationToken stop)
    {
        AuthorizeRequest request = new()
        {
            CredentialID = credential.CredentialId,
            NumSignatures = digests.Length,
            Hashes = digests,
            HashAlgorithmOID = HashAlgorithm.Sha256.Oid,
            AuthData = [new AuthenticationObject { Id = "DEVICE" }],
            Description = description,
        };
        Secret handle = (await sam.AskAsync(token, request, stop)).OrFail().Handle;
        if ((await sam.AuthorizeCheckAsync(token, handle, stop)).OrFail().SAD is not null)
        {
            throw new CommandFailure("The SAM gave a SAD before the signer's device approved.");
        }

        PendingApproval shown = await device.ApproveAsync(stop);
        if (!shown.Digests.Select(d => Convert.ToHexString(d.Value)).Order().SequenceEqual(digests.Select(Convert.ToHexString).Order()))
        {
            throw new CommandFailure("The device was shown other documents than the application asked for.");
        }

        Secret sad = (await sam.AuthorizeCheckAsync(token, handle, stop)).OrFail().SAD ?? throw new CommandFailure("The device approved, and the SAM gives no SAD.");
        return (new AuthorizeAnswer { SAD = sad }, shown);
    }

    private async Task<IReadOnlyList<byte[]>> SignAsync(Secret sad, byte[][] digests, CancellationToken stop)
    {
        SignHashRequest request = new()
        {
            CredentialID = credential.CredentialId,
            SAD = sad,
            Hashes = digests,
            HashAlgorithmOID = HashAlgorithm.Sha256.Oid,
            SignAlgo = SignatureAlgorithm.EcdsaSha256.Oid,
        };
        IReadOnlyList<byte[]> signatures = (await sam.SignHashAsync(token, request, stop)).OrFail().Signatures;
        return signatures.Count == digests.Length
            ? signatures
            : throw new CommandFailure(string.Create(CultureInfo.InvariantCulture, $"{digests.Length} hashes were sent, and {signatures.Count} signatures came back."));
    }

    /// <summary>How many are signatures of the document in their place, by the certificate's key.</summary>
    private int CountVerified(byte[][] digests, IReadOnlyList<byte[]> signatures)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(credential.Certificate);
        using ECDsa key = certificate.GetECDsaPublicKey() ?? throw new CommandFailure("The certificate has no key on a curve.");
        return digests.Zip(signatures).Count(pair => key.VerifyHash(pair.First, pair.Second, DSASignatureFormat.Rfc3279DerSequence));
    }
}
