using Sam.Core.Anchoring;
using Sam.Core.Audit;
using Sam.Core.Configuration;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>
/// Changes that take two security officers (SIG-6; security decision 22): one signs a proposal, another signs an approval that names it and what it says. Both signatures are kept with the change.
/// </summary>
public sealed class ProposalRegistry
{
    private const string Partition = "proposals";
    private const int MaxConflicts = 5;

    private readonly DeploymentAnchor _anchor;
    private readonly SealedRows _rows;
    private readonly ClientRegistry _clients;
    private readonly IAuditLog _audit;
    private readonly OfficerPolicy _policy;

    internal ProposalRegistry(DeploymentAnchor anchor, SealedRows rows, ClientRegistry clients, IAuditLog audit, OfficerPolicy policy)
    {
        _anchor = anchor;
        _rows = rows;
        _clients = clients;
        _audit = audit;
        _policy = policy;
    }

    /// <summary>An id for a proposal that is made now.</summary>
    public async Task<ProposalId> NewIdAsync(CancellationToken cancellationToken) => ProposalId.New(await _rows.GetTimeAsync(cancellationToken));

    /// <summary>
    /// Proposes the change that is the body of the officer's request. Refused with BodyMalformed, ParameterInvalid, or as the change would be if it were made now (ChangeImpossible, TooFewOfficers).
    /// </summary>
    /// <param name="officer">Who proposes.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <param name="chosen">The proposal's id, as <see cref="NewIdAsync"/> gave it; null for a fresh one.</param>
    public async Task<Result<ProposalView>> ProposeAsync(ProvenOfficer officer, CancellationToken cancellationToken, ProposalId? chosen = null)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if (OfficerChange.Parse(officer.Evidence.Body).IsRefused(out Refusal? refusal, out OfficerChange? change)
            || (await _anchor.ReadAsync(cancellationToken)).IsRefused(out refusal, out AnchorDocument? document)
            || Apply(document, change, new EnrolmentCodeRow([], now), null, now).IsRefused(out refusal, out _))
        {
            return refusal;
        }

        ProposalId id = chosen ?? ProposalId.New(now);
        ProposalRow row = new(officer.Evidence, now, now + _policy.ProposalLifetime, ProposalStatus.Open, Closed: null, Code: null);
        if ((await _rows.InsertAsync(Address(id), RowSchemas.Proposal, row, CancellationToken.None)).IsRefused(out Refusal? unwritten, out _))
        {
            return unwritten;
        }

