using Sam.Api.OpenApi;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>What the OpenAPI document says of the audit.</summary>
internal static class AuditDescriptions
{
    internal static IReadOnlyDictionary<string, RouteDescription> All { get; } = new Dictionary<string, RouteDescription>(StringComparer.Ordinal)
    {
        ["sam-audit-rows"] = new("Rows of one chain of the audit, opened", AdminJson.Web.AuditRowsAnswer, SamErrorCode.ParameterInvalid)
        {
            Details = "Which chains and rows there are says the audit table itself, whose rows anybody who may read it can verify. Here page is the number of a row; without it, the first. Each reading is audited.",
            IsPaged = true,
        },
        ["sam-audit-record"] = new("One record, with what binds it to its row", AdminJson.Web.BoundRecord, SamErrorCode.ParameterInvalid)
        {
            Details = "The bytes of the record, its salt, and the way from its leaf to the root in the row: of the row's other records it tells nothing. Each reading is audited.",
        },
        ["sam-audit-transaction"] = new("Whether a transaction's SAD was spent, and by which operation", AdminJson.Web.AuditedTransactionAnswer, SamErrorCode.ParameterInvalid)
        {
            Details = "What no record of the audit tells: a process may have ended between the spend and its record. Each reading is audited.",
        },
    };
}
