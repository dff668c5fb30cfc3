using System.Text.Json;

namespace Sam.Testing.Run;

/// <summary>What a long run found, as JSON that is committed. An ordinary run writes nothing.</summary>
public static class SoakResults
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    /// <summary>Writes what a soak test found when all its assertions have held.</summary>
    public static async Task WriteAsync(string name, object found)
    {
        if (Environment.GetEnvironmentVariable("SAM_SOAK_RESULTS") is { } folder)
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, $"{name}.json"),
                JsonSerializer.Serialize(new { name, finished = DateTimeOffset.UtcNow, processors = Environment.ProcessorCount, found }, _indented) + "\n");
        }
    }
}
