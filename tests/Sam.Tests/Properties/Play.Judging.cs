using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.TestBed;

namespace Sam.Tests.Properties;

/// <summary>What must hold of each act, and after each step.</summary>
internal sealed partial class Play
{
    // After the audit store was away, records come late, by whoever wrote them first.
    private bool _recordsComeLate;

    private string? TransactionOf(Flow flow)
    {
        RowAddress? address = flow.Signing is null ? flow.Outcome == "Issued" ? flow.Inserted?.Address : null : flow.Sad?.Address;
        return address?.RowKey[11..];
    }

    private void JudgeKeyUse(Flow flow)
    {
        if (flow.AtSpend is null || flow.Sad is null)
        {
            _violations.Add("the key was used and nothing was spent");
            return;
        }

        flow.Sad.Uses++;
        if (flow.Signed > flow.Signing!.Digests.Count)
        {
            _violations.Add($"{flow.Signed} digests were signed, {flow.Signing.Digests.Count} named");
        }

        JudgePromptness(flow, "the key was used");
    }

    /// <summary>From the spend's arrival; unless it had to be settled first, and its answer came later.</summary>
    private void JudgePromptness(Flow flow, string what)
    {
        if (flow is { SpendWrites: 1, Hit: null, AtSpend: { } spend } && _bed.Clock.GetUtcNow() - spend.Time >= TimeSpan.FromSeconds(2))
        {
            _violations.Add($"{what} 2 s after the spend");
        }
    }

    private async Task JudgeAsync(Flow flow)
    {
        if (flow.Caller is null || flow.HasCrashed)
        {
            return;
        }

        IReadOnlySet<string> allowed = flow.Signing is not null
            ? SignRules.Allowed(_cast, flow)
            : AuthorizeRules.Allowed(_cast, flow, _attempts[flow.Authorization!.Credential.Signer], RivalsOf(flow));
        Tally.Count((flow.Signing is null ? "authorize: " : "signHash: ") + flow.Outcome);
        if (!allowed.Contains(flow.Outcome))
        {
            _violations.Add($"{flow.Outcome}, but allowed is {string.Join(", ", allowed)}: {flow.Act}");
        }

        if (flow.AtSpend is null && (flow.HsmReached || flow.Signed > 0))
        {
            _violations.Add($"the key was reached without a spend: {flow.Act}");
        }

        if (flow.Outcome == "Signed")
        {
            JudgeRelease(flow);
        }
        else if (flow.Outcome == "Issued")
        {
            Issue(flow);
        }

        if (flow.Act.Fault?.Kind == FaultKind.AuditAway && flow.Alone)
        {
            await JudgeWithoutAuditAsync(flow);
        }
    }

    private int RivalsOf(Flow flow) => _flows.Count(f => f.Authorization?.Credential.Signer == flow.Authorization!.Credential.Signer);

    private void JudgeRelease(Flow flow)
    {
        Issued sad = flow.Sad!;
        sad.Releases++;
        TestSigner credential = _cast.Find(flow.Signing!.Credential);
        if (flow.Signatures.Count != flow.Signing.Digests.Count
            || !flow.Signatures.Zip(flow.Signing.Digests).All(pair => credential.Verifies(pair.Second, pair.First, flow.Signing.Algorithm)))
        {
            _violations.Add($"the signatures are not those of the hashes in their order: {flow.Act}");
        }

        Moment spend = flow.AtSpend!;
        if (spend.Time >= sad.ExpiresAt || sad.Version != spend.Credential.ETag || spend.Credential is not { Fault: null, Meaning: CredentialState { Suspended: false } })
        {
            _violations.Add($"released, though stopped or ended when it was spent: {spend}, {flow.Act}");
        }
    }

    private void Issue(Flow flow)
    {
        if (flow.Inserted is not { } inserted)
        {
            _violations.Add("a SAD was issued for which there is no row");
            return;
        }

        _issued.Add(new Issued
        {
            Text = flow.IssuedSad!.Reveal(),
            Address = inserted.Address,
            ETag = inserted.ETag,
            Client = flow.Caller!.Client,
            Credential = flow.Authorization!.Credential,
            Digests = flow.Authorization.Digests,
            ExpiresAt = inserted.ExpiresAt,
            Version = flow.VersionRead,
        });
    }

