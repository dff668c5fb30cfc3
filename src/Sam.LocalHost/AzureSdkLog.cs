using System.Diagnostics.Tracing;
using Azure.Core.Diagnostics;

namespace Sam.LocalHost;

/// <summary>
/// Brings what the Azure SDK tells of its requests into the host's log, under the category <c>Azure</c>. The SDK leaves bodies and credentials out.
/// What it costs is paid only as far as that category's level asks for it.
/// </summary>
internal static class AzureSdkLog
{
    internal static AzureEventSourceListener Start(ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger("Azure");
        EventLevel level = logger.IsEnabled(LogLevel.Trace) ? EventLevel.Verbose
            : logger.IsEnabled(LogLevel.Debug) ? EventLevel.Informational
            : EventLevel.Warning;
        return new AzureEventSourceListener((happened, text) => Write(logger, happened, text), level);
    }

    private static void Write(ILogger logger, EventWrittenEventArgs happened, string text)
    {
        LogLevel level = ToLogLevel(happened.Level);
        if (logger.IsEnabled(level))
        {
            Log.AzureSdk(logger, level, happened.EventName, text);
        }
    }

    private static LogLevel ToLogLevel(EventLevel level) => level switch
    {
        EventLevel.Critical or EventLevel.Error => LogLevel.Error,
        EventLevel.Warning => LogLevel.Warning,
        EventLevel.Informational => LogLevel.Debug,
        _ => LogLevel.Trace,
    };
}
