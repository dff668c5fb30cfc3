using System.Text;

namespace Sam.KillPoints;

/// <summary>
/// What a run tells its parent: one line each, in one write to the pipe, before the run goes on. What stands in the pipe has left the process, whatever becomes of it.
/// </summary>
internal sealed class Report
{
    /// <summary>A call begins: its name.</summary>
    internal const string Call = "call";

    /// <summary>A SAD was given.</summary>
    internal const string Sad = "sad";

    /// <summary>A signature was given, in base64.</summary>
    internal const string Signature = "signature";

    /// <summary>Refused, or failed: where, and the cause.</summary>
    internal const string Refused = "refused";

    /// <summary>What was thrown said so: for whoever reads why a test failed.</summary>
    internal const string Because = "because";

    /// <summary>The run came to its end.</summary>
    internal const string End = "end";

    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly Lock _lock = new();

    internal void Write(string kind, string text)
    {
        byte[] line = Encoding.ASCII.GetBytes($"{kind} {text}\n");
        lock (_lock)
        {
            _output.Write(line);
        }
    }
}
