using System.Security.Cryptography.X509Certificates;
using Sam.Cli.Http;

namespace Sam.Cli.Demo;

/// <summary>A credential made, certified and activated.</summary>
/// <param name="CredentialId">Its credentialID.</param>
/// <param name="Certificate">The certificate of the demo CA, DER.</param>
internal sealed record DemoCredential(string CredentialId, byte[] Certificate)
{
    internal static async Task<DemoCredential> MakeAsync(SamClient sam, DemoCa ca, CredentialRequest request, CancellationToken cancellationToken)
    {
        CredentialAnswer made = (await sam.CredentialAsync(request, cancellationToken)).OrFail();
        using X509Certificate2 certificate = ca.Certify(request.UserID, made.PublicKey);
        var body = new CertificateRequestBody { CredentialID = made.CredentialID, Certificates = [certificate.RawData, ca.Certificate.RawData] };
        _ = (await sam.CertificateAsync(body, cancellationToken)).OrFail();
        return new DemoCredential(made.CredentialID, certificate.RawData);
    }
}
