using Sam.Core.Anchoring;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// Keys of signers, their certificates and their life as officers see to it (REG-3, MGT-2). A state is one row, so a change of it ends every live SAD, also one whose key is being used now
/// (security decision 6). What a signer does with a credential of theirs is <see cref="SignersCredentials"/>.
/// </summary>
public sealed class CredentialRegistry
{
    private const int MaxConflicts = 5;

    private readonly SealedRows _rows;
    private readonly IKeyBackend _backend;
    private readonly DeploymentAnchor _anchor;
    private readonly IAuditLog _audit;
    private readonly KeyCreation _creation;
    private readonly KeyBinding _bindings;
    private readonly Certification _certification;
    private readonly AbandonedKeys _abandoned;
    private readonly StandingStops _stops;

    internal CredentialRegistry(
        SealedRows rows, IKeyBackend backend, KeyCreation creation, KeyBinding bindings, DeploymentAnchor anchor, StandingStops stops, IAuditLog audit, Certification certification)
    {
        _rows = rows;
        _stops = stops;
        _backend = backend;
        _anchor = anchor;
        _audit = audit;
        _creation = creation;
        _bindings = bindings;
        _certification = certification;
        _abandoned = new AbandonedKeys(rows, backend, audit);
    }

    /// <summary>
    /// Generates a key in the HSM and assigns it to the signer, as a credential that awaits its certificate. Refused with ParameterInvalid (multisign, description, or a signer with 40
    /// credentials), KeyAlgorithmForbidden, SignerUnknown, SignerStateWrong (closed), KeyKnown, or RowConflict; then no key stays.
    /// </summary>
    /// <param name="signer">Whose it will be.</param>
    /// <param name="request">What it will be.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="cancellationToken">Gives up before the key is made.</param>
    /// <param name="id">An id of this signer's that was chosen before; null for a fresh one.</param>
    public Task<Result<(CredentialId Credential, SigningKey Key)>> CreateAsync(
        SignerId signer, CredentialRequest request, Actor by, CancellationToken cancellationToken, CredentialId? id = null) =>
        _creation.GenerateAsync(id ?? CredentialId.New(signer), request, by, cancellationToken);

    /// <summary>
    /// Gives a credential its certificate, with the chain behind it; its signer then confirms it, the first time. The one before is kept.
    /// Refused with CredentialUnknown, CredentialStateWrong, VersionOutdated, RowConflict, or for what is wrong with the certificate, each fault its own: see <see cref="CertificateCheck"/>
    /// and <see cref="RevocationCheck"/>.
    /// </summary>
    public async Task<Result<CredentialId>> SetCertificateAsync(CredentialId credential, IReadOnlyList<byte[]> chain, Actor by, RowETag? expected, CancellationToken cancellationToken) =>
        (await _certification.CheckAsync(credential, chain, by, cancellationToken)).IsRefused(out Refusal? refusal, out CertificateRow? certificate)
            ? refusal
            : await ActAsync(credential, CredentialAct.Certify, by, reason: null, expected, row => row with { Certificate = certificate }, cancellationToken);

    /// <summary>
    /// A certification request for a credential's key in its signer's registered name, and what is in it beside what was registered (CSR-2). Refused with CredentialUnknown,
    /// CredentialStateWrong (revoked or destroyed), ImportNotConfirmed, KeySwapped, or SignatureNotVerified.
    /// </summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    public Task<Result<MadeRequest>> RequestCertificateAsync(CredentialId credential, Actor by, CancellationToken cancellationToken) =>
        _certification.RequestAsync(credential, by, cancellationToken);

    /// <summary>Stops a credential for now. Refused with CredentialUnknown, CredentialStateWrong, VersionOutdated, ParameterInvalid (no reason), or RowConflict. So the next ones.</summary>
    public Task<Result<CredentialId>> SuspendAsync(CredentialId credential, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken) =>
        StopAsync(credential, CredentialAct.Suspend, by, reason, expected, cancellationToken);

    /// <summary>Lets a suspended credential be used again, as far as it could be.</summary>
    public Task<Result<CredentialId>> ResumeAsync(CredentialId credential, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken) =>
        StopAsync(credential, CredentialAct.Resume, by, reason, expected, cancellationToken);

    /// <summary>Stops a credential for good; the key stays in the HSM.</summary>
    public Task<Result<CredentialId>> RevokeAsync(CredentialId credential, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken) =>
        StopAsync(credential, CredentialAct.Revoke, by, reason, expected, cancellationToken);