        await AuditAsync(AuditEvent.ChangeProposed, officer, id, row);
        return row.ToView(id, now);
    }

    /// <summary>
    /// Approves a proposal, and makes its change. The officer's request names the change by its digest. Who approved it and lost the answer asks again, and gets a new code where there is one.
    /// Refused with ProposalUnknown, ProposalExpired, ProposalClosed, ProposalOwn, ProposalChanged, ChangeImpossible, TooFewOfficers, RowConflict, or ProofInvalid: who proposed or
    /// approves it is no security officer any more, or has another key.
    /// </summary>
    /// <param name="officer">Who approves.</param>
    /// <param name="id">The proposal.</param>
    /// <param name="changeDigest">SHA-256 of the change, hexadecimal, as the approver's request names it.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    public async Task<Result<ApprovedProposal>> ApproveAsync(ProvenOfficer officer, ProposalId id, string changeDigest, CancellationToken cancellationToken)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if ((await ReadAsync(id, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<ProposalRow>? row)
            || (await _anchor.ReadAsync(cancellationToken)).IsRefused(out refusal, out AnchorDocument? document))
        {
            return refusal;
        }

        if (FindObstacle(officer, row.Value, changeDigest, document, now) is { } obstacle)
        {
            return obstacle;
        }

        if (OfficerChange.Parse(row.Value.Proposed.Body).IsRefused(out Refusal? malformed, out OfficerChange? change))
        {
            return malformed;
        }

        // First the evidence, then the change, then the end: whatever breaks off in between, who approved it can finish, and nobody else.
        SecretText code = EnrolmentCode.New();
        EnrolmentCodeRow codeRow = EnrolmentCode.ToRow(code, now + _policy.CodeLifetime);
        ProposalRow approving = row.Value with { Status = ProposalStatus.Approving, Closed = officer.Evidence, Code = codeRow };
        if (Apply(document, change, codeRow, null, now).IsRefused(out refusal, out _)
            && !IsMade(document, id))
        {
            return refusal;
        }

        if ((await _rows.ReplaceAsync(Address(id), RowSchemas.Proposal, approving, row.ETag, CancellationToken.None)).IsRefused(out refusal, out RowETag etag))
        {
            return refusal;
        }

        if ((await MakeAsync(change, id, approving, codeRow, now)).IsRefused(out refusal, out OfficerRow? enrolling))
        {
            if (refusal.Code != SamErrorCode.AnchorBroken && row.Value.Status == ProposalStatus.Open)
            {
                // Another change came first, and this one was not made: nobody has closed the proposal. Unless its approver is at it again, which this version tells.
                _ = await _rows.ReplaceAsync(Address(id), RowSchemas.Proposal, row.Value, etag, CancellationToken.None);
            }

            return refusal;
        }

        ProposalRow approved = approving with { Status = ProposalStatus.Approved };
        await EndAsync(id, approved, etag);
        await AuditAsync(AuditEvent.ChangeApproved, officer, id, approved);
        return new ApprovedProposal(approved.ToView(id, now), enrolling == NoOfficer ? null : new IssuedCode(enrolling.ToView(), code, codeRow.ExpiresAt));
    }

    /// <summary>
    /// Withdraws a proposal, or turns it down: any security officer may, while it is open. What is being approved ends as approved, or with its time: a withdrawal beside it could not say
    /// whether it was made. Refused with ProposalUnknown, ProposalClosed or RowConflict.
    /// </summary>
    public async Task<Result<ProposalView>> WithdrawAsync(ProvenOfficer officer, ProposalId id, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(id, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<ProposalRow>? row))
        {
            return refusal;
        }

        if (row.Value.Status != ProposalStatus.Open)
        {
            return SamErrorCode.ProposalClosed;
        }

        ProposalRow withdrawn = row.Value with { Status = ProposalStatus.Withdrawn, Closed = officer.Evidence };
        if ((await _rows.ReplaceAsync(Address(id), RowSchemas.Proposal, withdrawn, row.ETag, CancellationToken.None)).IsRefused(out refusal, out _))
        {
            return refusal;
        }

        await AuditAsync(AuditEvent.ChangeWithdrawn, officer, id, withdrawn);
        return withdrawn.ToView(id, await _rows.GetTimeAsync(CancellationToken.None));
    }

    /// <summary>One proposal. Refused with ProposalUnknown.</summary>
    public async Task<Result<ProposalView>> FindAsync(ProposalId id, CancellationToken cancellationToken) =>
        (await ReadAsync(id, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<ProposalRow>? row)
            ? refusal
            : row.Value.ToView(id, await _rows.GetTimeAsync(cancellationToken));

    /// <summary>Proposals in the order of their time, after the given one; up to <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<ProposalView>> ListAsync(ProposalId? after, int limit, CancellationToken cancellationToken)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        List<ProposalView> found = [];
        await foreach ((RowAddress address, SealedRow<ProposalRow> row) in
            _rows.ListFromAsync(SamTable.Registry, Partition, after?.Value ?? string.Empty, RowSchemas.Proposal, cancellationToken))
        {
            if (address.RowKey == after?.Value || !ProposalId.TryParse(address.RowKey, out ProposalId id))
            {
                continue;
            }

            found.Add(row.Value.ToView(id, now));
            if (found.Count == limit)
            {
                break;
            }
        }

        return found;
    }

    private static RowAddress Address(ProposalId id) => new(SamTable.Registry, Partition, id.Value);

    private static bool IsMade(AnchorDocument document, ProposalId id) => document.Made.Contains(id.Value);

    /// <summary>Whether who signed this is a security officer of the document, with the key that signed it.</summary>
    private static bool IsActing(AnchorDocument document, SignedRequest request) =>
        document.Officers.Find(request.Officer) is { IsActiveSecurityOfficer: true } officer && request.IsBy(officer);

    // The time ends for who would finish, too: what one officer can do alone must not wait for ever.
    private static SamErrorCode? FindObstacle(ProvenOfficer officer, ProposalRow row, string changeDigest, AnchorDocument document, DateTimeOffset now)
    {
        bool isFinishing = row.Status == ProposalStatus.Approving && row.Closed?.Officer == officer.Id;
        return row.Status != ProposalStatus.Open && !isFinishing ? SamErrorCode.ProposalClosed
            : now >= row.ExpiresAt ? SamErrorCode.ProposalExpired
            : row.Proposed.Officer == officer.Id ? SamErrorCode.ProposalOwn
            : changeDigest != ProposalView.DigestOf(row.Proposed.Body) ? SamErrorCode.ProposalChanged
            : IsActing(document, row.Proposed) && IsActing(document, officer.Evidence) ? null
            : SamErrorCode.ProofInvalid;
    }

    /// <summary>The document after the change; the one before it for a change that is none of privileged users.</summary>
    private static Result<AnchorDocument> Apply(AnchorDocument document, OfficerChange change, EnrolmentCodeRow code, ChangeEvidence? evidence, DateTimeOffset now)
    {
        if (change is OfficerChange.ApproveClient)
        {
            return document;
        }

        if (change is OfficerChange.ChangeConfiguration configuration)
        {
            ApprovedConfiguration next = ApprovedConfiguration.Next(document.Configuration, configuration.Settings, configuration.AtOnce == true, evidence, now);
            return evidence is null ? document with { Configuration = next } : document.With(next, evidence);
        }

        return document.Officers.Apply(change, code).IsRefused(out Refusal? refusal, out IReadOnlyList<OfficerRow>? officers)
            ? refusal
            : evidence is null ? document with { Officers = officers } : document.With(officers, evidence);
    }

    /// <summary>Makes the change, once: a document that came of this proposal is not changed by it again, but for the code, whose first one was lost with the answer.</summary>
    private async Task<Result<OfficerRow>> MakeAsync(OfficerChange change, ProposalId id, ProposalRow approving, EnrolmentCodeRow code, DateTimeOffset now)
    {
        if (change is OfficerChange.ApproveClient { Client: var name })
        {
            _ = ClientId.TryParse(name, out ClientId client);
            Actor by = Actor.OfOfficer(PrivilegedRole.SecurityOfficer.ToName(), approving.Closed!.Officer);
            return (await _clients.ApproveAsync(client, id.Value, by)).IsRefused(out Refusal? refusal, out _) ? refusal : NoOfficer;
        }

        ChangeEvidence evidence = new(id.Value, approving.Proposed, approving.Closed!);
        Result<AnchorDocument> changed = await _anchor.ChangeAsync(
            document =>
                IsMade(document, id) ? WithCode(document, change, code, evidence)

                // Asked again of the document that is changed: one of the two may have been removed since.
                : IsActing(document, evidence.Proposed) && IsActing(document, evidence.Approved) ? Apply(document, change, code, evidence, now)
                : SamErrorCode.ProofInvalid,
            CancellationToken.None);
        if (changed.IsRefused(out Refusal? impossible, out AnchorDocument? made))
        {
            return impossible;
        }

        return made.Officers.FirstOrDefault(o => o.Code == code) ?? NoOfficer;
    }

    /// <summary>Says that the change was made. The row has another version after a second attempt of the approver's, which may not hide it.</summary>
    private async Task EndAsync(ProposalId id, ProposalRow approved, RowETag etag)
    {
        for (int conflicts = 0; conflicts < MaxConflicts; conflicts++)
        {
            if ((await _rows.ReplaceAsync(Address(id), RowSchemas.Proposal, approved, etag, CancellationToken.None)).Refusal is null
                || (await ReadAsync(id, CancellationToken.None)).IsRefused(out _, out SealedRow<ProposalRow>? row)
                || row.Value.Status == ProposalStatus.Approved)
            {
                return;
            }

            etag = row.ETag;
        }
    }

    private static OfficerRow NoOfficer { get; } = new(string.Empty, default, string.Empty, string.Empty, string.Empty, Disabled: true, Key: [], Code: null);

    private static AnchorDocument WithCode(AnchorDocument document, OfficerChange change, EnrolmentCodeRow code, ChangeEvidence evidence)
    {
        OfficerRow? enrolling = change switch
        {
            OfficerChange.AddOfficer added => document.Officers.FirstOrDefault(o => o.Issuer == added.Issuer && o.Subject == added.Subject),
            OfficerChange.RenewOfficerKey renewed => document.Officers.Find(renewed.Officer),
            _ => null,
        };
        return enrolling is { IsEnrolled: false } ? document with { Officers = document.Officers.Replace(enrolling with { Code = code }), Change = evidence } : document;
    }

    private async Task<Result<SealedRow<ProposalRow>>> ReadAsync(ProposalId id, CancellationToken cancellationToken)
    {
        Result<SealedRow<ProposalRow>> read = await _rows.ReadAsync(Address(id), RowSchemas.Proposal, cancellationToken);
        return read.Refusal?.Code == SamErrorCode.RowMissing ? SamErrorCode.ProposalUnknown : read;
    }

    private async Task AuditAsync(AuditEvent what, ProvenOfficer officer, ProposalId id, ProposalRow row) => await _audit.AppendAsync(new AuditRecord
    {
        Event = what,
        By = officer.Actor.Name,
        Detail = $"{id.Value} {System.Text.Encoding.UTF8.GetString(row.Proposed.Body)}",
    });
}
