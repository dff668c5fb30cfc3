using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Cli.Development;
using Sam.Cli.Http;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Cli.Demo;

/// <summary>The demo from end to end, as a signature creation application would go: everything by HTTP, signer and keys made by the ceremony, and nothing by a back door.</summary>
internal sealed class DemoRun(SamClient sam, CliHost host, DemoRenderer renderer)
{
    private const string Client = "demo-sca";
    private const string PinAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    private const int PinLength = 20;

    /// <summary>Signs, writes the folder and verifies, showing each part as it is done.</summary>
    /// <exception cref="CommandFailure">The SAM is away or refuses what it should grant.</exception>
    internal async Task<DemoReport> RunAsync(FileInfo document, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        InfoAnswer info = (await sam.InfoAsync(cancellationToken)).OrFail();
        byte[] digest = await HashAsync(document, cancellationToken);
        var pin = new Secret(RandomNumberGenerator.GetString(PinAlphabet, PinLength));

        // A name of its own: the PIN of a signer that someone uses must not change under them.
        string name = $"demo-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        using DevelopmentOffice office = await DevelopmentOffice.OpenAsync(sam, host.Clock, cancellationToken);
        DevelopmentSigner signer = await DevelopmentSigner.FindOrRegisterAsync(office, name, pin, [Client], cancellationToken);
        await signer.EnrolAsync(cancellationToken);
        Secret token = (await sam.TokenAsync(Client, null, null, cancellationToken)).OrFail().AccessToken;

        var opening = new DemoOpening(document.Name, document.Length, Convert.ToHexStringLower(digest), sam.Address, info.Name, info.Specs, signer.UserId);
        renderer.Write(opening);

        using var ca = new DemoCa(host.Clock);
        List<DemoSignature> signatures = [];
        List<DemoEvidence> evidence = [];
        foreach (DemoKey key in DemoKey.All)
        {
            (string credentialId, byte[] certificate) = await signer.AddCredentialAsync(key.Key.Name, null, ca.CertifyRequest, cancellationToken);
            DemoCredential credential = new(credentialId, certificate);
            await ExpectOfferedAsync(token, signer.UserId, credential, key, cancellationToken);
            (DemoSignature shown, byte[] signature) = await SignAsync(token, pin, credential, key, digest, cancellationToken);
            renderer.Write(shown);
            signatures.Add(shown);
            evidence.Add(new DemoEvidence(key.Key.Name, credential.Certificate, signature));
        }

        IReadOnlyList<string> files = await DemoFolder.WriteAsync(folder, document, ca.Certificate.RawData, evidence, cancellationToken);
        (IReadOnlyList<string> output, bool verified) = await OpenSsl.VerifyAsync(folder, evidence.Count, host, cancellationToken);
        var verification = new DemoVerification(Path.GetRelativePath(host.WorkingDirectory, folder.FullName), files, output, verified);
        renderer.Write(verification);

        using DevelopmentDevice device = await signer.AddDeviceAsync("demo device", cancellationToken);
        (string secondId, byte[] secondCertificate) = await signer.AddCredentialAsync("p256", DemoDevice.Documents, ca.CertifyRequest, cancellationToken, level: 2);
        DemoDevice second = new(sam, host, token, device, new DemoCredential(secondId, secondCertificate));
        DemoApproval approval = await second.SignOneAsync(opening.FileName, digest, cancellationToken);
        renderer.Write(approval);
        IReadOnlyList<DemoBatch> batches = await second.SignManyAsync(cancellationToken);
        renderer.Write(batches);

        var report = new DemoReport(opening, signatures, verification, approval, batches);
        renderer.WriteEnd(report);
        return report;
    }

    private static async Task<byte[]> HashAsync(FileInfo document, CancellationToken cancellationToken)
    {
        await using FileStream stream = document.OpenRead();
        return await SHA256.HashDataAsync(stream, cancellationToken);
    }

    /// <summary>What an application asks before it signs: is the credential mine to use, with which certificate, by which algorithms?</summary>
    private async Task ExpectOfferedAsync(Secret token, string userId, DemoCredential credential, DemoKey key, CancellationToken cancellationToken)
    {
        ListAnswer list = (await sam.ListAsync(token, new ListRequest { UserID = userId }, cancellationToken)).OrFail();
        if (!list.CredentialIDs.Contains(credential.CredentialId))
        {
            throw new CommandFailure("credentials/list does not name the new credential.");
        }

        CredentialInfoAnswer info = (await sam.CredentialInfoAsync(token, new CredentialInfoRequest { CredentialID = credential.CredentialId }, cancellationToken)).OrFail();
        if (info.Key.Status != "enabled" || !info.Key.Algo.Contains(key.Algorithm.Oid))
        {
            throw new CommandFailure($"credentials/info does not offer {key.Algorithm.Oid} on an enabled key.");
        }

        if (info.Cert.Certificates.Count == 0 || !info.Cert.Certificates[0].AsSpan().SequenceEqual(credential.Certificate))
        {
            throw new CommandFailure("credentials/info shows another certificate than the one that was made.");
        }
    }

    private async Task<(DemoSignature Shown, byte[] Signature)> SignAsync(
        Secret token, Secret pin, DemoCredential credential, DemoKey key, byte[] digest, CancellationToken cancellationToken)
    {
        var authorize = new AuthorizeRequest
        {
            CredentialID = credential.CredentialId,
            NumSignatures = 1,
            Hashes = [digest],
            HashAlgorithmOID = HashAlgorithm.Sha256.Oid,
            AuthData = [new AuthenticationObject { Id = "PIN", Value = pin }],
        };
        AuthorizeAnswer authorization = (await sam.AuthorizeAsync(token, authorize, cancellationToken)).OrFail();

        var signHash = new SignHashRequest
        {
            CredentialID = credential.CredentialId,
            SAD = authorization.SAD,
            Hashes = [digest],
            HashAlgorithmOID = HashAlgorithm.Sha256.Oid,
            SignAlgo = key.Algorithm.Oid,
        };
        IReadOnlyList<byte[]> signatures = (await sam.SignHashAsync(token, signHash, cancellationToken)).OrFail().Signatures;
        if (signatures.Count != 1)
        {
            throw new CommandFailure($"One hash was sent, and {signatures.Count} signatures came back.");
        }

        // The same request, byte for byte. Only the SAD's being spent tells it from the first.
        _ = (await sam.SignHashAsync(token, signHash, cancellationToken)).IsRefused(out SamRefusal? secondUse);

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(credential.Certificate);
        var shown = new DemoSignature(
            key.Key.Name, key.Scheme, key.Algorithm.Oid, credential.CredentialId, certificate.SerialNumber, authorization.ExpiresIn, signatures[0].Length, secondUse);
        return (shown, signatures[0]);
    }
}
