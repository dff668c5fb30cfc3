using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sam.Api.Certificates;
using Sam.Core.Certificates;
using Sam.Testing.Certificates;

namespace Sam.Tests.Certificates;

/// <summary>An authority with its web server, and a SAM that asks it about one certificate.</summary>
internal sealed class RevocationBed : IAsyncDisposable
{
    private readonly RevocationClient _client;

    private RevocationBed(StubResponder responder, CertificatePolicy? policy)
    {
        Responder = responder;
        _client = new RevocationClient(policy ?? new CertificatePolicy(), Clock, NullLogger<RevocationClient>.Instance);
    }

    internal static DateTimeOffset Now { get; } = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    internal StubResponder Responder { get; }

    internal FakeTimeProvider Clock { get; } = new(Now);

    internal TestAuthority Issuer { get; } = TestAuthority.Root(Now.AddYears(-1), "Issuer");

    internal ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>An answer as it should be.</summary>
    internal OcspReply Good => new(RevocationStatus.Good, Now, Now.AddHours(1), Issuer.Sign);

    internal static async Task<RevocationBed> StartAsync(CertificatePolicy? policy = null) => new(await StubResponder.StartAsync(), policy);

    internal byte[] Issue(bool ocsp = false, string? crl = null, Func<CertificateWish, CertificateWish>? change = null)
    {
        CertificateWish wish = new(Key.ExportSubjectPublicKeyInfo(), new X500DistinguishedName("CN=Eve"), Now.AddDays(-1), Now.AddYears(1))
        {
            OcspAddress = ocsp ? Responder.AddressOf("/ocsp") : null,
            CrlAddress = crl is null ? null : Responder.AddressOf(crl),
        };
        return Issuer.Issue(change is null ? wish : change(wish));
    }

    internal Task<RevocationAnswer> AskAsync(byte[] certificate, DateTimeOffset? time = null) => _client.AskAsync(certificate, Issuer.CertificateDer, time ?? Now, CancellationToken.None);

    /// <summary>What the SAM makes of this answer.</summary>
    internal async Task<RevocationStatus> JudgeAsync(OcspReply reply, DateTimeOffset? time = null)
    {
        Responder.Serve("/ocsp", reply.To);
        return (await AskAsync(Issue(ocsp: true), time)).Status;
    }

    /// <summary>A key with a certificate by the issuer: a responder of its own, or somebody who would like to be one.</summary>
    internal (byte[] Certificate, Func<byte[], byte[]> Sign) Delegate(TestAuthority issuer, Func<CertificateWish, CertificateWish>? change = null)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateWish wish = new(key.ExportSubjectPublicKeyInfo(), new X500DistinguishedName("CN=Responder"), Now.AddDays(-1), Now.AddDays(30))
        {
            KeyUsage = X509KeyUsageFlags.DigitalSignature,
            Purposes = ["1.3.6.1.5.5.7.3.9"],
        };
        return (issuer.Issue(change is null ? wish : change(wish)), data => key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        Issuer.Dispose();
        Key.Dispose();
        await Responder.DisposeAsync();
    }
}
