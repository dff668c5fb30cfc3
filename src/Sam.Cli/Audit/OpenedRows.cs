using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Sam.Cli.Admin;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>
/// The rows of an export with their seals opened by the SAM. The export says which rows there are, and what <c>sam audit verify</c> proves of it holds of what is given here: a row that the SAM opens as another is
/// none of it.
/// </summary>
internal sealed class OpenedRows(AdminClient sam)
{
    // As many as the service gives at once.
    private const int PageSize = 200;

    private readonly Queue<OpenedRow> _page = new();
    private string? _chain;

    /// <summary>The SAM's own keys in the HSM, as it says; null before the first row.</summary>
    internal IReadOnlyList<string>? OwnKeys { get; private set; }

    /// <exception cref="CommandFailure">The SAM refuses, or has another row there.</exception>
    internal async IAsyncEnumerable<(string Chain, OpenedRow Row)> OpenAsync(IAsyncEnumerable<AuditRow> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (AuditRow row in rows.WithCancellation(cancellationToken))
        {
            if (RowPlace.Of(row) is not { } place)
            {
                continue;
            }

            yield return (place.Chain, await OpenAsync(place, row.Content, cancellationToken));
        }
    }

    private async Task<OpenedRow> OpenAsync(RowPlace place, byte[] content, CancellationToken cancellationToken)
    {
        if (_chain != place.Chain || !_page.TryPeek(out OpenedRow? next) || next.Sequence != place.Sequence)
        {
            _page.Clear();
            _chain = place.Chain;
            OpenedRowsRecord page = (await sam.ReadAuditAsync(place.Chain, place.Sequence, PageSize, cancellationToken)).OrFail().Value;
            OwnKeys = page.OwnKeys;
            foreach (OpenedRow opened in page.Items)
            {
                _page.Enqueue(opened);
            }
        }

        return _page.TryDequeue(out OpenedRow? found) && found.Sequence == place.Sequence && found.Digest == Convert.ToHexStringLower(SHA256.HashData(content))
            ? found
            : throw new CommandFailure(string.Create(CultureInfo.InvariantCulture, $"chain {place.Chain}, sequence {place.Sequence}: the SAM has no such row. One of the two was changed."));
    }
}
