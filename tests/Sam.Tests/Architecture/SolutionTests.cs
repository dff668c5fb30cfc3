using Xunit;

namespace Sam.Tests.Architecture;

/// <summary><c>dotnet sln add</c> writes rows for every configuration and maps Azure to Debug; each one must be put right by hand, and this tells how.</summary>
public sealed class SolutionTests
{
    [Fact]
    public void Every_project_has_its_rows_in_the_three_configurations_and_no_others()
    {
        IReadOnlyList<string> faults = SolutionFile.FindFaults(Repository.Read(SolutionFile.Name));
        Assert.True(faults.Count == 0, $"To mend {SolutionFile.Name}:\n{string.Join('\n', faults)}");
    }

    [Fact]
    public void Every_project_of_the_repository_is_in_the_solution_and_the_reverse() =>
        Assert.Equal(
            Repository.Projects().Order(StringComparer.Ordinal),
            SolutionFile.Projects(Repository.Read(SolutionFile.Name)).Select(p => p.Path).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(".Azure|Any CPU.ActiveCfg = Release|Any CPU", ".Azure|Any CPU.ActiveCfg = Debug|Any CPU")]
    [InlineData(".Debug|Any CPU.Build.0 = Debug|Any CPU", ".Debug|x64.Build.0 = Debug|Any CPU")]
    [InlineData("\t\tAzure|Any CPU = Azure|Any CPU\n", "")]
    [InlineData("\t\tDebug|Any CPU = Debug|Any CPU\n", "\t\tDebug|Any CPU = Debug|Any CPU\n\t\tDebug|x64 = Debug|x64\n")]
    public void What_dotnet_sln_add_writes_is_noticed(string right, string wrong)
    {
        string solution = Repository.Read(SolutionFile.Name);
        Assert.Contains(right, solution, StringComparison.Ordinal);
        Assert.NotEmpty(SolutionFile.FindFaults(solution.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_functions_projects_may_not_be_built_in_Debug_and_Release()
    {
        const string Id = "{00000000-0000-0000-0000-000000000001}";
        string solution = Repository.Read(SolutionFile.Name)
            .Replace("\nGlobal\n", $"\nProject(\"{{FAE04EC0}}\") = \"Sam.Functions\", \"src\\Sam.Functions\\Sam.Functions.csproj\", \"{Id}\"\nEndProject\nGlobal\n", StringComparison.Ordinal);
        Assert.Equal(
            [
                $"add    {Id}.Debug|Any CPU.ActiveCfg = Debug|Any CPU",
                $"add    {Id}.Release|Any CPU.ActiveCfg = Release|Any CPU",
                $"add    {Id}.Azure|Any CPU.ActiveCfg = Release|Any CPU",
                $"add    {Id}.Azure|Any CPU.Build.0 = Release|Any CPU",
            ],
            SolutionFile.FindFaults(solution).Where(fault => fault.Contains(Id, StringComparison.Ordinal)));
    }
}
