using Microsoft.Extensions.Logging;

namespace Sam.Api.Authentication;

internal static partial class Log
{
    [LoggerMessage(1101, LogLevel.Information, "Access tokens: {Issuer} has {Keys} signing keys.")]
    internal static partial void IssuerRead(ILogger logger, string issuer, int keys);

    [LoggerMessage(1102, LogLevel.Error, "Access tokens: the issuer's metadata or keys could not be read; the next try is in {Interval} at the earliest.")]
    internal static partial void IssuerUnavailable(ILogger logger, Exception broken, TimeSpan interval);

    [LoggerMessage(1103, LogLevel.Debug, "Access token refused: {Cause}.")]
    internal static partial void TokenRefused(ILogger logger, string cause);
}
