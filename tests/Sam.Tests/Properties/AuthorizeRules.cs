using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Tests.Properties;

/// <summary>The requirement: what a request for a SAD must come to. Asked as <see cref="SignRules"/> are.</summary>
internal static class AuthorizeRules
{
    private const int MaxAttempts = 5;

    /// <summary>Which outcomes are right. <paramref name="rivals"/>: how many attempts on the same PIN run at once, this one included.</summary>
    internal static IReadOnlySet<string> Allowed(Cast cast, Flow flow, Attempts attempts, int rivals)
    {
        if (flow.Act.Fault?.Kind == FaultKind.AuditAway && flow.Alone)
        {
            return new HashSet<string> { "!AuditUnavailableException" };
        }

        HashSet<string> allowed = [];
        if (flow.Hit is not null)
        {
            // A refund that gets lost harms nobody, so who is faulted may have luck.
            if (flow.Act.Fault!.Kind != FaultKind.HangUp)
            {
                _ = allowed.Add("!RowStoreException");
            }
            else if (!flow.IsEvaluated)
            {
                allowed.UnionWith(["!OperationCanceledException", "!TaskCanceledException"]);
            }
        }

        if (Span(flow) > TimeSpan.FromSeconds(4))
        {
            _ = allowed.Add("!RowStoreException");
        }

        if (Span(flow) >= SignRules.AuditPatience)
        {
            _ = allowed.Add("!AuditUnavailableException");
        }

        foreach (Func<Moment, SamErrorCode?> rule in Order(cast, flow))
        {
            SamErrorCode?[] verdicts = [.. flow.Before.Select(rule).Distinct()];
            allowed.UnionWith(verdicts.Where(v => v is not null).Select(v => v.ToString()!));
            if (!verdicts.Contains(null))
            {
                return allowed;
            }
        }

        if (attempts.IsTouched || Span(flow) > TimeSpan.FromSeconds(4))
        {
            // Also what was written late and is about to be sealed anew looks written back.
            allowed.UnionWith([nameof(SamErrorCode.RowBroken), nameof(SamErrorCode.RowRolledBack)]);
        }

        bool mayBeLocked = attempts.Wrong + rivals > MaxAttempts || !attempts.AreExact;
        bool mustBeLocked = attempts.Wrong >= MaxAttempts && !attempts.IsTouched && (flow.Alone || attempts.AreExact);
        if (mayBeLocked)
        {
            _ = allowed.Add(nameof(SamErrorCode.PinLocked));
        }

        // No PIN is evaluated that was not counted, and counters that were never written there count nothing.
        bool mustBeBroken = flow.Before.TrueForAll(m => m.Counters.Fault == SamErrorCode.RowBroken);
        if ((mustBeLocked && flow.Alone) || mustBeBroken)
        {
            return allowed;
        }

        if (flow.Act.Fault?.Kind == FaultKind.MacAway)
        {
            _ = allowed.Add("!KeyBackendException");
            return allowed;
        }

        string given = flow.Authorization!.Pin!.Reveal();
        foreach (Moment m in flow.Before.Where(m => m.Credential is { Fault: null, Meaning: CredentialState }))
        {
            _ = allowed.Add(given == cast.PinOf(flow.Authorization.Credential, ((CredentialState)m.Credential.Meaning!).Pin) ? "Issued" : nameof(SamErrorCode.PinWrong));
        }

        return allowed;
    }

    internal static TimeSpan Span(Flow flow) => flow.Before.Max(m => m.Time) - flow.Before[0].Time;

    private static IReadOnlyList<Func<Moment, SamErrorCode?>> Order(Cast cast, Flow flow)
    {
        Sam.Core.Activation.AuthorizeRequest request = flow.Authorization!;
        IReadOnlyList<Digest> digests = request.Digests;
        return
        [
            m => SignRules.Unread(m.Credential, SamErrorCode.CredentialUnknown),
            _ => cast.FindObstacle(request.Caller, request.Credential),
            m => SignRules.Unread(m.Credential, SamErrorCode.CredentialUnknown)
                ?? SignRules.If(m.Credential.Meaning is CredentialState { Suspended: true }, SamErrorCode.CredentialDisabled),
            m => SignRules.If(m.Time > cast.CertificateEndOf(request.Credential), SamErrorCode.CertificateExpired),
            _ => SignRules.If(request.NumSignatures < 1, SamErrorCode.NumSignaturesInvalid),
            _ => SignRules.If(request.NumSignatures > Cast.Multisign, SamErrorCode.NumSignaturesTooHigh),
            _ => SignRules.If(digests.Count == 0 || request.NumSignatures < digests.Count, SamErrorCode.HashCountMismatch),
            _ => SignRules.If(digests.Select(d => d.Algorithm).Distinct().Count() > 1, SamErrorCode.HashAlgorithmInvalid),
            _ => SignRules.If(request.Pin is null or { Length: 0 }, SamErrorCode.AuthDataInvalid),
        ];
    }
}

/// <summary>What the model knows of a signer's wrong attempts on the PIN.</summary>
internal sealed class Attempts
{
    /// <summary>How many were told that they are wrong, since the PIN was set.</summary>
    internal int Wrong { get; set; }

    /// <summary>No more were counted than that: nothing failed meanwhile.</summary>
    internal bool AreExact { get; set; } = true;

    /// <summary>Somebody wrote to the counters' row, or it was written so late that it looks like it: attempts within the seal's tolerance may be forgotten.</summary>
    internal bool IsTouched { get; set; }
}
