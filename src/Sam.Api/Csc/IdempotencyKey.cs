using Microsoft.Extensions.Primitives;
using Sam.Api.Pipeline;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary>
/// The header <c>Idempotency-Key</c>, which is this SAM's addition to the CSC API: a client that sends the same request again under the same key gets the answer that it lost.
/// The key is the client's to choose, 1 to 255 printable ASCII characters; it is compared as it stands.
/// </summary>
internal static class IdempotencyKey
{
    private const string Header = "Idempotency-Key";

    /// <summary>The request's mark; none without the header. Refused with ParameterInvalid: a key that is not understood must not be taken for none.</summary>
    internal static Result<OptionalMark> Read(SamRequest request)
    {
        if (!request.Http.Request.Headers.TryGetValue(Header, out StringValues keys))
        {
            return new OptionalMark(null);
        }

        return keys.Count == 1 && RetryMark.TryCreate(keys[0], request.Body.Utf8.Span, out RetryMark? mark)
            ? new OptionalMark(mark)
            : new Refusal(SamErrorCode.ParameterInvalid, Header);
    }
}

/// <summary>The mark of a request that may be sent again, or null.</summary>
internal readonly record struct OptionalMark(RetryMark? Value);
