using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>The way to a certificate and back: the request in the registered name, and the judgement of what the authority gave for it (CSR-1, CSR-2, REG-4).</summary>
internal sealed class Certification
{
    private readonly SealedRows _rows;
    private readonly KeyBackendGuard _guard;
    private readonly KeyBinding _bindings;
    private readonly CertificateCheck _check;
    private readonly RevocationCheck _revocation;
    private readonly IAuditLog _audit;

    internal Certification(SealedRows rows, KeyBackendGuard guard, KeyBinding bindings, CertificatePolicy policy, RevocationCheck revocation, IAuditLog audit)
    {
        _rows = rows;
        _guard = guard;
        _bindings = bindings;
        _check = new CertificateCheck(policy);
        _revocation = revocation;
        _audit = audit;
    }

    internal async Task<Result<MadeRequest>> RequestAsync(CredentialId credential, Actor by, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(credential, cancellationToken)).IsRefused(out Refusal? refusal, out (CredentialRow Row, SubjectName Identity) known))
        {
            return refusal;
        }

        if (CredentialLife.After(CredentialAct.Certify, known.Row, bySigner: false) is null)
        {
            return SamErrorCode.CredentialStateWrong;
        }

        if (known.Row is { IsImported: true, IsConfirmed: false, Certificate: null })
        {
            return SamErrorCode.ImportNotConfirmed;
        }

        // What leaves for an authority is the key that was assigned, by the SAM's own signature (REG-4).
        if (!_bindings.IsGenuine(credential, known.Row))
        {
            return SamErrorCode.KeySwapped;
        }

        if ((await SigningRequest.CreateAsync(known.Identity, known.Row.SigningKey, _guard, cancellationToken)).IsRefused(out refusal, out byte[]? request))
        {
            return refusal;
        }

        RequestComparison? comparison = SigningRequestContent.Read(request)?.CompareWith(known.Identity, known.Row.PublicKey);
        if (comparison is not { IsAsRegistered: true })
        {
            return SamErrorCode.RequestMismatch;
        }

        await _audit.AppendAsync(new AuditRecord
        {
            Event = AuditEvent.RequestMade,
            By = by.Name,
            Signer = credential.Signer.Value,
            Credential = credential.Value,
            Key = known.Row.SigningKey.Reference.Value,
            Detail = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(request)),
        });
        return new MadeRequest(request, comparison);
    }

    /// <summary>Judges a certificate. Refusals are audited.</summary>
    internal async Task<Result<CertificateRow>> CheckAsync(CredentialId credential, IReadOnlyList<byte[]> chain, Actor by, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(credential, cancellationToken)).IsRefused(out Refusal? refusal, out (CredentialRow Row, SubjectName Identity) known))
        {
            return refusal;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if (!_check.Check(chain, known.Row.PublicKey, known.Identity, now).IsRefused(out refusal, out CertificateRow? certificate))
        {
            if (await _revocation.FindObstacleAsync(certificate.Chain, now, cancellationToken) is not { } revoked)
            {
                return certificate;
            }

            refusal = revoked;
        }

        await _audit.AppendAsync(new AuditRecord
        {
            Event = AuditEvent.CertificateRefused,
            By = by.Name,
            Signer = credential.Signer.Value,
            Credential = credential.Value,
            Cause = refusal.Code.ToString(),
        });
        return refusal;
    }

    private async Task<Result<(CredentialRow Row, SubjectName Identity)>> ReadAsync(CredentialId credential, CancellationToken cancellationToken)
    {
        if ((await _rows.ReadAsync(SignerRows.Credential(credential), RowSchemas.Credential, cancellationToken)).IsRefused(out Refusal? unread, out SealedRow<CredentialRow>? row))
        {
            return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : unread;
        }

        return (await _rows.ReadAsync(SignerRows.File(credential.Signer), RowSchemas.SignerFile, cancellationToken)).IsRefused(out unread, out SealedRow<SignerFileRow>? file)
            ? (unread.Code == SamErrorCode.RowMissing ? SamErrorCode.RowBroken : unread)
            : (row.Value, file.Value.Identity);
    }
}
