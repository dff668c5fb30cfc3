using System.Globalization;
using Sam.Api.Pipeline;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Admin;

/// <summary>The audit, opened to auditors.</summary>
internal static class AuditHandlers
{
    // What a row key has digits for.
    private const long LastSequence = 999_999_999_999;

    internal static async Task<SamResponse> ListAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (Paging.Read(request).IsRefused(out Refusal? refusal, out Paging? paging))
        {
            return SamResponse.Refuse(refusal);
        }

        string chain = request.Path("chain");
        if (chain.Length != AuditFormat.ChainIdSize || !chain.All(char.IsAsciiHexDigitLower))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "chain"));
        }

        long from = 0;
        if (paging.After is { } page && (!long.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out from) || from > LastSequence))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "page"));
        }

        AuditReader audit = (await request.GetModuleAsync(cancellationToken)).Audit;
        return (await audit.ReadAsync(request.Officer.Actor, chain, from, paging.Limit, cancellationToken)).IsRefused(out refusal, out IReadOnlyList<OpenedRow>? rows)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                new AuditRowsAnswer(rows, audit.OwnKeys, rows.Count == 0 ? null : (from + rows.Count).ToString(CultureInfo.InvariantCulture)), AdminJson.Web.AuditRowsAnswer);
    }

    internal static async Task<SamResponse> FindTransactionAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (!TransactionId.TryParse(request.Path("transaction"), out TransactionId id))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "transaction"));
        }

        AuditReader audit = (await request.GetModuleAsync(cancellationToken)).Audit;
        return (await audit.FindTransactionAsync(request.Officer.Actor, id, cancellationToken)).IsRefused(out Refusal? refusal, out AuditedTransaction? found)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new AuditedTransactionAnswer(id.Value, found.IsKept, found.Operation, found.SpentAt), AdminJson.Web.AuditedTransactionAnswer);
    }
}
