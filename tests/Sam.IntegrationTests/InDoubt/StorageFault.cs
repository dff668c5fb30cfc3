using Sam.Testing.Tables;

namespace Sam.IntegrationTests.InDoubt;

/// <summary>When the service carries out a request that meets a fault.</summary>
internal enum Arrival
{
    /// <summary>Before the client learns anything.</summary>
    InTime,

    /// <summary>Never.</summary>
    Never,

    /// <summary>After the client has given it up, and before it tries again.</summary>
    BeforeRetry,

    /// <summary>After the client has given it up, and has tried again.</summary>
    AfterRetry,
}

/// <summary>One thing that happens to a request between a SAM and the service.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Arrival">Whether and when the service carries it out.</param>
/// <param name="Apply">What happens.</param>
internal sealed record StorageFault(string Name, Arrival Arrival, Func<FaultPlan, TableFault> Apply)
{
    /// <summary>All that are tried on each request.</summary>
    internal static IReadOnlyList<StorageFault> All { get; } =
    [
        new("request dropped", Arrival.Never, _ => TableFaults.RequestLost),
        new("request cut off in the middle", Arrival.Never, _ => TableFaults.RequestCutOff),
        new("request silent", Arrival.Never, plan => plan.RequestSilent),
        new("request late, before the retry", Arrival.BeforeRetry, plan => plan.Late(Arrival.BeforeRetry)),
        new("request late, after the retry", Arrival.AfterRetry, plan => plan.Late(Arrival.AfterRetry)),
        new("answer dropped", Arrival.InTime, _ => TableFaults.AnswerLost),
        new("answer unsaid", Arrival.InTime, _ => TableFaults.AnswerUnsaid),
        new("answer silent", Arrival.InTime, plan => plan.AnswerSilent),
        new("answer cut off", Arrival.InTime, _ => TableFaults.Truncated),
        new("twice, first answer", Arrival.InTime, _ => TableFaults.TwiceAnsweredOnce),
        new("twice, second answer", Arrival.InTime, _ => TableFaults.Twice),
        new("twice, once late before the retry", Arrival.InTime, plan => plan.TwiceLate(Arrival.BeforeRetry)),
        new("twice, once late after the retry", Arrival.InTime, plan => plan.TwiceLate(Arrival.AfterRetry)),
        .. from answer in ((int Status, string Code)[])[(429, "TooManyRequests"), (500, "InternalError"), (503, "ServerBusy")]
           from done in new[] { false, true }
           select new StorageFault(
               $"{answer.Status}, {(done ? "and done" : "not done")}",
               done ? Arrival.InTime : Arrival.Never,
               _ => done ? TableFaults.DoneButRefused(answer.Status, answer.Code) : TableFaults.Refused(answer.Status, answer.Code)),
    ];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
