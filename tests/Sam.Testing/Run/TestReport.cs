namespace Sam.Testing.Run;

/// <summary>
/// What a test tried and how often, one line each, shown by <c>./dev test</c> after the run: a green test that tried next to nothing should be seen to have done so.
/// </summary>
public static class TestReport
{
    private static readonly Lock _lock = new();

    /// <summary>Adds a line, once its assertions have held.</summary>
    /// <param name="what">What was tried, such as <c>kill points</c>: the line begins with it.</param>
    /// <param name="tried">How often and with which outcome; the seed where there is one.</param>
    public static void Add(string what, string tried)
    {
        string line = $"{what}: {tried}";
        if (Environment.GetEnvironmentVariable("SAM_TEST_REPORT") is not { Length: > 0 } path)
        {
            Console.WriteLine(line);
            return;
        }

        lock (_lock)
        {
            File.AppendAllText(path, line + "\n");
        }
    }
}