    /// <summary>What cannot be recorded is refused before anything is spent, counted or signed for it; and who cannot write the audit is replaced.</summary>
    private async Task JudgeWithoutAuditAsync(Flow flow)
    {
        (IReadOnlyList<RowETag> Versions, int Signed) before = State();
        int process = flow.Act is Sign sign ? sign.Process : ((Authorize)flow.Act).Process;
        SamErrorCode? again = flow.Signing is not null
            ? (await _processes[process].SignHashAsync(flow.Signing, CancellationToken.None)).Refusal?.Code
            : (await _processes[process].AuthorizeAsync(flow.Authorization!, CancellationToken.None)).Refusal?.Code;
        (IReadOnlyList<RowETag> Versions, int Signed) after = State();
        if (again != SamErrorCode.AuditUnavailable || !before.Versions.SequenceEqual(after.Versions) || before.Signed != after.Signed)
        {
            _violations.Add($"without audit: {again}, rows or keys were used: {flow.Act}");
        }

        _auditIsAway = false;
        _recordsComeLate = true;
        _processes[process] = await _bed.OpenProcessAsync();

        (IReadOnlyList<RowETag>, int) State() => ([.. _bed.Table.Attacker.Rows().Select(r => r.ETag)], _bed.Keys.SignCount);
    }

    private async Task JudgeStepAsync()
    {
        foreach (Issued sad in _issued.Where(s => s.Releases > 1 || s.Uses > 1 || s.Spends > 1 || s.Releases > s.Uses))
        {
            _violations.Add($"one SAD: {sad.Spends} spends, {sad.Uses} uses of the key, {sad.Releases} answers");
        }

        if (_bed.Keys.SignCount != _signedByKeys)
        {
            _violations.Add("a key was used that nobody asked for");
        }

        foreach (Flow dead in _flows.Where(f => f.HasCrashed))
        {
            _audit.ClaimOfDead(dead);
        }

        _recordsComeLate |= _flows.Any(f => f.Outcome == "!AuditUnavailableException");
        if (!_recordsComeLate && _audit.FindStray() is { } stray)
        {
            _violations.Add(stray);
        }

        foreach (SignerId signer in _cast.Signers)
        {
            await JudgeAttemptsAsync(signer, _attempts[signer]);
        }
    }

    /// <summary>However attempts are interleaved, lost or given back: no wrong one is forgotten, and without mishaps none is invented.</summary>
    private async Task JudgeAttemptsAsync(SignerId signer, Attempts attempts)
    {
        Flow[] tries = [.. _flows.Where(f => f.Authorization?.Credential.Signer == signer)];
        Flow[] sets = [.. _flows.Where(f => f.Act is SetPin set && _cast.Signers[set.Signer] == signer)];
        attempts.IsTouched |= tries.Any(f => f.Before.Count > 0 && AuthorizeRules.Span(f) > TimeSpan.FromSeconds(4));
        attempts.IsTouched |= sets.Any(f => f.ForgetsAttempts && f.Outcome != "Done");
        if (sets.Any(f => f.ForgetsAttempts))
        {
            // With tries at the same time it is open which of them were forgotten with the old PIN.
            attempts.Wrong = 0;
            attempts.AreExact = tries.Length == 0 && !attempts.IsTouched;
        }
        else
        {
            attempts.Wrong += tries.Count(f => f.Outcome == nameof(SamErrorCode.PinWrong));
            attempts.AreExact &= tries.All(f => f.Hit is null && !f.HasCrashed && f.Act.Fault is null);
        }

        if (!attempts.IsTouched)
        {
            CountersRow counters = await _bed.CountersAsync(_cast.Credentials.First(c => c.Id == signer));
            if (counters.PinAttempts < attempts.Wrong || (attempts.AreExact && counters.PinAttempts != attempts.Wrong) || counters.PinAttemptsEver < counters.PinAttempts)
            {
                _violations.Add($"{attempts.Wrong} wrong attempts were made, and the counters are {counters}");
            }
        }
    }

    private async Task ReplaceTheDeadAsync()
    {
        foreach (Flow dead in _flows.Where(f => f.HasCrashed))
        {
            int process = dead.Act is Sign sign ? sign.Process : ((Authorize)dead.Act).Process;
            _processes[process] = await _bed.OpenProcessAsync();
            Tally.Count("crash");
        }
    }

    private void JudgeTheEnd()
    {
        if (_audit.FindBrokenChain() is { } broken)
        {
            throw new InvalidOperationException($"the audit chain is broken: {broken}");
        }
    }
}
