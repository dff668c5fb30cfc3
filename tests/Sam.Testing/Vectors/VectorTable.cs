namespace Sam.Testing.Vectors;

/// <summary>A table under <c>tests/vectors</c>: one expectation a line, its columns parted by <c>|</c>, and <c>#</c> lines of explanation. For inputs so short that a file each would hide what they have in common.</summary>
public static class VectorTable
{
    /// <summary>The lines, column by column, without the blanks around them.</summary>
    /// <exception cref="InvalidDataException">A line has another number of columns, or there is none: a test without vectors must not pass.</exception>
    public static IReadOnlyList<string[]> Read(string area, string name, int columns)
    {
        List<string[]> lines = [];
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", area, name + ".txt")).Where(l => l.Length > 0 && l[0] != '#'))
        {
            string[] cells = line.Split('|', StringSplitOptions.TrimEntries);
            lines.Add(cells.Length == columns ? cells : throw new InvalidDataException($"{area}/{name}: \"{line}\""));
        }

        return lines.Count > 0 ? lines : throw new InvalidDataException($"{area}/{name} is empty.");
    }
}
