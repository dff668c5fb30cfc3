using Sam.Core.Activation;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Tests.Properties;

/// <summary>
/// The requirement: what a request to sign must come to. Each rule is asked for every moment that the request saw: broken at all of them, it must be refused; broken at some,
/// it may be. Who is alone sees one moment only, so there is one answer.
/// </summary>
internal static class SignRules
{
    /// <summary>The longest that an outcome waits for its audit record; a clock that is turned further ends it.</summary>
    internal static readonly TimeSpan AuditPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan _spendToKeyUse = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _lateness = TimeSpan.FromSeconds(4);

    // In this order. A row that cannot be read has been judged where it is first looked at.
    private static readonly IReadOnlyList<Func<Question, Moment, SamErrorCode?>> _order =
    [
        (q, m) => m.Time >= q.Sad.ExpiresAt ? SamErrorCode.SadExpired : null,
        (_, m) => Unread(m.Transaction, SamErrorCode.TransactionMissing),
        (q, m) => Unread(m.Transaction, SamErrorCode.TransactionMissing) ?? If(q.Request.Caller.Client != q.Sad.Client, SamErrorCode.SadOfAnotherClient),
        (q, m) => Unread(m.Transaction, SamErrorCode.TransactionMissing) ?? If(q.Request.Credential != q.Sad.Credential, SamErrorCode.SadOfAnotherCredential),
        (_, m) => Unread(m.Transaction, SamErrorCode.TransactionMissing) ?? If(m.Transaction.Meaning is TransactionState { SpentBy: not null }, SamErrorCode.SadSpent),
        (q, m) => Unread(m.Transaction, SamErrorCode.TransactionMissing) ?? If(m.Transaction.ETag != q.Sad.ETag, SamErrorCode.TransactionRowReplaced),
        (_, m) => Unread(m.Client, SamErrorCode.ClientStopped),
        (_, m) => Unread(m.Client, SamErrorCode.ClientStopped) ?? If(m.Client.Meaning is ClientState { Approved: false }, SamErrorCode.ClientStopped),
        (_, m) => Unread(m.Credential, SamErrorCode.CredentialUnknown),
        (q, _) => q.Cast.FindObstacle(q.Request.Caller, q.Request.Credential),
        (_, m) => Unread(m.Credential, SamErrorCode.CredentialUnknown) ?? If(m.Credential.Meaning is CredentialState { Suspended: true }, SamErrorCode.CredentialDisabled),
        (q, m) => Unread(m.Credential, SamErrorCode.CredentialUnknown) ?? If(m.Credential.ETag != q.Sad.Version, SamErrorCode.CredentialChanged),
        (q, _) => FindExcess(q.Sad.Digests, q.Request.Digests),
        (q, _) => If(q.Request.Digests[0].Algorithm != q.Request.Algorithm.Hash, SamErrorCode.HashAlgorithmInvalid),
        (q, _) => If(q.Request.Algorithm != q.Cast.AlgorithmOf(q.Request.Credential), SamErrorCode.SignAlgoInvalid),
        (q, m) => If(m.Time > q.Cast.CertificateEndOf(q.Request.Credential), SamErrorCode.CertificateExpired),
    ];

    /// <summary>Which outcomes are right.</summary>
    internal static IReadOnlySet<string> Allowed(Cast cast, Flow flow)
    {
        if (flow.Act.Fault?.Kind == FaultKind.AuditAway && flow.Alone)
        {
            return new HashSet<string> { "!AuditUnavailableException" };
        }

        if (flow.Sad is not { } sad)
        {
            return new HashSet<string> { Forger.IsWellFormed(flow.Signing!.Sad.Reveal()) ? nameof(SamErrorCode.SadForged) : nameof(SamErrorCode.SadMalformed) };
        }

        (HashSet<string> refusals, bool maySpend) = Refusals(new Question(cast, flow.Signing!, sad), flow.Before);
        if (flow.AtSpend is not null)
        {
            return maySpend ? AfterSpend(sad, flow) : new HashSet<string> { "nothing, for the SAD must not be spent" };
        }

        if (maySpend && flow.Before.Any(m => m.Transaction.ETag != sad.ETag || m.Transaction.Fault is not null))
        {
            // It was as it must be when it was read, and somebody else's when it was to be spent.
            _ = refusals.Add(nameof(SamErrorCode.SadSpent));
        }

        if (flow.Hit is { } hit)
        {
            _ = flow.Act.Fault!.Kind switch
            {
                FaultKind.HangUp => !hit.IsWrite && refusals.Add("!TaskCanceledException") && refusals.Add("!OperationCanceledException"),
                FaultKind.Unanswered or FaultKind.AnsweredAsConflict when hit.IsWrite => false,
                _ => refusals.Add("!RowStoreException"),
            };
        }

        if (AuthorizeRules.Span(flow) >= AuditPatience)
        {
            _ = refusals.Add("!AuditUnavailableException");
        }

        return refusals;
    }

