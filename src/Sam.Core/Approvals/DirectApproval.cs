using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>
/// Direct approval (ACT-2; security decision 9): a client asks, the signer's device is shown by the SAM itself what for, and signs it; the client then gets its SAD. No secret of the signer
/// passes through the application.
/// </summary>
public sealed class DirectApproval
{
    private readonly SealedRows _rows;
    private readonly Envelope _envelope;
    private readonly ApprovalRows _approvals;
    private readonly DeviceCheck _devices;
    private readonly SadCodec _sads;
    private readonly PinCheck _pins;
    private readonly UsedChallenges _used;
    private readonly IAuditLog _audit;
    private readonly ActivationPolicy _policy;

    internal DirectApproval(SealedRows rows, Envelope envelope, DeviceCheck devices, SadCodec sads, PinCheck pins, UsedChallenges used, IAuditLog audit, ActivationPolicy policy)
    {
        _rows = rows;
        _envelope = envelope;
        _approvals = new ApprovalRows(rows);
        _devices = devices;
        _sads = sads;
        _pins = pins;
        _used = used;
        _audit = audit;
        _policy = policy;
    }

    /// <summary>Puts what a client asks for before the signer. Nothing stands against it but their word. Refused with TooManyApprovals.</summary>
    internal async Task<Result<SecretText>> AskAsync(AuthorizeRequest request, RowETag credential, CancellationToken cancellationToken)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        DateTimeOffset expiresAt = now + _policy.ApprovalLifetime;
        ApprovalRow row = new(
            request.Caller.Client.Value,
            request.Credential.Value,
            credential.Value,
            request.Digests[0].Algorithm.Oid,
            DigestMultiset.Pack(request.Digests),
            request.Label ?? string.Empty,
            expiresAt,
            TransactionRows.PurgeMinute(expiresAt + _policy.MaxTransactionLife + _policy.Retention),
            ApprovalState.Pending,
            Device: string.Empty,
            Signature: [],
            Transaction: string.Empty);
        ApprovalId id = ApprovalId.New();
        return (await _approvals.AddAsync(request.Credential.Signer, id, row, now, cancellationToken)).IsRefused(out Refusal? refusal, out _)
            ? refusal
            : new ApprovalHandle(request.Credential.Signer, id).Seal(_envelope, request.Caller);
    }

    /// <summary>
    /// What waits for a signer's decision, told to a device of theirs: under their own login, with a proof by the device's key in the form of <see cref="ProofClaims"/>. Refused with
    /// NotTheSigner, ProofMissing or ProofInvalid.
    /// </summary>
    public async Task<Result<IReadOnlyList<PendingApproval>>> ListAsync(LoginName login, OfficerRequest request, CancellationToken cancellationToken)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if ((await _devices.FindSignerAsync(login, cancellationToken)).IsRefused(out Refusal? refusal, out (SignerId Id, SignerRow Row) signer))
        {
            return refusal;
        }

        if (_devices.FindFault(signer.Id, signer.Row, request, now) is { } fault)
        {
            return fault;
        }

        List<PendingApproval> pending = [];
        await foreach ((ApprovalId id, ApprovalRow row) in _approvals.ListAsync(signer.Id, cancellationToken))
        {
            if (row.State == ApprovalState.Pending && now < row.ExpiresAt && await FindCredentialAsync(row, cancellationToken) is { } credential)
            {
                pending.Add(Show(id, row, credential));
            }
        }

        return pending;
    }

    /// <summary>
    /// Takes a device's decision; the first one counts. Refused, and recorded, with NotTheSigner, ApprovalUnknown, ApprovalClosed, ApprovalExpired, DeviceSignatureInvalid, CredentialChanged,
    /// AuthDataInvalid (the PIN is missing), PinWrong or PinLocked.
    /// </summary>
    public async Task<Result<ApprovalId>> DecideAsync(LoginName login, Decision decision, CancellationToken cancellationToken)
    {
        Result<ApprovalRow> decided = await TryDecideAsync(login, decision, cancellationToken);
        await _audit.AppendAsync(new AuditRecord
        {
            Event = decided.Refusal is not null ? AuditEvent.DecisionRefused : decision.Approves ? AuditEvent.ApprovalGiven : AuditEvent.ApprovalRefused,
            Cause = decided.Refusal?.Code.ToString(),
            Client = decided.Refusal is null ? decided.Value.Client : null,
            Credential = decided.Refusal is null ? decided.Value.Credential : null,
            User = login.ToString(),
            Transaction = decision.Approval.Value,
            Detail = $"device {decision.Device}",
        });
        return decided.IsRefused(out Refusal? refusal, out _) ? refusal : decision.Approval;
    }

    /// <summary>The SAD of an approval, for the client that asked; null while the signer has not decided. Refused with HandleInvalid, ApprovalExpired or ApprovalRefused.</summary>
    internal async Task<Result<Redeemed>> RedeemAsync(Caller caller, SecretText handle, CancellationToken cancellationToken)
    {
        if (ApprovalHandle.Open(_envelope, handle, caller).IsRefused(out Refusal? refusal, out ApprovalHandle? opened)
            || (await _approvals.FindAsync(opened.Signer, opened.Approval, cancellationToken)).IsRefused(out refusal, out SealedRow<ApprovalRow>? row))
        {
            return refusal.Code == SamErrorCode.ApprovalUnknown ? SamErrorCode.HandleInvalid : refusal;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        return row.Value.Client != caller.Client.Value ? SamErrorCode.HandleInvalid
            : row.Value.State == ApprovalState.Refused ? SamErrorCode.ApprovalRefused
            : now >= row.Value.ExpiresAt ? SamErrorCode.ApprovalExpired
            : row.Value.State == ApprovalState.Pending ? new Redeemed(row.Value.CredentialId, Sad: null)
            : row.Value.State == ApprovalState.Approved ? await UseAsync(opened, row, now, cancellationToken)
            : await FindAgainAsync(opened, row.Value, now, cancellationToken);
    }

    private async Task<Result<ApprovalRow>> TryDecideAsync(LoginName login, Decision decision, CancellationToken cancellationToken)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if ((await _devices.FindSignerAsync(login, cancellationToken)).IsRefused(out Refusal? refusal, out (SignerId Id, SignerRow Row) signer)
            || (await _approvals.FindAsync(signer.Id, decision.Approval, cancellationToken)).IsRefused(out refusal, out SealedRow<ApprovalRow>? row))
        {
            return refusal;
        }

        if (row.Value.State != ApprovalState.Pending || now >= row.Value.ExpiresAt)
        {
            return row.Value.State != ApprovalState.Pending ? SamErrorCode.ApprovalClosed : SamErrorCode.ApprovalExpired;
        }

        if (await FindCredentialAsync(row.Value, cancellationToken) is not { } credential)
        {
            return SamErrorCode.CredentialChanged;
        }

        // The device before the PIN: a stranger can neither guess it nor lock it (security decision 11).
        byte[] statement = _devices.Statement(decision.Approves, Show(decision.Approval, row.Value, credential));
        if (!_devices.HasSigned(signer.Id, signer.Row, decision.Device, statement, decision.Signature.Span))
        {
            return SamErrorCode.DeviceSignatureInvalid;
        }

        Func<Task> refund = static () => Task.CompletedTask;
        if (decision.Approves && credential.KeyAuthorization.NeedsPin)
        {
            if (decision.Pin is not { Length: > 0 } pin || credential.Signer.Pin is not { } verifier)
            {
                return SamErrorCode.AuthDataInvalid;
            }

            if ((await _pins.VerifyAsync(signer.Id, verifier, pin, cancellationToken)).IsRefused(out refusal, out refund!))
            {
                return refusal;
            }
        }

        ApprovalRow decided = row.Value with
        {
            State = decision.Approves ? ApprovalState.Approved : ApprovalState.Refused,
            Device = decision.Device.Value,
            Signature = decision.Signature.ToArray(),
        };
        Task refunded = refund();
        Result<RowETag> stored = await _approvals.ReplaceAsync(signer.Id, decision.Approval, decided, row.ETag);
        await refunded;
        return stored.IsRefused(out refusal, out _) ? (refusal.Code == SamErrorCode.RowConflict ? SamErrorCode.ApprovalClosed : refusal) : decided;
    }

    /// <summary>
    /// The approval's one use: a transaction under its own id, and then the mark with the signer, which names the version of the transaction's row. Whoever breaks off between the two, or is overtaken, goes on
    /// from the row that stands there: no SAD was given for it.
    /// </summary>
    private async Task<Result<Redeemed>> UseAsync(ApprovalHandle handle, SealedRow<ApprovalRow> row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if ((await _used.UseAsync(handle.Signer, handle.Approval.Value, row.Value.ExpiresAt - _policy.ApprovalLifetime, row.Value.ExpiresAt, now, cancellationToken)).IsRefused(out Refusal? refusal, out UsedOnce? use))
        {
            // Of two who ask at once the other one has it: this one asks again.
            return refusal.Code == SamErrorCode.RowConflict ? new Redeemed(row.Value.CredentialId, Sad: null)
                : refusal.Code == SamErrorCode.ChallengeUsed ? SamErrorCode.HandleInvalid
                : refusal;
        }

        if ((await BeginAsync(handle.Approval, row.Value, now)).IsRefused(out refusal, out SealedRow<TransactionRow>? transaction))
        {
            return refusal;
        }

        ApprovalRow used = row.Value with { State = ApprovalState.Used, Transaction = transaction.ETag.Value };
        if ((await _rows.CommitAsync([ApprovalRows.ToReplace(handle.Signer, handle.Approval, used, row.ETag), use.Write], CancellationToken.None)).IsRefused(out refusal, out _))
        {
            return refusal.Code == SamErrorCode.RowConflict ? new Redeemed(row.Value.CredentialId, Sad: null) : refusal;
        }

        use.Taken();
        await _audit.AppendAsync(new AuditRecord
        {
            Event = AuditEvent.Authorized,
            Client = row.Value.Client,
            Credential = row.Value.Credential,
            Transaction = handle.Approval.Value,
            Detail = $"approved on device {row.Value.Device}",
        }.WithGranted(row.Value.Digests));
        return new Redeemed(row.Value.CredentialId, Mint(handle.Approval, row.Value, transaction, now));
    }

    private async Task<Result<SealedRow<TransactionRow>>> BeginAsync(ApprovalId id, ApprovalRow row, DateTimeOffset now)
    {
        RowAddress address = ApprovalRow.TransactionAddress(id, row.PurgeMinute);
        TransactionRow transaction = TransactionRow.Begin(row, now + _policy.SadLifetime, now + _policy.MaxTransactionLife);
        return !(await _rows.InsertAsync(address, RowSchemas.Transaction, transaction, CancellationToken.None)).IsRefused(out Refusal? refusal, out RowETag etag)
            ? new SealedRow<TransactionRow>(transaction, etag)
            : refusal.Code == SamErrorCode.RowConflict ? await FindUnusedAsync(address, now, CancellationToken.None)
            : refusal;
    }

    /// <summary>A client that lost the answer asks again: the same SAD, as long as it is unused. For a row of another version none was ever given.</summary>
    private async Task<Result<Redeemed>> FindAgainAsync(ApprovalHandle handle, ApprovalRow row, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await FindUnusedAsync(ApprovalRow.TransactionAddress(handle.Approval, row.PurgeMinute), now, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<TransactionRow>? found) ? refusal
        : found.ETag.Value != row.Transaction ? SamErrorCode.HandleInvalid
        : new Redeemed(row.CredentialId, Mint(handle.Approval, row, found, now));

    private async Task<Result<SealedRow<TransactionRow>>> FindUnusedAsync(RowAddress address, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await _rows.ReadAsync(address, RowSchemas.Transaction, cancellationToken)).IsRefused(out _, out SealedRow<TransactionRow>? found)
        || found.Value is not { Generation: 1, Spent: null, IsRevoked: false } || now >= found.Value.ExpiresAt
            ? SamErrorCode.HandleInvalid
            : found;

    private IssuedSad Mint(ApprovalId id, ApprovalRow row, SealedRow<TransactionRow> transaction, DateTimeOffset now)
    {
        _ = TransactionId.TryParse(id.Value, out TransactionId transactionId);
        return new IssuedSad(_sads.Mint(transactionId, row.PurgeMinute, transaction.Value.Generation, transaction.ETag, transaction.Value.ExpiresAt), transaction.Value.ExpiresAt - now);
    }

    /// <summary>The credential, if it is as it was when the client asked; otherwise null.</summary>
    private async Task<CredentialRow?> FindCredentialAsync(ApprovalRow row, CancellationToken cancellationToken)
    {
        Result<SealedRow<CredentialRow>> read = await _rows.ReadAsync(SignerRows.Credential(row.CredentialId), RowSchemas.Credential, cancellationToken);
        return read.IsRefused(out _, out SealedRow<CredentialRow>? credential) || credential.ETag.Value != row.CredentialETag ? null : credential.Value;
    }

    private static PendingApproval Show(ApprovalId id, ApprovalRow row, CredentialRow credential)
    {
        _ = ClientId.TryParse(row.Client, out ClientId client);
        return new PendingApproval(id, client, row.CredentialId, row.Digests, row.Label, credential.KeyAuthorization.NeedsPin, row.ExpiresAt);
    }
}