    /// <summary>
    /// Destroys a credential's key: first the state says so, so that nothing is signed any more; then the HSM destroys it; then it is looked for and asked to sign, in vain. Asking again
    /// finishes what broke off. Refused as the others are, or with KeySwapped: the row names another key than the one that was assigned. Then the credential is stopped, and no key is destroyed.
    /// </summary>
    /// <exception cref="KeyBackendException">The HSM is away, or still has the key. The credential cannot be used, and whoever asks again goes on.</exception>
    public async Task<Result<CredentialView>> DestroyAsync(CredentialId credential, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken)
    {
        Result<CredentialId> stopped = await StopAsync(credential, CredentialAct.Destroy, by, reason, expected, cancellationToken);
        return stopped.Refusal is { } refusal && refusal.Code != SamErrorCode.CredentialStateWrong ? refusal : await FinishDestructionAsync(credential, by, cancellationToken);
    }

    /// <summary>A credential, as privileged users and its signer see it. Refused with CredentialUnknown.</summary>
    public async Task<Result<CredentialView>> ViewAsync(CredentialId credential, CancellationToken cancellationToken) =>
        (await ReadAsync(credential, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<CredentialRow>? row)
            ? refusal
            : CredentialView.Of(credential, row, await _rows.GetTimeAsync(cancellationToken));

    /// <summary>What became of a credential, oldest first. Refused with CredentialUnknown.</summary>
    public async Task<Result<IReadOnlyList<ChangeView>>> ListHistoryAsync(CredentialId credential, CancellationToken cancellationToken)
    {
        Result<SealedRow<CredentialFileRow>> read = await _rows.ReadAsync(CredentialRows.File(credential), RowSchemas.CredentialFile, cancellationToken);
        return read.IsRefused(out Refusal? unread, out SealedRow<CredentialFileRow>? file)
            ? (unread.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : unread)
            : Result.Ok<IReadOnlyList<ChangeView>>([.. file.Value.History.Select(c => new ChangeView(c.At, c.By, c.What, c.Reason))]);
    }

    /// <summary>All credentials of a signer.</summary>
    public async Task<IReadOnlyList<CredentialView>> ListAsync(SignerId signer, CancellationToken cancellationToken)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        List<CredentialView> found = [];
        await foreach ((RowAddress address, SealedRow<CredentialRow> row) in
            _rows.ListAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, cancellationToken))
        {
            if (CredentialId.TryParse($"{signer.Value}-{address.RowKey[SignerRows.CredentialPrefix.Length..]}", out CredentialId id))
            {
                found.Add(CredentialView.Of(id, row, now));
            }
        }

