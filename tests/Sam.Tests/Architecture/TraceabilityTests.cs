using System.Text.RegularExpressions;
using Xunit;

namespace Sam.Tests.Architecture;

/// <summary>Each requirement and threat is held by a test, or its work is still to come; <c>./dev trace</c> shows which.</summary>
public sealed partial class TraceabilityTests
{
    private readonly HashSet<string> _known = Ids("tests/requirements.txt");
    private readonly HashSet<string> _open = Ids("tests/requirements-open.txt");

    private readonly HashSet<string> _tested =
        [.. Repository.Files("tests", ".cs").SelectMany(path => Trait().Matches(Repository.Read(path))).Select(m => m.Groups["id"].Value)];

    [Fact]
    public void Every_id_is_named_by_a_test_or_stands_in_the_list_of_open_ones() =>
        Assert.Equal([], _known.Except(_tested).Except(_open));

    [Fact]
    public void What_a_test_names_is_not_open_any_more() =>
        Assert.Empty(_tested.Intersect(_open));

    [Fact]
    public void Tests_and_the_list_of_open_ones_name_known_ids_only() =>
        Assert.Empty(_tested.Union(_open).Except(_known));

    [Fact]
    public void The_list_of_ids_is_complete()
    {
        // Fixed by the guideline: 27 clauses of chapter 3, 6 of the appendices with the API, 25 threats. An id that is lost here would be lost for good.
        Assert.Equal(58, _known.Count);
        Assert.Equal(25, _known.Count(id => id.StartsWith("T-", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_requirement_is_named_by_a_literal() =>
        Assert.Empty(Repository.Sources().SelectMany(source => source.FindInCode(NoLiteral())));

    private static HashSet<string> Ids(string file) =>
        [.. Repository.Read(file).Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ')[0])];

    [GeneratedRegex(@"Trait\(""Requirement"", ""(?<id>[^""]*)""\)")]
    private static partial Regex Trait();

    [GeneratedRegex(@"Trait\(""Requirement"",\s*[^""\s]")]
    private static partial Regex NoLiteral();
}
