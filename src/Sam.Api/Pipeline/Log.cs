using Microsoft.Extensions.Logging;
using Sam.Core.Results;

namespace Sam.Api.Pipeline;

internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Error, "Route {Route}: the request could not be served ({Code}).")]
    internal static partial void RequestBroken(ILogger logger, Exception broken, string route, SamErrorCode code);
}
