namespace Sam.LocalHost;

internal static partial class Log
{
    [LoggerMessage(EventId = 2003, Message = "{Event}: {Text}")]
    internal static partial void AzureSdk(ILogger logger, LogLevel level, string? @event, string text);
}
