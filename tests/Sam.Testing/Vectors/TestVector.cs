namespace Sam.Testing.Vectors;

/// <summary>
/// One test vector: a text file of <c>name: value</c> lines, <c>#</c> lines of explanation, and always an <c>expect:</c> line. It holds one input and one expectation, and where
/// the input is bad, one fault and its kind: a vector that only said "bad" would pass as soon as anything at all went wrong with it.
/// </summary>
public sealed class TestVector
{
    private readonly Dictionary<string, string> _fields = [];

    private TestVector(string area, string name)
    {
        Area = area;
        Name = name;
    }

    /// <summary>The folder under <c>tests/vectors</c>.</summary>
    public string Area { get; }

    /// <summary>The file's name without its extension.</summary>
    public string Name { get; }

    /// <summary>What is to come of it.</summary>
    public string Expect { get; private set; } = string.Empty;

    private static string Root => Path.Combine(AppContext.BaseDirectory, "vectors");

    /// <summary>The names of an area's vectors, in order.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such area: a test without vectors must not pass.</exception>
    public static IReadOnlyList<string> NamesIn(string area) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, area), "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    /// <summary>Reads a vector.</summary>
    /// <exception cref="InvalidDataException">The file has another form.</exception>
    public static TestVector Read(string area, string name)
    {
        TestVector vector = new(area, name);
        foreach (string line in File.ReadLines(Path.Combine(Root, area, name + ".txt")).Where(l => l.Length > 0 && l[0] != '#'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !vector._fields.TryAdd(line[..colon], line[(colon + 1)..].Trim()))
            {
                throw new InvalidDataException($"{area}/{name}: \"{line}\"");
            }
        }

        vector.Expect = vector.Text("expect");
        return vector;
    }

    /// <summary>A line's value.</summary>
    /// <exception cref="InvalidDataException">The vector has no such line.</exception>
    public string Text(string field) =>
        _fields.TryGetValue(field, out string? value) ? value : throw new InvalidDataException($"{Area}/{Name} has no line \"{field}:\".");

    /// <summary>A line's value as hexadecimal; blanks are for the eye.</summary>
    public byte[] Bytes(string field) => Convert.FromHexString(Text(field).Replace(" ", string.Empty, StringComparison.Ordinal));
}
