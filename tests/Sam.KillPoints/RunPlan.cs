using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sam.KillPoints;

/// <summary>What becomes of the process at its step.</summary>
internal enum Fate
{
    /// <summary>Nothing: the undisturbed run.</summary>
    Live,

    /// <summary>SIGKILL before the call is made.</summary>
    DieBefore,

    /// <summary>SIGKILL when the call is done and nobody has seen its answer.</summary>
    DieAfter,

    /// <summary>SIGSTOP before the call is made; whoever started the process wakes it.</summary>
    StopBefore,
}

/// <summary>What a run does.</summary>
internal enum Work
{
    /// <summary>Open the module on existing keys; authorize; signHash.</summary>
    Sign,

    /// <summary>Open the module, on empty tables as well; approve the client; register signer, PIN, key and certificate.</summary>
    Register,
}

/// <summary>One call of a run. Calls that run at the same time begin in no fixed order, so a call goes by its name and not by its number.</summary>
/// <param name="Name">To which of the three, what, about what: <c>main Replace Transactions</c>.</param>
/// <param name="Occurrence">Which of the calls of this name, from 1.</param>
internal sealed record Step(string Name, int Occurrence);

/// <summary>Everything a run is told, as one line of JSON on its standard input: a PIN on a command line could be read by anybody.</summary>
internal sealed record RunPlan(
    Work Work,
    Fate Fate,
    Step? At,
    string ModulePath,
    string TokenLabel,
    string PinFile,
    string ConnectionString,
    string TablePrefix,
    string Client,
    string UserId,
    string Pin,
    string Credential,
    string Digest,
    double SadLifetimeSeconds)
{
    internal string ToLine() => JsonSerializer.Serialize(this, PlanJson.Default.RunPlan);

    internal static RunPlan Parse(string? line) =>
        line is not null && JsonSerializer.Deserialize(line, PlanJson.Default.RunPlan) is { } plan ? plan : throw new FormatException("Not a plan.");
}

/// <summary>Generated, so that a process that lives for half a second does not spend it on reflection.</summary>
[JsonSerializable(typeof(RunPlan))]
internal sealed partial class PlanJson : JsonSerializerContext;
