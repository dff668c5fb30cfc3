using System.Xml.Linq;
using Sam.Api.Pipeline;
using Xunit;

namespace Sam.Tests.Architecture;

/// <summary>Both hosts have the same routes (architecture: two hosts, one API). Kestrel reads the table; the functions' attributes must agree with it.</summary>
public sealed class FunctionTests
{
    private static readonly IReadOnlyList<FunctionSource> _functions = FunctionSources.All();

    [Fact]
    public void Every_route_has_exactly_one_function_and_the_reverse() => Assert.Equal(
        RouteTable.All.Select(route => $"{route.Name} {string.Join(' ', route.Methods)} {route.Path}").Append($"{FunctionSources.CatchAll}  /{{*path}}").Order(StringComparer.Ordinal),
        _functions.Where(f => f.Trigger is not null).Select(f => $"{f.Name} {string.Join(' ', f.Trigger!.Methods)} {f.Trigger.Path}").Order(StringComparer.Ordinal));

    [Fact]
    public void A_function_is_one_line_into_the_pipeline_under_its_own_name() => Assert.All(
        _functions.Where(f => f.Trigger is not null),
        f => Assert.Equal(f.Name == FunctionSources.CatchAll ? "_pipeline.AnswerUnroutedAsync(request)" : $"_pipeline.AnswerAsync(request, \"{f.Name}\")", f.Body));

    [Fact]
    public void Every_function_is_anonymous_for_the_platform() =>
        Assert.All(_functions.Where(f => f.Trigger is not null), f => Assert.Equal("Anonymous", f.Trigger!.Level));

    [Fact]
    public void No_function_but_the_purge_has_no_route() => Assert.Equal("purge", Assert.Single(_functions, f => f.Trigger is null).Name);

    // The platform takes no others, and not more than one of a name whatever its case.
    [Fact]
    public void Names_are_the_platforms()
    {
        Assert.All(_functions, f => Assert.Matches("^[A-Za-z][A-Za-z0-9_-]{0,127}$", f.Name));
        Assert.Distinct(_functions.Select(f => f.Name), StringComparer.OrdinalIgnoreCase);
    }

    // The platform keeps these for itself: a function there would not be reached.
    [Fact]
    public void No_route_begins_with_admin_or_runtime() => Assert.DoesNotContain(
        RouteTable.All, route => new[] { "/admin", "/runtime" }.Any(taken => route.Path.StartsWith(taken, StringComparison.OrdinalIgnoreCase)));

    [Fact]
    public void The_one_host_json_lies_beside_the_worker()
    {
        XElement link = Assert.Single(
            XDocument.Load(Repository.PathOf($"{FunctionSources.Folder}/Sam.Functions.csproj")).Descendants("None"), item => item.Attribute("Link")?.Value == "host.json");
        Assert.Equal("../../host.json", link.Attribute("Include")!.Value);
        Assert.Equal("PreserveNewest", link.Attribute("CopyToOutputDirectory")!.Value);
        Assert.Equal("PreserveNewest", link.Attribute("CopyToPublishDirectory")!.Value);
        Assert.Empty(Repository.Files("src", "host.json"));
    }

    [Fact]
    public void Nothing_of_development_is_in_the_worker() =>
        Assert.All(Repository.Files(FunctionSources.Folder, ".cs"), path => Assert.DoesNotContain("\"dev/", Repository.Read(path), StringComparison.Ordinal));

    [Theory]
    [InlineData("""[Function("a")] public Task<IResult> A([HttpTrigger(AuthorizationLevel.Function, "get", Route = "x")] HttpRequest request) => _pipeline.AnswerAsync(request, "b");""", "Function", "GET", "/x", "_pipeline.AnswerAsync(request, \"b\")")]
    [InlineData("""[Function("a")] public Task<IResult> A([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request) { return null; }""", "Anonymous", "", "/{*path}", "")]
    public void What_is_wrong_with_a_function_is_noticed(string source, string level, string methods, string path, string body)
    {
        FunctionSource function = Assert.Single(FunctionSources.Read(source));
        Assert.Equal((level, methods, path), (function.Trigger!.Level, string.Join(' ', function.Trigger.Methods), function.Trigger.Path));
        Assert.Equal(body, function.Body);
    }
}
