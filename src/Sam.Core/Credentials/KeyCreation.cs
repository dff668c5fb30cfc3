using Sam.Core.Anchoring;
using Sam.Core.Audit;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// Has a key made in the HSM, or taken in, and assigns it, in one step (REG-3): an intent with the key's name, the key, its public half as known for ever, the SAM's signature over all of it, and one commit.
/// Whatever breaks off, no key is left that anybody could use, and the sweep finds the rest.
/// </summary>
internal sealed class KeyCreation
{
    private const int MaxMultisign = 1_000;
    private const int LongestDescription = 200;

    // A signer, their counters and all their credentials are changed in one commit: 100 rows and 2 MiB at most.
    private const int MaxCredentials = 40;

    private readonly SealedRows _rows;
    private readonly IKeyBackend _backend;
    private readonly KeyBinding _bindings;
    private readonly DeploymentAnchor _anchor;
    private readonly IAuditLog _audit;
    private readonly KeyPolicy _policy;
    private readonly LevelPolicy _levels;

    internal KeyCreation(SealedRows rows, IKeyBackend backend, KeyBinding bindings, DeploymentAnchor anchor, IAuditLog audit, KeyPolicy policy, LevelPolicy levels)
    {
        _rows = rows;
        _backend = backend;
        _bindings = bindings;
        _anchor = anchor;
        _audit = audit;
        _policy = policy;
        _levels = levels;
    }

    /// <summary>As <see cref="CredentialRegistry.CreateAsync"/>.</summary>
    internal Task<Result<(CredentialId Credential, SigningKey Key)>> GenerateAsync(CredentialId credential, CredentialRequest request, Actor by, CancellationToken cancellationToken) =>
        CreateAsync(credential, request, isImported: false, async name => await _backend.GenerateKeyAsync(name, request.Algorithm, cancellationToken), by, cancellationToken);

    /// <summary>Whether a credential could be created so now: as <see cref="CreateAsync"/> is refused.</summary>
    internal async Task<Result<SealedRow<SignerRow>>> CheckAsync(SignerId signer, CredentialRequest request, CancellationToken cancellationToken)
    {
        if (FindFault(request) is { } fault)
        {
            return fault;
        }

        if ((await _rows.ReadAsync(SignerRows.Signer(signer), RowSchemas.Signer, cancellationToken)).IsRefused(out Refusal? noSigner, out SealedRow<SignerRow>? row))
        {
            return noSigner.Code == SamErrorCode.RowMissing ? SamErrorCode.SignerUnknown : noSigner;
        }

        return row.Value.Status == SignerStatus.Closed ? SamErrorCode.SignerStateWrong
            : await CountAsync(signer, cancellationToken) >= MaxCredentials ? new Refusal(SamErrorCode.ParameterInvalid, "signer")
            : row;
    }

    /// <summary>Has a key made under a fresh name, and assigns it.</summary>
    internal async Task<Result<(CredentialId Credential, SigningKey Key)>> CreateAsync(
        CredentialId credential, CredentialRequest request, bool isImported, Func<KeyName, Task<Result<SigningKey>>> make, Actor by, CancellationToken cancellationToken)
    {
        if ((await CheckAsync(credential.Signer, request, cancellationToken)).IsRefused(out Refusal? impossible, out SealedRow<SignerRow>? row))
        {
            return impossible;
        }

        KeyName name = KeyName.New();
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        RowAddress intent = CredentialRows.Intent(now, name);
        if ((await _rows.InsertAsync(intent, RowSchemas.KeyIntent, new KeyIntentRow(name.Value, credential.Value), CancellationToken.None)).IsRefused(out Refusal? unwritten, out RowETag etag))
        {
            return unwritten;
        }

        // From here on the key may exist: whatever breaks off, the sweep destroys it by its name.
        if ((await make(name)).IsRefused(out Refusal? refusal, out SigningKey? key)
            || (await AssignAsync(credential, row, key, request, isImported, by, now)).IsRefused(out refusal, out _))
        {
            await _backend.AbandonKeyAsync(name, CancellationToken.None);
            await _rows.DeleteAsync(intent, etag, CancellationToken.None);
            return refusal;
        }

        await _rows.DeleteAsync(intent, etag, CancellationToken.None);
        return (credential, key);
    }

    private Refusal? FindFault(CredentialRequest request) =>
        request.Multisign is < 1 or > MaxMultisign ? new Refusal(SamErrorCode.ParameterInvalid, "multisign")
        : request.Description is { } text && !PlainText.IsLine(text, LongestDescription) ? new Refusal(SamErrorCode.ParameterInvalid, "description")
        : !_levels.Allows(request.Level) ? SamErrorCode.LevelForbidden
        : request.Factors.HighestLevel < request.Level ? new Refusal(SamErrorCode.ParameterInvalid, "authorization")
        : !_policy.Allows(request.Algorithm) || !_backend.Description.KeyAlgorithms.Contains(request.Algorithm) ? SamErrorCode.KeyAlgorithmForbidden
        : null;

