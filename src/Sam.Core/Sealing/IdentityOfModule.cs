using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Certificates;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Sealing;

/// <summary>How the SAM is known to others: its key, the certificate that it made of it itself, and signatures by it.</summary>
public sealed class IdentityOfModule
{
    private static readonly RowAddress _address = new(SamTable.Registry, "identity", "certificate");

    private readonly SealedRows _rows;
    private readonly SystemKeys _keys;

    internal IdentityOfModule(SealedRows rows, SystemKeys keys)
    {
        _rows = rows;
        _keys = keys;
    }

    /// <summary>The public half: SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> PublicKey => _keys.Identity.SubjectPublicKeyInfo;

    /// <summary>
    /// The self-signed certificate of this key, DER: made once, and the same ever after. Whoever is to trust it takes it once, by a way of their own. Refused with RowBroken for one that is not of this key.
    /// </summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    public async Task<Result<byte[]>> GetCertificateAsync(CancellationToken cancellationToken)
    {
        Result<SealedRow<IdentityCertificateRow>> read = await _rows.ReadAsync(_address, RowSchemas.IdentityCertificate, cancellationToken);
        if (read.Refusal?.Code == SamErrorCode.RowMissing)
        {
            DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
            byte[] made = await IdentityCertificate.CreateAsync(_keys.DeploymentId, PublicKey, now, SignDigestAsync, cancellationToken);

            // Of two that are made at once, the one in the table counts.
            _ = await _rows.InsertAsync(_address, RowSchemas.IdentityCertificate, new IdentityCertificateRow(made), CancellationToken.None);
            read = await _rows.ReadAsync(_address, RowSchemas.IdentityCertificate, CancellationToken.None);
        }

        if (read.IsRefused(out Refusal? unread, out SealedRow<IdentityCertificateRow>? row))
        {
            return unread;
        }

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(row.Value.Certificate);
        return CryptographicOperations.FixedTimeEquals(certificate.PublicKey.ExportSubjectPublicKeyInfo(), PublicKey.Span) ? row.Value.Certificate : SamErrorCode.RowBroken;
    }

    /// <summary>The SAM's signature over a SHA-256: R‖S, 64 bytes. For formats with a structure of their own, such as CMS; who uses it verifies what comes back.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    public Task<byte[]> SignDigestAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) => _keys.Identity.SignDigestAsync(sha256, cancellationToken);

    /// <summary>The store's time.</summary>
    public ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) => _rows.GetTimeAsync(cancellationToken);
}

/// <summary>The SAM's own certificate.</summary>
internal sealed record IdentityCertificateRow(byte[] Certificate);