        return found;
    }

    /// <summary>Destroys keys that no credential came of; a host asks for it now and then. Gives how many there were.</summary>
    public Task<int> SweepAsync(CancellationToken cancellationToken) => _abandoned.SweepAsync(cancellationToken);

    /// <summary>The signer's word that the credential is theirs, once their factors were checked.</summary>
    internal Task<Result<CredentialId>> ConfirmAsync(CredentialId credential, Actor by, CancellationToken cancellationToken) =>
        ActAsync(credential, CredentialAct.Confirm, by, reason: null, expected: null, row => row with { IsConfirmed = true }, cancellationToken);

    /// <summary>
    /// A change of a credential's state and of rows beside it, in one commit. A stop goes on, with an alarm, where the file does not open or is written all the time: no signature is judged
    /// by it, its history stands in the audit, too, and whoever writes the tables takes no stop away.
    /// </summary>
    internal async Task<Result<CredentialId>> ActAsync(
        CredentialId credential,
        CredentialAct act,
        Actor by,
        string? reason,
        RowETag? expected,
        Func<CredentialRow, Result<CredentialRow>> change,
        CancellationToken cancellationToken,
        params IReadOnlyList<RowWrite> others)
    {
        if ((await ReadAsync(credential, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<CredentialRow>? row))
        {
            return refusal;
        }

        bool isStop = act is CredentialAct.Suspend or CredentialAct.Revoke or CredentialAct.Destroy;
        RowAddress fileAddress = CredentialRows.File(credential);
        (RowETag? fileETag, Result<SealedRow<CredentialFileRow>> read) = await _rows.ReadAnyAsync(fileAddress, RowSchemas.CredentialFile, cancellationToken);
        if (read.IsRefused(out Refusal? fault, out SealedRow<CredentialFileRow>? file) && !isStop)
        {
            return fault.Code == SamErrorCode.RowMissing ? SamErrorCode.RowBroken : fault;
        }

        if (expected is { } version && version != row.ETag)
        {
            return SamErrorCode.VersionOutdated;
        }

        if (CredentialLife.After(act, row.Value, by.IsSigner) is not { } next)
        {
            return SamErrorCode.CredentialStateWrong;
        }

        if (change(next with { Stops = row.Value.Stops + (isStop ? 1 : 0) }).IsRefused(out refusal, out CredentialRow? changed))
        {
            return refusal;
        }

        ChangeRow step = new(await _rows.GetTimeAsync(cancellationToken), by.Name, act.ToString(), reason);
        RowWrite[] writes =
        [
            RowWrite.Replace(SignerRows.Credential(credential), RowSchemas.Credential, changed, row.ETag),
            .. others,
            RowWrite.Put(
                fileAddress, RowSchemas.CredentialFile, (file?.Value ?? new CredentialFileRow([], [])).With(step, act == CredentialAct.Certify ? row.Value.Certificate : null), fileETag),
        ];
        if ((await _rows.CommitAsync(writes, CancellationToken.None)).IsRefused(out refusal, out _)
            && (!isStop || (await _rows.CommitAsync(writes[..^1], CancellationToken.None)).IsRefused(out _, out _)))
        {
            return refusal;
        }

        if (isStop)
        {
            _stops.Watch(credential, changed);
            if ((fault ?? refusal) is { } alarm)
            {
                await _audit.AppendAsync(AuditRecord.OfFault(fileAddress, alarm.Code, "a stop went on without it") with { Credential = credential.Value });
            }
        }

        if (act != CredentialAct.Destroy)
        {
            // A destruction is told of when it is seen.
            await AuditAsync(CredentialLife.EventOf(act), credential, by, reason);
        }

        return credential;
    }

    /// <summary>The HSM's part of a destruction, and the proof of it.</summary>
    internal async Task<Result<CredentialView>> FinishDestructionAsync(CredentialId credential, Actor by, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(credential, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<CredentialRow>? row))
        {
            return refusal;
        }

        if (row.Value.Status != CredentialStatus.Destroyed || row.Value.Destruction is not null)
        {
            return SamErrorCode.CredentialStateWrong;
        }

        // What a row names that the SAM did not sign is another credential's key, or none of ours. The credential is stopped all the same.
        if (!_bindings.IsGenuine(credential, row.Value))
        {
            return SamErrorCode.KeySwapped;
        }

        DateTimeOffset? keptUntil = await KeyDestruction.RunAsync(_backend, row.Value.SigningKey);
        Result<AnchorDocument> buried = await _anchor.ChangeAsync(
            document => document.With(PublicKeyFingerprint.Of(row.Value.PublicKey) ?? []), CancellationToken.None);
        if (buried.Refusal is { } unburied && unburied.Code != SamErrorCode.NotInitialized)
        {
            return unburied;
        }

        // The key is gone: what else became of the row meanwhile, as when its signer was suspended, is no reason to say anything else.
        CredentialRow destroyed;
        RowETag etag;
        for (int conflicts = 0; ; conflicts++)
        {
            destroyed = row.Value with { Destruction = new DestructionRow(IsProven: true, keptUntil) };
            if (!(await _rows.ReplaceAsync(SignerRows.Credential(credential), RowSchemas.Credential, destroyed, row.ETag, CancellationToken.None)).IsRefused(out refusal, out etag))
            {
                break;
            }

            if (refusal.Code != SamErrorCode.RowConflict || conflicts == MaxConflicts || (await ReadAsync(credential, CancellationToken.None)).IsRefused(out refusal, out row))
            {
                return refusal;
            }

            if (row.Value.Destruction is not null)
            {
                // Somebody else has finished it.
                return SamErrorCode.CredentialStateWrong;
            }
        }

        await AuditAsync(AuditEvent.KeyDestroyed, credential, by, keptUntil is { } until ? $"kept by the HSM until {until:u}" : "not found and signs no more");
        return CredentialView.Of(credential, new SealedRow<CredentialRow>(destroyed, etag), await _rows.GetTimeAsync(CancellationToken.None));
    }

    private async Task<Result<SealedRow<CredentialRow>>> ReadAsync(CredentialId credential, CancellationToken cancellationToken)
    {
        Result<SealedRow<CredentialRow>> read = await _rows.ReadAsync(SignerRows.Credential(credential), RowSchemas.Credential, cancellationToken);
        return read.Refusal?.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : read;
    }

    private async Task<Result<CredentialId>> StopAsync(CredentialId credential, CredentialAct act, Actor by, string reason, RowETag? expected, CancellationToken cancellationToken) =>
        SignerChanges.IsReason(reason)
            ? await ActAsync(credential, act, by, reason, expected, row => row, cancellationToken)
            : new Refusal(SamErrorCode.ParameterInvalid, "reason");

    private async Task AuditAsync(AuditEvent what, CredentialId credential, Actor by, string? detail) => await _audit.AppendAsync(new AuditRecord
    {
        Event = what,
        By = by.Name,
        Signer = credential.Signer.Value,
        Credential = credential.Value,
        Detail = detail,
    });
}
