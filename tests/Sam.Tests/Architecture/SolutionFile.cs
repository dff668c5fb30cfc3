using System.Text.RegularExpressions;

namespace Sam.Tests.Architecture;

/// <summary>
/// The solution, as its matrix of projects and configurations must be (architecture: the house). Azure is mapped to Release, and what needs packages that some registries lack
/// has no Build.0 in Debug and Release, so that neither restore nor build looks at it there.
/// </summary>
internal static partial class SolutionFile
{
    internal const string Name = "FunctionsSam.sln";

    private static readonly string[] _configurations = ["Debug", "Release", "Azure"];
    private static readonly string[] _azureOnly = ["Sam.Functions", "Sam.Functions.Tests"];

    /// <summary>Path (with '/') and id of each project.</summary>
    internal static IReadOnlyList<(string Path, string Id)> Projects(string solution) =>
        [.. ProjectLine().Matches(solution).Select(m => (m.Groups["path"].Value.Replace('\\', '/'), m.Groups["id"].Value))];

    /// <summary>What is wrong with the text of a solution: empty when nothing is. Each line says what to do.</summary>
    internal static IReadOnlyList<string> FindFaults(string solution)
    {
        HashSet<string> rows = [.. Row().Matches(solution).Select(m => m.Value.Trim())];
        List<string> wanted = [.. _configurations.Select(c => $"{c}|Any CPU = {c}|Any CPU")];
        foreach ((string path, string id) in Projects(solution))
        {
            bool azureOnly = _azureOnly.Contains(Path.GetFileNameWithoutExtension(path));
            foreach (string configuration in _configurations)
            {
                string built = configuration == "Azure" ? "Release" : configuration;
                wanted.Add($"{id}.{configuration}|Any CPU.ActiveCfg = {built}|Any CPU");
                if (!azureOnly || configuration == "Azure")
                {
                    wanted.Add($"{id}.{configuration}|Any CPU.Build.0 = {built}|Any CPU");
                }
            }
        }

        return [.. wanted.Where(row => !rows.Contains(row)).Select(row => $"add    {row}"), .. rows.Except(wanted).Select(row => $"remove {row}")];
    }

    [GeneratedRegex("""^Project\("\{(?!2150E333)[^}]*\}"\) = "[^"]*", "(?<path>[^"]*)", "(?<id>\{[^"]*\})"\r?$""", RegexOptions.Multiline)]
    private static partial Regex ProjectLine();

    [GeneratedRegex(@"^\t\t\S[^\r\n]*\|[^\r\n]* = [^\r\n]*\|[^\r\n]*$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
