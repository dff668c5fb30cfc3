using System.Text.RegularExpressions;

namespace Sam.Tests.Architecture;

/// <summary>The functions of Sam.Functions, read from its sources as text: the project is not built everywhere.</summary>
internal static partial class FunctionSources
{
    internal const string Folder = "src/Sam.Functions";

    internal const string CatchAll = "unrouted";

    /// <summary>Every method under a [Function], for clients or not.</summary>
    internal static IReadOnlyList<FunctionSource> All() => [.. Repository.Files(Folder, ".cs").SelectMany(path => Read(Repository.Read(path)))];

    internal static IEnumerable<FunctionSource> Read(string source) => Function().Matches(source).Select(m => new FunctionSource(
        m.Groups["name"].Value,
        HttpTrigger().Match(m.Value) is { Success: true } trigger
            ? new HttpTriggerSource(
                trigger.Groups["level"].Value,
                [.. Method().Matches(trigger.Groups["methods"].Value).Select(method => method.Groups["method"].Value.ToUpperInvariant())],
                "/" + trigger.Groups["route"].Value)
            : null,
        Body().Match(m.Value).Groups["body"].Value.Trim()));

    // To the end of an expression body, over the parameters of a route; a function with a block is none of one line, and is found with an empty body.
    [GeneratedRegex("""\[Function\("(?<name>[^"]*)"\)\]([^;{]|\{\*?\w+\})*""")]
    private static partial Regex Function();

    [GeneratedRegex("""\[HttpTrigger\(AuthorizationLevel\.(?<level>\w+)(?<methods>(, "\w+")*), Route = "(?<route>[^"]*)"\)\]""")]
    private static partial Regex HttpTrigger();

    [GeneratedRegex("""
        "(?<method>\w+)"
        """)]
    private static partial Regex Method();

    [GeneratedRegex(@"=>(?<body>[^;]*)$")]
    private static partial Regex Body();
}

/// <summary>One function: its name, its HTTP trigger if it has one, and the expression that is its body.</summary>
internal sealed record FunctionSource(string Name, HttpTriggerSource? Trigger, string Body);

/// <summary>An HTTP trigger as it is written.</summary>
internal sealed record HttpTriggerSource(string Level, IReadOnlyList<string> Methods, string Path);
