using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sam.Cli.Audit;

/// <summary>
/// An HSM's own log, one JSON object a line. Either as Azure writes it of a Managed HSM (category <c>AuditEvent</c>: <c>time</c>, <c>operationName</c>, <c>requestUri</c>, <c>httpStatusCode</c>), or, of any other HSM,
/// <c>{"time":"2026-01-31T12:00:00Z","operation":"sign","key":"NAME"}</c>, a line for each signature that was made. Other operations are passed over; a line that may be a signature and does not say whose is no log.
/// </summary>
internal static partial class HsmLog
{
    private const string AzureSign = "KeySign";
    private const string PlainSign = "sign";

    /// <exception cref="CommandFailure">A line is not understood.</exception>
    internal static IEnumerable<HsmUse> Read(string path)
    {
        long number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            HsmUse? use;
            try
            {
                use = line.Length == 0 ? null : Parse(JsonElement.Parse(line));
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
            {
                throw new CommandFailure(string.Create(CultureInfo.InvariantCulture, $"Line {number} of the HSM's log is not understood."), ExitCodes.Unreadable, e);
            }

            if (use is not null)
            {
                yield return use;
            }
        }
    }

    /// <summary>Null for what is no signature.</summary>
    private static HsmUse? Parse(JsonElement line) => line.TryGetProperty("operation", out JsonElement operation)
        ? operation.GetString() == PlainSign ? new HsmUse(HsmUse.NameOf(Text(line, "key")), Time(line)) : null
        : ParseAzure(line);

    private static HsmUse? ParseAzure(JsonElement line)
    {
        if (!string.Equals(Text(line, "operationName"), AzureSign, StringComparison.OrdinalIgnoreCase) || Member(line, "httpStatusCode").GetInt32() != 200)
        {
            return null;
        }

        Match key = KeyInAddress().Match(Member(line, "requestUri").GetString() ?? string.Empty);
        return key.Success ? new HsmUse(key.Groups[1].Value, Time(line)) : throw new FormatException("No key.");
    }

    /// <summary>Beside the others, or among the properties: logs of different ages have both.</summary>
    private static JsonElement Member(JsonElement line, string name) =>
        line.TryGetProperty(name, out JsonElement member) ? member : line.GetProperty("properties").GetProperty(name);

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString() ?? throw new FormatException(name);

    private static DateTimeOffset Time(JsonElement line) => line.GetProperty("time").GetDateTimeOffset();

    [GeneratedRegex("/keys/([^/?]+)")]
    private static partial Regex KeyInAddress();
}
