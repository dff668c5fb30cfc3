using System.Globalization;
using Microsoft.Extensions.Primitives;
using Sam.Api.Pipeline;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>The part of a list that is asked for: <c>?limit=</c> 1 to 200 (50), and <c>?page=</c> as the page before it said.</summary>
/// <param name="Limit">How many.</param>
/// <param name="After">Behind which key the page begins; null for the first page.</param>
internal sealed record Paging(int Limit, string? After)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const int LongestPage = 512;

    internal static Result<Paging> Read(SamRequest request)
    {
        StringValues limitText = request.Http.Request.Query["limit"];
        StringValues page = request.Http.Request.Query["page"];
        int limit = DefaultLimit;
        if (limitText.Count > 0
            && (limitText.Count > 1 || !int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "limit");
        }

        return page.Count > 1 || page.ToString().Length > LongestPage ? new Refusal(SamErrorCode.ParameterInvalid, "page") : new Paging(limit, page.Count == 0 ? null : page.ToString());
    }
}
