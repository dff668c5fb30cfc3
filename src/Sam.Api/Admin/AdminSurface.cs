using Microsoft.AspNetCore.Http;

namespace Sam.Api.Admin;

/// <summary>What belongs to the Admin API: everything below <c>/sam</c>. Its refusals are problems by RFC 9457, and it takes no request in the clear.</summary>
internal static class AdminSurface
{
    internal const string Root = "/sam/v1";

    internal static bool Has(PathString path) => path.StartsWithSegments("/sam", StringComparison.OrdinalIgnoreCase);
}
