using Microsoft.Extensions.Logging;

namespace Sam.Api.Certificates;

internal static partial class Log
{
    [LoggerMessage(1201, LogLevel.Warning, "Where a certificate's revocation can be learned could not be read from it.")]
    internal static partial void AddressesUnreadable(ILogger logger, Exception failure);

    [LoggerMessage(1202, LogLevel.Warning, "{Address} was asked about a certificate's revocation and answered with status {Status}.")]
    internal static partial void RevocationRefused(ILogger logger, Uri address, int status);

    [LoggerMessage(1203, LogLevel.Warning, "{Address} was asked about a certificate's revocation; its answer knows nothing or cannot be believed.")]
    internal static partial void RevocationNotBelieved(ILogger logger, Uri address);

    [LoggerMessage(1204, LogLevel.Warning, "{Address} was asked about a certificate's revocation and gave no answer.")]
    internal static partial void RevocationUnavailable(ILogger logger, Exception failure, Uri address);
}
