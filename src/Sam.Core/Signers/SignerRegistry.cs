using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>
/// Registers signers, sets their PINs and gives them keys and certificates (REG-1 to REG-3). Who may ask for it is decided before: today by the development host alone.
/// </summary>
/// <remarks>
/// Every credential's row repeats its signer's, so a change of the signer is one commit of the partition: signer, counters and all credentials, or nothing.
/// </remarks>
public sealed class SignerRegistry
{
    private const int MaxUserIdLength = 128;
    private const int MaxMultisign = 1_000;

    // A signer, their counters and all their credentials are changed in one commit: 100 rows and 2 MiB at most.
    private const int MaxCredentials = 40;

    private readonly SealedRows _rows;
    private readonly IKeyBackend _backend;
    private readonly PinCheck _pins;
    private readonly KeyReference _pepper;
    private readonly IAuditLog _audit;

    internal SignerRegistry(SealedRows rows, IKeyBackend backend, PinCheck pins, KeyReference pepper, IAuditLog audit)
    {
        _rows = rows;
        _backend = backend;
        _pins = pins;
        _pepper = pepper;
        _audit = audit;
    }

    /// <summary>
    /// Registers a signer under a user id of 1 to 128 characters, or finds the one that has it already (whose clients then stay as they were).
    /// Refused with ParameterInvalid; with RowBroken when a signer's rows were deleted and their credentials were not: fresh counters would give back the attempts on the old PIN.
    /// </summary>
    public async Task<Result<SignerId>> RegisterAsync(string userId, LinkedClients clients, CancellationToken cancellationToken)
    {
        if (!IsUserId(userId))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "name");
        }

        // The login first: its conditional insert makes the user id unique. A crash after it leaves a login without a signer, which the next call completes.
        SignerId signer = SignerId.New();
        if ((await _rows.InsertAsync(SignerRows.Login(userId), RowSchemas.Login, new LoginRow(signer.Value), CancellationToken.None)).IsRefused(out _, out _))
        {
            if ((await FindAsync(userId, cancellationToken)).IsRefused(out Refusal? unread, out signer))
            {
                return unread;
            }

            if ((await _rows.ReadAsync(SignerRows.Signer(signer), RowSchemas.Signer, cancellationToken)).Refusal?.Code != SamErrorCode.RowMissing)
            {
                return signer;
            }

            if (await HasCredentialsAsync(signer, cancellationToken))
            {
                return SamErrorCode.RowBroken;
            }
        }

        RowWrite[] rows =
        [
            RowWrite.Insert(SignerRows.Signer(signer), RowSchemas.Signer, new SignerRow(userId, SignerStatus.Active, clients, Pin: null)),
            RowWrite.Insert(SignerRows.Counters(signer), RowSchemas.Counters, CountersRow.Fresh(version: 1)),
        ];
        if (!(await _rows.CommitAsync(rows, CancellationToken.None)).IsRefused(out _, out _))
        {
            await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.SignerRegistered, Signer = signer.Value, User = userId });
        }

        return signer;
    }

    /// <summary>Finds a signer by user id. Refused with UserIdUnknown.</summary>
    public async Task<Result<SignerId>> FindAsync(string userId, CancellationToken cancellationToken)
    {
        if (!IsUserId(userId))
        {
            return SamErrorCode.UserIdUnknown;
        }

        Result<SealedRow<LoginRow>> login = await _rows.ReadAsync(SignerRows.Login(userId), RowSchemas.Login, cancellationToken);
        if (login.IsRefused(out Refusal? refusal, out SealedRow<LoginRow>? row))
        {
            return refusal.Code == SamErrorCode.RowMissing ? SamErrorCode.UserIdUnknown : refusal;
        }

        return SignerId.TryParse(row.Value.Signer, out SignerId signer) ? signer : SamErrorCode.RowBroken;
    }

    /// <summary>
    /// Sets a signer's PIN and starts its counters anew. Live SADs of the signer end.
    /// Refused with ParameterInvalid (no character), RowMissing, or RowConflict when something else changed at the same time.
    /// </summary>
    public async Task<Result<SignerId>> SetPinAsync(SignerId signer, SecretText pin, CancellationToken cancellationToken)
    {
        if (pin.Length == 0)
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "pin");
        }

        if ((await _rows.ReadAsync(SignerRows.Signer(signer), RowSchemas.Signer, cancellationToken)).IsRefused(out Refusal? noSigner, out SealedRow<SignerRow>? row))
        {
            return noSigner;
        }

        if ((await _rows.ReadToOverwriteAsync(SignerRows.Counters(signer), RowSchemas.Counters, cancellationToken))
            .IsRefused(out Refusal? noCounters, out SealedRow<CountersRow>? counters))
        {
            return noCounters;
        }

        // Of the old counters only the version goes into the new ones. Had somebody written an older row back, the new one stays below the floor for a minute at most.
        PinVerifier verifier = await _pins.CreateVerifierAsync(signer, pin, _pepper, cancellationToken);
        RowWrite reset = RowWrite.Replace(SignerRows.Counters(signer), RowSchemas.Counters, CountersRow.Fresh(counters.Value.Version + 1), counters.ETag);
        return await ChangeAsync(signer, row, row.Value with { Pin = verifier }, [reset], AuditEvent.PinSet, cancellationToken);
    }

    /// <summary>
    /// Generates a key in the HSM and assigns it to the signer, as a credential that awaits its certificate. Gives the credential and the public key.
    /// Refused with ParameterInvalid (multisign outside 1 to 1,000, or a signer with 40 credentials), or RowMissing.
    /// </summary>
    public async Task<Result<(CredentialId Credential, SigningKey Key)>> CreateCredentialAsync(
        SignerId signer, KeyAlgorithm algorithm, int multisign, string? description, CancellationToken cancellationToken)
    {
        if (multisign is < 1 or > MaxMultisign)
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "multisign");
        }

        if ((await _rows.ReadAsync(SignerRows.Signer(signer), RowSchemas.Signer, cancellationToken)).IsRefused(out Refusal? noSigner, out SealedRow<SignerRow>? row))
        {
            return noSigner;
        }

        if (await CountCredentialsAsync(signer, cancellationToken) >= MaxCredentials)
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "signer");
        }

        CredentialId credential = CredentialId.New(signer);
        SigningKey key = await _backend.GenerateKeyAsync(KeyName.New(), algorithm, cancellationToken);
        CredentialRow state = new(
            row.Value, CredentialStatus.AwaitingCertificate, description, key.Reference.Value, algorithm.Name, key.SubjectPublicKeyInfo.ToArray(), multisign, Certificate: null);
        RowWrite[] rows =
        [
            RowWrite.Insert(SignerRows.Credential(credential), RowSchemas.Credential, state),

            // The signer's row is written too, unchanged: a change of the signer in between must not miss this credential.
            RowWrite.Replace(SignerRows.Signer(signer), RowSchemas.Signer, row.Value, row.ETag),
        ];

        // In doubt, this throws and the key stays: the row may stand after all, and a key without a row is of no use to anybody.
        if ((await _rows.CommitAsync(rows, CancellationToken.None)).IsRefused(out Refusal? conflict, out _))
        {
            await _backend.DestroyKeyAsync(key.Reference, CancellationToken.None);
            return conflict;
        }

        await _audit.AppendAsync(new AuditRecord
        {
            Event = AuditEvent.KeyGenerated,
            Signer = signer.Value,
            Credential = credential.Value,
            Algorithm = algorithm.Name,
            Detail = key.Reference.Value,
        });
        return (credential, key);
    }

    /// <summary>
    /// Gives a credential its certificate, with the chain behind it, and makes it usable, unless it is suspended.
    /// Refused with CredentialUnknown, ParameterInvalid (no certificate, or one of another key), or RowConflict.
    /// </summary>
    public async Task<Result<CredentialId>> SetCertificateAsync(CredentialId credential, IReadOnlyList<byte[]> chain, CancellationToken cancellationToken)
    {
        if ((await _rows.ReadAsync(SignerRows.Credential(credential), RowSchemas.Credential, cancellationToken))
            .IsRefused(out Refusal? refusal, out SealedRow<CredentialRow>? row))
        {
            return refusal.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : refusal;
        }

        if (CertificateCheck.Read(chain, row.Value.PublicKey) is not { } certificate)
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "certificates");
        }

        // A new certificate is no way around a suspension.
        CredentialStatus status = row.Value.Status == CredentialStatus.AwaitingCertificate ? CredentialStatus.Active : row.Value.Status;
        return await SetStateAsync(credential, row, row.Value with { Certificate = certificate, Status = status }, AuditEvent.CertificateSet);
    }

    /// <summary>Suspends or resumes a credential. Live SADs end at once, also one whose key is being used now. Refused with CredentialUnknown or RowConflict.</summary>
    public async Task<Result<CredentialId>> SetSuspendedAsync(CredentialId credential, bool suspended, CancellationToken cancellationToken)
    {
        if ((await _rows.ReadAsync(SignerRows.Credential(credential), RowSchemas.Credential, cancellationToken))
            .IsRefused(out Refusal? refusal, out SealedRow<CredentialRow>? row))
        {
            return refusal.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : refusal;
        }

        CredentialStatus resumed = row.Value.Certificate is null ? CredentialStatus.AwaitingCertificate : CredentialStatus.Active;
        return await SetStateAsync(
            credential,
            row,
            row.Value with { Status = suspended ? CredentialStatus.Suspended : resumed },
            suspended ? AuditEvent.CredentialSuspended : AuditEvent.CredentialResumed);
    }

    private static bool IsUserId(string text) => text.Length is > 0 and <= MaxUserIdLength && !text.Any(char.IsControl);

    private async Task<int> CountCredentialsAsync(SignerId signer, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (var _ in _rows.ListAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, cancellationToken))
        {
            count++;
        }

        return count;
    }

    private async Task<bool> HasCredentialsAsync(SignerId signer, CancellationToken cancellationToken)
    {
        await foreach ((RowAddress, SealedRow<CredentialRow>) _ in
            _rows.ListAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, cancellationToken))
        {
            return true;
        }

        return false;
    }

    private async Task<Result<CredentialId>> SetStateAsync(CredentialId credential, SealedRow<CredentialRow> old, CredentialRow state, AuditEvent what)
    {
        Result<RowETag> written = await _rows.ReplaceAsync(SignerRows.Credential(credential), RowSchemas.Credential, state, old.ETag, CancellationToken.None);
        if (written.IsRefused(out Refusal? conflict, out _))
        {
            return conflict;
        }

        await _audit.AppendAsync(new AuditRecord { Event = what, Signer = credential.Signer.Value, Credential = credential.Value });
        return credential;
    }

    /// <summary>Replaces the signer's row, the given rows, and the signer's part of every credential row, in one commit.</summary>
    private async Task<Result<SignerId>> ChangeAsync(
        SignerId signer, SealedRow<SignerRow> old, SignerRow changed, IReadOnlyList<RowWrite> others, AuditEvent what, CancellationToken cancellationToken)
    {
        List<RowWrite> changes = [RowWrite.Replace(SignerRows.Signer(signer), RowSchemas.Signer, changed, old.ETag), .. others];
        await foreach ((RowAddress address, SealedRow<CredentialRow> row) in
            _rows.ListAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, cancellationToken))
        {
            changes.Add(RowWrite.Replace(address, RowSchemas.Credential, row.Value with { Signer = changed }, row.ETag));
        }

        if ((await _rows.CommitAsync(changes, CancellationToken.None)).IsRefused(out Refusal? conflict, out _))
        {
            return conflict;
        }

        await _audit.AppendAsync(new AuditRecord { Event = what, Signer = signer.Value });
        return signer;
    }
}
