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
        if (!IsChain(chain))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "chain"));
        }

        long from = 0;
        if (paging.After is { } page && !IsSequence(page, out from))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "page"));
        }

        AuditReader audit = (await request.GetModuleAsync(cancellationToken)).Audit;
        return (await audit.ReadAsync(request.Officer.Actor, chain, from, paging.Limit, cancellationToken)).IsRefused(out refusal, out IReadOnlyList<OpenedRow>? rows)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                new AuditRowsAnswer(rows, audit.OwnKeys, rows.Count == 0 ? null : (from + rows.Count).ToString(CultureInfo.InvariantCulture)), AdminJson.Web.AuditRowsAnswer);
    }

    internal static async Task<SamResponse> FindRecordAsync(SamRequest request, CancellationToken cancellationToken)
    {
        string chain = request.Path("chain");
        long sequence = 0;
        int index = 0;
        string? fault = !IsChain(chain) ? "chain"
            : !IsSequence(request.Path("sequence"), out sequence) ? "sequence"
            : !int.TryParse(request.Path("index"), NumberStyles.None, CultureInfo.InvariantCulture, out index) ? "index"
            : null;
        if (fault is not null)
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, fault));
        }

        AuditReader audit = (await request.GetModuleAsync(cancellationToken)).Audit;
        return (await audit.FindAsync(request.Officer.Actor, chain, sequence, index, cancellationToken)).IsRefused(out Refusal? refusal, out BoundRecord? found)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(found, AdminJson.Web.BoundRecord);
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

    private static bool IsChain(string text) => text.Length == AuditFormat.ChainIdSize && text.All(char.IsAsciiHexDigitLower);

    private static bool IsSequence(string text, out long sequence) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out sequence) && sequence <= LastSequence;
}
