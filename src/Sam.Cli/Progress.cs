using System.Globalization;

namespace Sam.Cli;

/// <summary>A count that goes on in one line of a terminal, a few times a second.</summary>
/// <param name="host">Where.</param>
/// <param name="what">What is counted.</param>
internal sealed class Progress(CliHost host, string what)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private long _count;
    private long _shown = host.Clock.GetTimestamp();

    internal void Step(int by = 1)
    {
        _count += by;
        if (host.ErrorIsTerminal && host.Clock.GetElapsedTime(_shown) > _pause)
        {
            _shown = host.Clock.GetTimestamp();
            host.Error.Write($"\r{Text()}");
        }
    }

    internal void End()
    {
        if (host.ErrorIsTerminal)
        {
            host.Error.Write($"\r{Text()}\n");
        }
    }

    private string Text() => string.Create(CultureInfo.InvariantCulture, $"{_count} {what}");
}
