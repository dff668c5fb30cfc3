using Microsoft.Extensions.Logging;

namespace Sam.Api.Composition;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "{Count} expired transactions were purged.")]
    internal static partial void Purged(ILogger logger, int count);

    [LoggerMessage(2010, LogLevel.Warning, "{Count} keys that no credential came of were destroyed.")]
    internal static partial void Abandoned(ILogger logger, int count);

    [LoggerMessage(2011, LogLevel.Information, "{Count} idempotency keys of privileged users were forgotten.")]
    internal static partial void Forgotten(ILogger logger, int count);

    [LoggerMessage(2002, LogLevel.Warning, "Expired transactions could not be purged; the next turn goes on.")]
    internal static partial void PurgeFailed(ILogger logger, Exception failure);

    [LoggerMessage(2012, LogLevel.Warning, "The head of the audit was not told to its witness; the next turn tries again.")]
    internal static partial void HeadNotKept(ILogger logger, Exception failure);

    [LoggerMessage(2013, LogLevel.Warning, "A checkpoint of the audit was not made; the next turn tries again.")]
    internal static partial void CheckpointNotMade(ILogger logger, Exception failure);
}
