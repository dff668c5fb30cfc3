using System.Text.RegularExpressions;

namespace Sam.Tests.Architecture;

/// <summary>One C# source as lines. Path is relative to the repository, with '/'.</summary>
internal sealed partial record SourceFile(string Path, IReadOnlyList<string> Lines)
{
    /// <summary>Places of the code, comments left out, that a pattern finds.</summary>
    internal IEnumerable<string> FindInCode(Regex pattern) => Find(pattern, line => Comment().Replace(line, string.Empty));

    /// <summary>Places that a pattern finds, comments too.</summary>
    internal IEnumerable<string> Find(Regex pattern) => Find(pattern, line => line);

    internal static SourceFile Of(params string[] lines) => new("src/Sample/Sample.cs", lines);

    private IEnumerable<string> Find(Regex pattern, Func<string, string> read)
    {
        for (int i = 0; i < Lines.Count; i++)
        {
            if (pattern.IsMatch(read(Lines[i])))
            {
                yield return Place(i);
            }
        }
    }

    internal string Place(int line) => $"{Path}:{line + 1}: {Lines[line].Trim()}";

    [GeneratedRegex(@"(^|\s)//.*$")]
    private static partial Regex Comment();
}
