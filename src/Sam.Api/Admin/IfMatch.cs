using Sam.Api.Pipeline;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Api.Admin;

/// <summary>The version that a change starts from (RFC 9110 section 13.1.1): one strong ETag, as an answer gave it. A change of what has versions must name one.</summary>
internal static class IfMatch
{
    internal static string ToHeader(RowETag etag) => $"\"{Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(etag.Value))}\"";

    /// <summary>Refused with VersionMissing, or ParameterInvalid for anything but one strong ETag of ours.</summary>
    internal static Result<RowETag> Read(SamRequest request)
    {
        Microsoft.Extensions.Primitives.StringValues header = request.Http.Request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return SamErrorCode.VersionMissing;
        }

        if (header.Count == 1 && header[0] is ['"', .. string hex, '"'] && hex.Length is > 0 and <= 512 && hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigitLower))
        {
            return new RowETag(System.Text.Encoding.UTF8.GetString(Convert.FromHexString(hex)));
        }

        return new Refusal(SamErrorCode.ParameterInvalid, "If-Match");
    }
}
