using System.Security.Cryptography;
using System.Text;
using Sam.Core.Anchoring;
using Sam.Core.Audit;
using Sam.Core.Configuration;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>
/// Privileged users: who they are, that they are here now, and how the first ones come to be (MGT-1, SYS-1, SIG-6; security decision 22).
/// A login alone gives nothing: who mints tokens lacks the key. A row alone gives nothing: who writes tables lacks the SAM's signature and the login.
/// </summary>
public sealed class OfficerRegistry
{
    /// <summary>How many security officers the initialisation names: of three, two can replace the third's lost key.</summary>
    public const int FirstOfficers = 3;

    private readonly DeploymentAnchor _anchor;
    private readonly UsedProofs _proofs;
    private readonly SealedRows _rows;
    private readonly SystemKeys _keys;
    private readonly IAuditLog _audit;
    private readonly OfficerPolicy _policy;
    private readonly RunningConfiguration? _running;

    internal OfficerRegistry(DeploymentAnchor anchor, SealedRows rows, SystemKeys keys, IAuditLog audit, OfficerPolicy policy, RunningConfiguration? running)
    {
        _anchor = anchor;
        _proofs = new UsedProofs(rows, audit);
        _rows = rows;
        _keys = keys;
        _audit = audit;
        _policy = policy;
        _running = running;
    }

    /// <summary>The deployment's id, which every proof names.</summary>
    public string DeploymentId => _keys.DeploymentId;

