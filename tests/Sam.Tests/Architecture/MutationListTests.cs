using Xunit;

namespace Sam.Tests.Architecture;

/// <summary>
/// The list of edits follows the code: an edit whose text is gone tests nothing. Whether the tests notice each edit is for <c>./dev soak mutations</c>; here it is only held that
/// each can still be made.
/// </summary>
public sealed class MutationListTests
{
    private readonly string[] _lines = [.. Repository.Read("tests/mutations/list").Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

    [Fact]
    public void Every_old_text_stands_exactly_once_in_its_file()
    {
        List<string> stale = [];
        string file = string.Empty;
        foreach (string line in _lines)
        {
            if (line.StartsWith("@ ", StringComparison.Ordinal))
            {
                file = line[2..];
            }
            else if (line.StartsWith("- ", StringComparison.Ordinal) && Repository.Read(file).Split(line[2..]).Length != 2)
            {
                stale.Add($"{file}: {line}");
            }
        }

        Assert.True(stale.Count == 0, string.Join('\n', stale));
    }

    [Fact]
    public void Every_edit_has_a_title_of_its_own_a_file_a_change_and_tests_that_notice()
    {
        string[] titles = [.. _lines.Where(line => !"@-+?!".Contains(line[0], StringComparison.Ordinal))];
        Assert.True(titles.Length > 100);
        Assert.Equal(titles.Length, titles.Distinct().Count());
        Assert.Equal(titles.Length, Count('@'));
        Assert.Equal(titles.Length, Count('?'));
        Assert.Equal(Count('-'), Count('+'));
        Assert.All(_lines.Where(line => line[0] == '!'), line => Assert.Contains(line, (string[])["! spend", "! binding"]));
        Assert.All(_lines.Where(line => line[0] == '?'), line => Assert.NotEmpty(Repository.Files($"tests/{line.Split(' ')[1]}", ".csproj")));

        int Count(char kind) => _lines.Count(line => line[0] == kind);
    }
}