    private static (HashSet<string> Refusals, bool MaySpend) Refusals(Question question, IReadOnlyList<Moment> moments)
    {
        HashSet<string> refusals = [];
        foreach (Func<Question, Moment, SamErrorCode?> rule in _order)
        {
            SamErrorCode?[] verdicts = [.. moments.Select(m => rule(question, m)).Distinct()];
            refusals.UnionWith(verdicts.Where(v => v is not null).Select(v => v.ToString()!));
            if (!verdicts.Contains(null))
            {
                return (refusals, false);
            }
        }

        return (refusals, true);
    }

    /// <summary>The SAD is dead. What was stopped, outlived its SAD, was too slow or came out of the HSM wrong is not released.</summary>
    private static HashSet<string> AfterSpend(Issued sad, Flow flow)
    {
        Sign act = (Sign)flow.Act;
        HashSet<string> must = [], may = [];
        DateTimeOffset last = flow.After.Select(m => m.Time).Append(flow.AtSpend!.Time).Max();
        Add(must, may, nameof(SamErrorCode.StoppedWhileSigning), flow, m => m.Credential.Fault is not null || m.Credential.ETag != sad.Version);
        Add(must, may, nameof(SamErrorCode.SadExpired), flow, m => m.Time >= sad.ExpiresAt);
        if (last - flow.AtSpend.Time >= _spendToKeyUse)
        {
            _ = may.Add(nameof(SamErrorCode.SigningTooSlow));
        }

        if (last - flow.AtSpend.Time >= AuditPatience)
        {
            _ = may.Add("!AuditUnavailableException");
        }

        if (last - flow.Before[0].Time > _lateness || (flow.Hit is { IsWrite: true } && flow.After.Any(m => m.Transaction.Meaning is not TransactionState { SpentBy: { } by } || by != flow)))
        {
            // Its answer was lost, or it was to be written again; and before it could be found, somebody wrote over it.
            may.UnionWith(["!RowStoreException", nameof(SamErrorCode.SadSpent)]);
        }

        if (act.Fault is { Kind: FaultKind.Pause } && Play.PauseOf(act.Fault) >= _spendToKeyUse)
        {
            _ = must.Add(nameof(SamErrorCode.SigningTooSlow));
        }

        if (flow.Hit is { IsWrite: false } && act.Fault!.Kind != FaultKind.HangUp)
        {
            // The state row could not be read again, or the spend in doubt not be read back.
            must.UnionWith([nameof(SamErrorCode.StorageUnavailable), "!RowStoreException"]);
        }

        if (act.Hsm == HsmFault.Throws)
        {
            _ = must.Add("!KeyBackendException");
        }
        else if (act.Hsm == HsmFault.AnswersLate)
        {
            _ = must.Add(nameof(SamErrorCode.SigningTooSlow));
        }
        else if (act.Hsm != HsmFault.None && (act.Hsm != HsmFault.Swaps || !flow.Signing!.Digests[0].Equals(flow.Signing.Digests[^1])))
        {
            _ = must.Add(nameof(SamErrorCode.SignatureNotVerified));
        }

        HashSet<string> allowed = [.. must, .. may];
        if (must.Count == 0)
        {
            _ = allowed.Add("Signed");
        }

        return allowed;
    }

    private static void Add(HashSet<string> must, HashSet<string> may, string cause, Flow flow, Func<Moment, bool> broken)
    {
        if (broken(flow.AtSpend!))
        {
            _ = must.Add(cause);
        }
        else if (flow.After.Any(broken))
        {
            _ = may.Add(cause);
        }
    }

    private static SamErrorCode? FindExcess(IReadOnlyList<Digest> authorized, IReadOnlyList<Digest> named)
    {
        if (named.Count == 0)
        {
            return SamErrorCode.HashesEmpty;
        }

        if (named.Any(d => d.Algorithm != authorized[0].Algorithm))
        {
            return SamErrorCode.HashAlgorithmInvalid;
        }

        for (int i = 0; i < named.Count; i++)
        {
            int allowed = authorized.Count(d => d.Equals(named[i]));
            if (allowed == 0)
            {
                return named.Count > authorized.Count ? SamErrorCode.TooManyHashes : SamErrorCode.HashNotAuthorized;
            }

            if (named.Take(i + 1).Count(d => d.Equals(named[i])) > allowed)
            {
                return SamErrorCode.HashRepeated;
            }
        }

        return null;
    }

    internal static SamErrorCode? Unread(Seen row, SamErrorCode whenMissing) => row.Fault == SamErrorCode.RowMissing ? whenMissing : row.Fault;

    internal static SamErrorCode? If(bool broken, SamErrorCode cause) => broken ? cause : null;

    private sealed record Question(Cast Cast, SignHashRequest Request, Issued Sad);
}
