namespace Sam.Tests.Architecture;

/// <summary>The repository that these tests were built in, as text.</summary>
internal static class Repository
{
    private static readonly string[] _codeFolders = ["src", "tests", "bench"];

    internal static string Root { get; } = FindRoot();

    internal static string PathOf(string relative) => Path.Combine(Root, relative);

    internal static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Files below a folder that end so, with '/' in their paths; none of what a build leaves.</summary>
    internal static IReadOnlyList<string> Files(string folder, string ending) =>
    [
        .. Directory.EnumerateFiles(PathOf(folder), "*" + ending, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>All project files.</summary>
    internal static IReadOnlyList<string> Projects() => [.. Existing().SelectMany(folder => Files(folder, ".csproj"))];

    /// <summary>All C# sources: of the products, or of everything.</summary>
    internal static IReadOnlyList<SourceFile> Sources(bool productsOnly = false) =>
    [
        .. Existing().Where(folder => !productsOnly || folder == "src")
            .SelectMany(folder => Files(folder, ".cs"))
            .Select(path => new SourceFile(path, File.ReadAllLines(PathOf(path)))),
    ];

    private static IEnumerable<string> Existing() => _codeFolders.Where(folder => Directory.Exists(PathOf(folder)));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FunctionsSam.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