    /// <summary>
    /// Names the first three security officers, and gives each a code to enrol with; the settings that this process runs with are the first that are approved. Good once: refused with AlreadyInitialized from then on, also when every row is deleted;
    /// with InitializationSecretInvalid; with ParameterInvalid (not three, names or logins that are no such, or one login twice).
    /// </summary>
    public async Task<Result<IReadOnlyList<IssuedCode>>> InitializeAsync(SecretText secret, IReadOnlyList<OfficerNomination> nominations, CancellationToken cancellationToken)
    {
        if (!IsInitializationSecret(secret))
        {
            return await RefuseAsync(SamErrorCode.InitializationSecretInvalid, "initialization");
        }

        if (nominations.Count != FirstOfficers || nominations.DistinctBy(n => n.Login).Count() != FirstOfficers || nominations.Any(n => !OfficerChange.IsName(n.Name)))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "officers");
        }

        DateTimeOffset expiresAt = await _rows.GetTimeAsync(cancellationToken) + _policy.CodeLifetime;
        List<(OfficerRow Row, SecretText Code)> named = [];
        foreach (OfficerNomination nomination in nominations)
        {
            SecretText code = EnrolmentCode.New();
            named.Add((new OfficerRow(
                OfficerId.New().Value, PrivilegedRole.SecurityOfficer, nomination.Name, nomination.Login.Issuer, nomination.Login.Subject, Disabled: false, Key: [],
                EnrolmentCode.ToRow(code, expiresAt)), code));
        }

        AnchorDocument first = new(1, _keys.DeploymentId, _keys.Epoch, _keys.KeyringDigest, [.. named.Select(n => n.Row)], TombstoneHead.None, Change: null, Made: [],
            _running is null ? null : ApprovedConfiguration.Begin(_running.Settings, await _rows.GetTimeAsync(cancellationToken)), Buried: null);
        if ((await _anchor.BeginAsync(first, cancellationToken)).IsRefused(out Refusal? refusal, out _))
        {
            return await RefuseAsync(refusal.Code, "initialization");
        }

        await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.DeploymentInitialized, Detail = string.Join(", ", named.Select(n => $"{n.Row.Id} {n.Row.Name}")) });
        return Result.Ok<IReadOnlyList<IssuedCode>>([.. named.Select(n => new IssuedCode(n.Row.ToView(), n.Code, expiresAt))]);
    }

    /// <summary>
    /// Takes the privileged user's own key: with the code that another way brought them, under their own login, and with a proof by the key itself that covers this request.
    /// Refused with OfficerUnknown, OfficerDisabled, EnrolmentCodeInvalid, ProofMissing, ProofInvalid, KeyWeak (no point on P-256), or as the anchor refuses.
    /// </summary>
    public async Task<Result<OfficerView>> EnrolAsync(LoginName login, OfficerRequest request, SecretText code, ReadOnlyMemory<byte> publicKey, CancellationToken cancellationToken)
    {
        if (!OfficerKey.IsUsable(publicKey.Span))
        {
            return await RefuseAsync(SamErrorCode.KeyWeak, login.ToString());
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if (FindFault(request, publicKey.Span, now) is { } invalid)
        {
            return await RefuseAsync(invalid, login.ToString());
        }

        OfficerRow? enrolled = null;
        Result<AnchorDocument> changed = await _anchor.ChangeAsync(
            document =>
            {
                if (document.Officers.Find(login) is not { } officer)
                {
                    return SamErrorCode.OfficerUnknown;
                }

                if (officer.Disabled)
                {
                    return SamErrorCode.OfficerDisabled;
                }

                if (!EnrolmentCode.IsValid(officer.Code, code, now))
                {
                    return SamErrorCode.EnrolmentCodeInvalid;
                }

                enrolled = officer with { Key = publicKey.ToArray(), Code = null };
                return document with { Officers = document.Officers.Replace(enrolled), Change = null };
            },
            cancellationToken);
        if (changed.IsRefused(out Refusal? refusal, out _))
        {
            return await RefuseAsync(refusal.Code, login.ToString());
        }

        // After the code was taken, or who has none would revive what the present key has used; and after the key before is gone.
        await _proofs.BeginAsync(enrolled!.Id);
        await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.OfficerEnrolled, By = enrolled.ToActor().Name, Detail = ProofClaims.HashOf(publicKey.Span) });
        return enrolled.ToView();
    }

    /// <summary>
    /// Who sends this request: a login of the registry, and a proof by their key for exactly this request, good once. Whether their role allows it is the caller's next question.
    /// Refused with NotInitialized, AnchorBroken, OfficerUnknown, OfficerDisabled, OfficerNotEnrolled, ProofMissing, ProofInvalid or ProofReplayed; refusals are audited.
    /// </summary>
    public async Task<Result<ProvenOfficer>> AuthenticateAsync(LoginName login, OfficerRequest request, CancellationToken cancellationToken) =>
        (await FindAsync(login, request, cancellationToken)).IsRefused(out Refusal? refusal, out ProvenOfficer? officer)
            ? await RefuseAsync(refusal.Code, $"{request.Method} {request.Target}: {login}")
            : officer;

    /// <summary>Notes that a privileged user asked for what their role does not allow.</summary>
    public async Task<Refusal> RefuseAsync(ProvenOfficer officer, OfficerRequest request)
    {
        await _audit.AppendAsync(new AuditRecord
        {
            Event = AuditEvent.OfficerRefused,
            By = officer.Actor.Name,
            Cause = nameof(SamErrorCode.RightMissing),
            Detail = $"{request.Method} {request.Target}",
        });
        return SamErrorCode.RightMissing;
    }

    /// <summary>All privileged users. Refused with NotInitialized or AnchorBroken.</summary>
    public async Task<Result<IReadOnlyList<OfficerView>>> ListAsync(CancellationToken cancellationToken) =>
        (await _anchor.ReadAsync(cancellationToken)).IsRefused(out Refusal? refusal, out AnchorDocument? document)
            ? refusal
            : Result.Ok<IReadOnlyList<OfficerView>>([.. document.Officers.Select(o => o.ToView())]);

    private async Task<Result<ProvenOfficer>> FindAsync(LoginName login, OfficerRequest request, CancellationToken cancellationToken)
    {
        if ((await _anchor.ReadAsync(cancellationToken)).IsRefused(out Refusal? unread, out AnchorDocument? document))
        {
            return unread;
        }

        if (document.Officers.Find(login) is not { } officer)
        {
            return SamErrorCode.OfficerUnknown;
        }

        if (officer.Disabled)
        {
            return SamErrorCode.OfficerDisabled;
        }

        if (!officer.IsEnrolled)
        {
            return SamErrorCode.OfficerNotEnrolled;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if (FindFault(request, officer.Key, now) is { } invalid)
        {
            return invalid;
        }

        _ = OfficerProof.TryParse(request.Proof, out OfficerProof? proof);
        return await _proofs.UseAsync(officer.Id, proof!.Claims, now) is { } used
            ? used
            : new ProvenOfficer(officer, new SignedRequest(officer.Id, proof.Text, request.Body.ToArray()));
    }

    private SamErrorCode? FindFault(OfficerRequest request, ReadOnlySpan<byte> key, DateTimeOffset now) =>
        request.Proof is null ? SamErrorCode.ProofMissing
        : OfficerProof.TryParse(request.Proof, out OfficerProof? proof) && proof.IsFor(request, _keys.DeploymentId) && UsedProofs.IsTimely(proof.Claims, now) && proof.IsBy(key)
            ? null
            : SamErrorCode.ProofInvalid;

    private bool IsInitializationSecret(SecretText secret) =>
        _policy.InitializationSecretDigest is { } digest
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal())), Convert.FromHexString(digest));

    private async Task<Refusal> RefuseAsync(SamErrorCode cause, string detail)
    {
        await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.OfficerRefused, Cause = cause.ToString(), Detail = detail });
        return cause;
    }
}
