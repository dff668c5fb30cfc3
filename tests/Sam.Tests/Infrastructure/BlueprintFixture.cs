using Sam.Tests.Architecture;
using Xunit;

namespace Sam.Tests.Infrastructure;

/// <summary>Compiles <c>infra/</c> once for all of its tests, in a copy: the compiler leaves nothing behind in the repository.</summary>
public sealed class BlueprintFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sam-infra-");
    private BicepCompiler? _compiler;

    internal IReadOnlyList<string> Diagnostics { get; private set; } = [];

    internal Blueprint Production { get; private set; } = null!;

    internal Blueprint Test { get; private set; } = null!;

    /// <summary>Production with every edit of <see cref="BlueprintEdits"/> at once.</summary>
    internal Blueprint Edited { get; private set; } = null!;

    /// <summary>What compiler and linter say to two edits that they should not let pass.</summary>
    internal IReadOnlyList<string> EditedDiagnostics { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        _compiler = BicepCompiler.Start(Blueprint.Environment);
        string original = Copy("original");
        List<string> diagnostics = [];
        // With a layer its modules are compiled.
        foreach (string file in Directory.EnumerateFiles(original, "*.bicep").Order(StringComparer.Ordinal))
        {
            diagnostics.AddRange(await _compiler.CompileAsync(file));
        }

        Production = await Blueprint.DrawAsync(_compiler, original, "production");
        Test = await Blueprint.DrawAsync(_compiler, original, "test");
        foreach (string file in Directory.EnumerateFiles(original, "*.production.bicepparam"))
        {
            diagnostics.AddRange(await _compiler.CompileAsync(file));
        }

        Diagnostics = [.. diagnostics.Distinct()];

        string edited = Copy("edited");
        BlueprintEdits.Apply(edited, BlueprintEdits.All.Select(edit => (edit.File, edit.From, edit.To)));
        Edited = await Blueprint.DrawAsync(_compiler, edited, "production");

        string broken = Copy("broken");
        BlueprintEdits.Apply(broken, BlueprintEdits.Misspelled);
        EditedDiagnostics = await _compiler.CompileAsync(Path.Combine(broken, "main.bicep"));
    }

    public ValueTask DisposeAsync()
    {
        _compiler?.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private string Copy(string name)
    {
        string target = Path.Combine(_folder.FullName, name);
        foreach (string file in Repository.Files("infra", string.Empty).Where(f => Path.GetExtension(f) is ".bicep" or ".bicepparam" or ".json"))
        {
            string copy = Path.Combine(target, Path.GetRelativePath("infra", file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Repository.PathOf(file), copy);
        }

        return target;
    }
}
