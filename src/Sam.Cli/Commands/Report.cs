using System.Globalization;
using Spectre.Console;

namespace Sam.Cli.Commands;

/// <summary>Plain aligned text on standard output. Every value passes <see cref="Printable"/>; lines are never folded, so that an id can be copied.</summary>
internal sealed class Report(TextWriter output)
{
    private const int Gap = 2;

    /// <summary>Names and values, one pair a line. What is null is left out.</summary>
    internal void Fields(params IReadOnlyList<(string Name, string? Value)> fields) =>
        Write([.. fields.Where(f => f.Value is not null).Select(f => new[] { f.Name, f.Value! })]);

    /// <summary>Rows under headings.</summary>
    internal void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows) => Write([headings, .. rows]);

    internal void Line(string text = "") => output.WriteLine(Printable.OneLine(text));

    /// <summary>A time as it is shown: UTC, to the second.</summary>
    internal static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    internal static string YesNo(bool value) => value ? "yes" : "no";

    internal static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private void Write(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        Grid grid = new();
        foreach (string _ in rows[0])
        {
            grid.AddColumn(new GridColumn().NoWrap().Padding(0, 0, Gap, 0));
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            grid.AddRow([.. row.Select(cell => new Text(Printable.OneLine(cell)))]);
        }

        using StringWriter lines = new(CultureInfo.InvariantCulture);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(lines),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = 65_536;
        console.Write(grid);
        foreach (string line in lines.ToString().TrimEnd().Split('\n'))
        {
            output.WriteLine(line.TrimEnd());
        }
    }
}
