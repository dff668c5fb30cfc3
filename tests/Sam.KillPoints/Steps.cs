namespace Sam.KillPoints;

/// <summary>Sees every call of a run to storage, audit and HSM, and ends or stops the process at the one that the plan names.</summary>
internal sealed class Steps
{
    private readonly RunPlan _plan;
    private readonly Report _report;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _begun = new(StringComparer.Ordinal);
    private object? _last;

    internal Steps(RunPlan plan, Report report)
    {
        _plan = plan;
        _report = report;
    }

    /// <summary>A call is about to be made. It is told first, so that the parent knows which one the process died at.</summary>
    internal void Before(object call, string name)
    {
        lock (_lock)
        {
            int occurrence = _begun[name] = _begun.GetValueOrDefault(name) + 1;
            _report.Write(Report.Call, name);
            if (_plan.At != new Step(name, occurrence))
            {
                return;
            }

            _last = call;
        }

        if (_plan.Fate == Fate.DieBefore)
        {
            Signals.Send(Environment.ProcessId, Signals.Kill);
        }
        else if (_plan.Fate == Fate.StopBefore)
        {
            Signals.StopHere();
        }
    }

    /// <summary>A call has been carried out, and its answer is not given yet.</summary>
    internal void After(object call)
    {
        if (_plan.Fate == Fate.DieAfter && ReferenceEquals(call, _last))
        {
            Signals.Send(Environment.ProcessId, Signals.Kill);
        }
    }
}
