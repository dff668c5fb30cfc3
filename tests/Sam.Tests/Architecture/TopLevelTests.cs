using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Sam.Tests.Architecture;

/// <summary>What people, build services and Azure look for at the top of the repository.</summary>
public sealed partial class TopLevelTests
{
    [Theory]
    [InlineData("FunctionsSam.sln")]
    [InlineData("README.md")]
    [InlineData("azure.yaml")]
    [InlineData("infra/README.md")]
    [InlineData("global.json")]
    [InlineData("Directory.Build.props")]
    [InlineData("Directory.Packages.props")]
    [InlineData(".github/CONTRIBUTING.md")]
    [InlineData(".github/SECURITY.md")]
    public void It_is_there(string path) => Assert.NotEmpty(Repository.Read(path).Trim());

    [Theory]
    [InlineData("dev")]
    [InlineData(".ci/run")]
    [InlineData("tests/trace")]
    [InlineData("tests/mutations/run")]
    public void It_can_be_run(string path) =>
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Repository.PathOf(path)).HasFlag(UnixFileMode.UserExecute), $"chmod +x {path}");

    [Fact]
    public void The_functions_host_adds_no_prefix_to_routes()
    {
        using JsonDocument host = JsonDocument.Parse(Repository.Read("host.json"));
        Assert.Equal("2.0", host.RootElement.GetProperty("version").GetString());
        Assert.Equal(string.Empty, host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
    }

    [Fact]
    public void Every_dev_command_that_the_README_prints_exists()
    {
        HashSet<string> offered = [.. DevCommand().Matches(Help()).Select(m => m.Groups["name"].Value)];
        string[] printed = [.. DevCommand().Matches(Repository.Read("README.md")).Select(m => m.Groups["name"].Value).Distinct()];
        Assert.Contains("demo", printed);
        Assert.Contains("test", printed);
        Assert.Empty(printed.Except(offered));
    }

    [Fact]
    public void The_developer_script_runs_every_test_project()
    {
        string[] runnable =
        [
            .. Repository.Files("tests", ".csproj")
                .Where(project => XDocument.Load(Repository.PathOf(project)).Descendants("PackageReference").Any(p => p.Attribute("Include")!.Value == "xunit.v3"))
                .Select(project => Path.GetFileNameWithoutExtension(project)),
        ];

        // Two lists: of the solution configurations that build anywhere, and of Azure.
        string[] listed = [.. TestProjects().Matches(Repository.Read("dev")).SelectMany(m => m.Groups["names"].Value.Split(' '))];
        Assert.Equal(runnable.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_workflow_does_what_the_build_service_does() =>
        Assert.Contains("run: .ci/run", Repository.Read(".github/workflows/ci.yml"), StringComparison.Ordinal);

    private static string Help() => HelpText().Match(Repository.Read("dev")).Value;

    [GeneratedRegex(@"\./dev (?<name>[a-z]+)")]
    private static partial Regex DevCommand();

    [GeneratedRegex(@"^help\(\) \{.*?^\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex HelpText();

    [GeneratedRegex(@"^ *TEST_PROJECTS=\((?<names>[^)]*)\)", RegexOptions.Multiline)]
    private static partial Regex TestProjects();
}