    /// <summary>The table's part of a key: known to be somebody's, bound, and in a row. Refused with KeyKnown, KeyWeak, RowConflict, or AnchorBroken.</summary>
    private async Task<Result<CredentialId>> AssignAsync(
        CredentialId credential, SealedRow<SignerRow> signer, SigningKey key, CredentialRequest request, bool isImported, Actor by, DateTimeOffset now)
    {
        if (WeakKeys.Has(key.SubjectPublicKeyInfo.Span) || PublicKeyFingerprint.Of(key.SubjectPublicKeyInfo.Span) is not { } fingerprint)
        {
            return SamErrorCode.KeyWeak;
        }

        // Rows can be deleted by whoever owns the storage; what was destroyed stays known by the anchor. A generated key is new, and need not be looked for.
        if (isImported)
        {
            if ((await _anchor.IsBuriedAsync(fingerprint, CancellationToken.None)).IsRefused(out Refusal? broken, out bool isBuried))
            {
                return broken;
            }

            if (isBuried)
            {
                return SamErrorCode.KeyKnown;
            }
        }

        RowAddress address = PublicKeyFingerprint.Address(fingerprint);
        if ((await _rows.InsertAsync(address, RowSchemas.KnownKey, new KnownKeyRow(credential.Value), CancellationToken.None)).IsRefused(out Refusal? known, out _)
            && (known.Code != SamErrorCode.RowConflict || (await TakeOverAsync(address, credential, by, now)).IsRefused(out known, out _)))
        {
            return known.Code == SamErrorCode.RowConflict ? SamErrorCode.KeyKnown : known;
        }

        CredentialRow state = new(
            signer.Value,
            CredentialStatus.AwaitingCertificate,
            request.Description,
            key.Reference.Value,
            request.Algorithm.Name,
            key.SubjectPublicKeyInfo.ToArray(),
            request.Level,
            request.Factors.Name,
            request.Multisign,
            Certificate: null,
            IsConfirmed: false,
            isImported,
            Binding: [],
            Destruction: null);
        state = state with { Binding = await _bindings.SignAsync(credential, state, CancellationToken.None) };
        RowWrite[] rows =
        [
            RowWrite.Insert(SignerRows.Credential(credential), RowSchemas.Credential, state),
            RowWrite.Insert(CredentialRows.File(credential), RowSchemas.CredentialFile, new CredentialFileRow([new ChangeRow(now, by.Name, "Create", null)], [])),

            // The signer's row is written too, unchanged: a change of the signer in between must not miss this credential.
            RowWrite.Replace(SignerRows.Signer(credential.Signer), RowSchemas.Signer, signer.Value, signer.ETag),
        ];
        if ((await _rows.CommitAsync(rows, CancellationToken.None)).IsRefused(out Refusal? conflict, out _))
        {
            return conflict;
        }

        await _audit.AppendAsync(new AuditRecord
        {
            Event = isImported ? AuditEvent.KeyImported : AuditEvent.KeyGenerated,
            By = by.Name,
            Signer = credential.Signer.Value,
            Credential = credential.Value,
            Algorithm = request.Algorithm.Name,
            Detail = key.Reference.Value,
        });
        return credential;
    }

    /// <summary>
    /// Takes over a key that is known of a credential which never came to be: its commit was lost. Refused with RowConflict: there is such a credential, or somebody else takes the key over.
    /// </summary>
    private async Task<Result<RowETag>> TakeOverAsync(RowAddress address, CredentialId credential, Actor by, DateTimeOffset now)
    {
        if ((await _rows.ReadAsync(address, RowSchemas.KnownKey, CancellationToken.None)).IsRefused(out Refusal? refusal, out SealedRow<KnownKeyRow>? known))
        {
            return refusal;
        }

        if (!CredentialId.TryParse(known.Value.Credential, out CredentialId earlier) || earlier == credential || !await IsMissingAsync(earlier))
        {
            return SamErrorCode.RowConflict;
        }

        // First the file of that credential, which its commit inserts, too: one that is still on its way fails now, and does not bring the key a second owner.
        _ = await _rows.InsertAsync(
            CredentialRows.File(earlier), RowSchemas.CredentialFile, new CredentialFileRow([new ChangeRow(now, by.Name, "Abandon", null)], []), CancellationToken.None);
        return await IsMissingAsync(earlier)
            ? await _rows.ReplaceAsync(address, RowSchemas.KnownKey, new KnownKeyRow(credential.Value), known.ETag, CancellationToken.None)
            : SamErrorCode.RowConflict;
    }

    private async Task<bool> IsMissingAsync(CredentialId credential) =>
        (await _rows.ReadAsync(SignerRows.Credential(credential), RowSchemas.Credential, CancellationToken.None)).Refusal?.Code == SamErrorCode.RowMissing;

    private async Task<int> CountAsync(SignerId signer, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (var _ in _rows.ListAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, cancellationToken))
        {
            count++;
        }

        return count;
    }
}
