using System.Globalization;
using System.Security.Cryptography;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Activation;

/// <summary>
/// Gives a client whose answer was lost the same answer again (security decision 5), for a minute after the spend, and only to a request that bears the mark which the spend recorded.
/// Nothing here uses a key, and nothing spends: whoever has no answer to give, refuses.
/// </summary>
internal sealed class LostAnswers
{
    // A row holds 512 KiB, base64 makes three bytes four, and the seal wants some, too.
    private const int MaxBytesPerRow = 300 * 1024;

    private static readonly TimeSpan _window = TimeSpan.FromSeconds(60);

    private readonly SealedRows _rows;
    private readonly TimeSpan _maxSigningTime;

    /// <param name="rows">The transactions' table.</param>
    /// <param name="maxSigningTime">How long after its spend an answer may still come.</param>
    internal LostAnswers(SealedRows rows, TimeSpan maxSigningTime)
    {
        _rows = rows;
        _maxSigningTime = maxSigningTime;
    }

    /// <summary>
    /// True when this request is the one that spent this SAD, sent again. The SAD may have expired meanwhile: it was spent in time, and the window is counted from there.
    /// </summary>
    internal static bool IsAskedForBy(SignHashRequest request, SigningRows rows) =>
        request.Retry is { } mark
        && rows.TransactionFault is null
        && rows.Transaction is { Spent: { Retry: { } recorded } spent } transaction
        && transaction.Client == request.Caller.Client.Value
        && transaction.Credential == request.Credential.Value
        && CryptographicOperations.FixedTimeEquals(mark.Value, recorded)
        && rows.Time < spent.SpentAt + _window;

    /// <summary>Keeps an answer that is about to be released. Whether that succeeds changes nothing about its release: without it, a client that loses the answer authorizes again.</summary>
    internal async Task KeepAsync(SadClaims sad, string operation, IReadOnlyList<byte[]> signatures)
    {
        int perRow = Math.Max(1, MaxBytesPerRow / signatures.Max(s => s.Length));
        byte[][][] parts = [.. signatures.Chunk(perRow)];
        try
        {
            _ = await _rows.CommitAsync(
                [.. parts.Select((part, i) => RowWrite.Insert(Address(sad, i), RowSchemas.Answer, new AnswerRow(operation, parts.Length, part)))],
                CancellationToken.None);
        }
        catch (RowStoreException)
        {
            // In doubt or refused: then it is lost to who asks again, and to nobody else.
        }
    }

    /// <summary>The signatures that this spend led to. Refused with StillSigning while they may yet come, and with SadSpent when they will not.</summary>
    internal async Task<Result<IReadOnlyList<byte[]>>> FindAsync(SadClaims sad, SigningRows rows, CancellationToken cancellationToken)
    {
        SpendRecord spent = rows.Transaction.Spent!;
        List<byte[]> signatures = [];
        int parts = 1;
        for (int i = 0; i < parts; i++)
        {
            Result<SealedRow<AnswerRow>> read = await _rows.ReadAsync(Address(sad, i), RowSchemas.Answer, cancellationToken);
            if (read.IsRefused(out Refusal? unread, out SealedRow<AnswerRow>? row))
            {
                return unread.Code != SamErrorCode.RowMissing ? unread
                    : rows.Time < spent.SpentAt + _maxSigningTime ? SamErrorCode.StillSigning
                    : SamErrorCode.SadSpent;
            }

            if (row.Value.Operation != spent.Operation)
            {
                return SamErrorCode.RowBroken;
            }

            parts = row.Value.Parts;
            signatures.AddRange(row.Value.Signatures);
        }

        return signatures;
    }

    private static RowAddress Address(SadClaims sad, int part) => sad.Address with
    {
        RowKey = string.Create(CultureInfo.InvariantCulture, $"{sad.Address.RowKey}-answer-{sad.Generation}-{part}"),
    };
}
