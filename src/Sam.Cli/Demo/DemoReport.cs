using Sam.Cli.Http;

namespace Sam.Cli.Demo;

/// <summary>What a demo has to tell. Nothing in it is secret.</summary>
internal sealed record DemoReport(DemoOpening Opening, IReadOnlyList<DemoSignature> Signatures, DemoVerification Verification, DemoApproval Approval, IReadOnlyList<DemoBatch> Batches)
{
    /// <summary>Every signature verified, and no SAD was good twice.</summary>
    internal bool Succeeded => IsVerified && Signatures.Count > 0 && Signatures.All(s => s.SecondUseRefused);

    internal bool IsVerified => Verification.Verified && Approval.Verified && Batches.All(b => b.Verified == b.Documents);
}

/// <param name="FileName">The file's name, without its folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its digest, hex.</param>
/// <param name="Address">Where the SAM is.</param>
/// <param name="Service">The name it gives itself.</param>
/// <param name="Specs">The version of the CSC API that it speaks.</param>
/// <param name="Signer">The signer made for this run.</param>
internal sealed record DemoOpening(string FileName, long Bytes, string Sha256, Uri Address, string Service, string Specs, string Signer);

/// <param name="Key">The kind of key; the names of its files begin with it.</param>
/// <param name="Scheme">The signature scheme in words.</param>
/// <param name="SignAlgo">The same as an object identifier.</param>
/// <param name="CredentialId">The credential made for this run.</param>
/// <param name="CertificateSerial">The serial number of its certificate, hex.</param>
/// <param name="ExpiresIn">The seconds that the SAD was good for.</param>
/// <param name="SignatureBytes">The signature's length.</param>
/// <param name="SecondUse">The SAM's answer to the same SAD, sent again; null if it signed again.</param>
internal sealed record DemoSignature(
    string Key,
    string Scheme,
    string SignAlgo,
    string CredentialId,
    string CertificateSerial,
    int ExpiresIn,
    int SignatureBytes,
    SamRefusal? SecondUse)
{
    /// <summary>400 <c>invalid_request</c>. Any other failure (a SAM that just went away) proves nothing.</summary>
    internal bool SecondUseRefused => SecondUse is { Status: 400, Error: "invalid_request" };
}

/// <param name="Folder">Where the files are, as a person would type it.</param>
/// <param name="Files">Their names.</param>
/// <param name="Output">The lines that <c>verify.sh</c> wrote.</param>
/// <param name="Verified">Whether openssl accepted every certificate and every signature.</param>
internal sealed record DemoVerification(string Folder, IReadOnlyList<string> Files, IReadOnlyList<string> Output, bool Verified);

/// <param name="CredentialId">The credential of level 2.</param>
/// <param name="Client">Who asked, as the device showed it.</param>
/// <param name="Label">What they called it.</param>
/// <param name="Documents">How many documents the device showed.</param>
/// <param name="ShortCode">The short code of their hashes.</param>
/// <param name="Verified">Whether the signature is one of the document by the certificate's key.</param>
internal sealed record DemoApproval(string CredentialId, string Client, string Label, int Documents, string ShortCode, bool Verified);

/// <param name="Method">The guideline's method 1 or 2, or both.</param>
/// <param name="Documents">How many were approved at once.</param>
/// <param name="ShortCode">The short code of their hashes.</param>
/// <param name="Sads">How many SADs were used, one for each request.</param>
/// <param name="Verified">How many signatures are what they should be.</param>
/// <param name="Took">From asking to the last signature.</param>
internal sealed record DemoBatch(string Method, int Documents, string ShortCode, int Sads, int Verified, TimeSpan Took);
