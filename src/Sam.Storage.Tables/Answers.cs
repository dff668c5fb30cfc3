using Azure;
using Azure.Data.Tables.Models;
using Azure.Identity;
using Sam.Core.Rows;

namespace Sam.Storage.Tables;

/// <summary>What an answer tells for certain. Everything that is not certain leaves a write in doubt.</summary>
internal static class Answers
{
    /// <summary>A row that is not there, as opposed to a table that is not there.</summary>
    internal static bool IsRowMissing(RequestFailedException answer) =>
        answer.Status == 404 && answer.ErrorCode == TableErrorCode.ResourceNotFound;

    /// <summary>The service has refused, and will again: nothing was written, and a read need not be tried again.</summary>
    internal static bool IsFinal(Exception failure) => failure is
        RequestFailedException { Status: >= 400 and < 500 and not (408 or 429) }
        or AuthenticationFailedException;

    /// <param name="answer">The service's answer.</param>
    /// <param name="versioned">Whether the row has a version after this write.</param>
    internal static RowWriteResult OfWrite(Response answer, bool versioned)
    {
        if (answer.IsError)
        {
            // The SDK returns the 404 of a DELETE instead of throwing it.
            throw new RequestFailedException(answer);
        }

        // Without its date or version the caller could not go on with the row; reading it gives both.
        return answer.Headers.Date is not { } date || (versioned && answer.Headers.ETag is null)
            ? new RowWriteResult(RowWriteOutcome.InDoubt)
            : new RowWriteResult(RowWriteOutcome.Written, versioned ? new RowETag(answer.Headers.ETag!.Value.ToString("H")) : default, date);
    }

    /// <exception cref="RowStoreException">It was certainly not written, and not because of its condition.</exception>
    internal static RowWriteResult OfFailedWrite(Exception failure) => failure switch
    {
        RequestFailedException answer when IsCondition(answer) =>
            new RowWriteResult(RowWriteOutcome.Conflict, ServerDate: answer.GetRawResponse()?.Headers.Date ?? default),
        _ when IsFinal(failure) => throw new RowStoreException("The table service refused a write.", failure),
        _ => new RowWriteResult(RowWriteOutcome.InDoubt),
    };

    private static bool IsCondition(RequestFailedException answer) =>
        answer.Status == 412
        || (answer.Status == 409 && answer.ErrorCode == TableErrorCode.EntityAlreadyExists)
        || IsRowMissing(answer);
}
