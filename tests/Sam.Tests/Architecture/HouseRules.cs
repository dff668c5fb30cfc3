using System.Text.RegularExpressions;

namespace Sam.Tests.Architecture;

/// <summary>House rules that a source shows by its text. Each gives the places where it is broken.</summary>
internal static partial class HouseRules
{
    private const int MaxLines = 300;

    // The command line is another program; the host in Development holds no secret.
    private static readonly string[] _noSam = ["src/Sam.Cli/", "src/Sam.LocalHost/"];

    internal static IEnumerable<string> LongFiles(SourceFile source) =>
        source.Lines.Count < MaxLines || IsClosedTable(source) ? [] : [$"{source.Path}: {source.Lines.Count} lines"];

    /// <summary>One enumeration and nothing else is read line by line, like a table.</summary>
    private static bool IsClosedTable(SourceFile source) =>
        source.Lines.Any(line => line is not null && line.StartsWith("public enum ", StringComparison.Ordinal)) && source.Lines.Select(line => line.Trim()).All(line => line is "" or "{" or "}" or [.., ','] || line.StartsWith('/') || line.StartsWith("namespace ", StringComparison.Ordinal) || line.StartsWith("public enum ", StringComparison.Ordinal));

    /// <summary>A second public type, where it is not the generic twin of the first, or one of a family of records or of a section of the configuration, which are read as a whole.</summary>
    internal static IEnumerable<string> SeveralPublicTypes(SourceFile source)
    {
        Match[] types = [.. source.Lines.Select(line => PublicType().Match(line)).Where(m => m.Success)];
        string[] names = [.. types.Where(m => m.Groups["kind"].Value != "record").Select(m => m.Groups["name"].Value).Distinct()];
        return names.All(name => name.EndsWith("Options", StringComparison.Ordinal)) ? []
            : names.Length > 1 ? [$"{source.Path}: {string.Join(", ", names)}"]
            : [];
    }

    internal static IEnumerable<string> MachineClocks(SourceFile source) => source.FindInCode(MachineClock());

    internal static IEnumerable<string> WeakRandomness(SourceFile source) => source.FindInCode(WeakRandom());

    internal static IEnumerable<string> RandomnessElsewhere(SourceFile source) =>
        source.Path.StartsWith("src/Sam.Core/Randomness/", StringComparison.Ordinal) || _noSam.Any(path => source.Path.StartsWith(path, StringComparison.Ordinal)) ? [] : source.FindInCode(SystemRandom());

    internal static IEnumerable<string> OwnerlessToDos(SourceFile source) => source.Find(OwnerlessToDo());

    internal static IEnumerable<string> UnarguedSuppressions(SourceFile source) => source.Find(UnarguedSuppression());

    internal static IEnumerable<string> TestsThatMayNotRun(SourceFile source) => source.FindInCode(MayNotRun());

    internal static IEnumerable<string> Sleeps(SourceFile source) => source.FindInCode(Sleep());

    internal static IEnumerable<string> LogMessagesElsewhere(SourceFile source) =>
        Path.GetFileName(source.Path) == "Log.cs" ? source.FindInCode(LogMessageWithoutId()) : source.FindInCode(LogMessage());

    internal static IEnumerable<string> EventIds(SourceFile source) =>
        source.Lines.SelectMany(line => EventId().Matches(line)).Select(m => m.Groups["id"].Value);

    [GeneratedRegex(@"^public (?:(?:sealed|static|abstract|readonly|partial|ref) )*(?<kind>class|record|struct|interface|enum|delegate)(?: struct| class| \S+(?= \w+[(<]))? (?<name>\w+)")]
    private static partial Regex PublicType();

    // Clock by TimeProvider, so that tests can move it; dates that decide something come from the store.
    [GeneratedRegex(@"\b(DateTime|DateTimeOffset)\.(Utc)?(Now|Today)\b|\bEnvironment\.TickCount|\bStopwatch\.")]
    private static partial Regex MachineClock();

    // A GUID promises to be unique, not to be unguessable.
    [GeneratedRegex(@"\bGuid\.(NewGuid|CreateVersion7)\b|\bnew Random\b|\bRandom\.Shared\b")]
    private static partial Regex WeakRandom();

    // Looked at, and mixed with the HSM's, in one place.
    [GeneratedRegex(@"\bRandomNumberGenerator\.")]
    private static partial Regex SystemRandom();

    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK)\b(?!\(#\d+\))")]
    private static partial Regex OwnerlessToDo();

    [GeneratedRegex(@"^\s*#pragma warning disable (?!\w+ // \S)|SuppressMessage\((?!.*Justification = ""\w)")]
    private static partial Regex UnarguedSuppression();

    [GeneratedRegex(@"\bSkip(When|Unless|Type|Exceptions)?\s*=(?!=)|\bAssert\.Skip|\bExplicit\s*=\s*true")]
    private static partial Regex MayNotRun();

    // An endless delay waits for its cancellation, not for time to pass.
    [GeneratedRegex(@"\bThread\.Sleep\(|\bTask\.Delay\((?!Timeout\.Infinite)")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\[LoggerMessage\b|\.Log(Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex LogMessage();

    [GeneratedRegex(@"\[LoggerMessage(?!\((EventId = )?\d+)")]
    private static partial Regex LogMessageWithoutId();

    [GeneratedRegex(@"\[LoggerMessage\((EventId = )?(?<id>\d+)")]
    private static partial Regex EventId();
}
