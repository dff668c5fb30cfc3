using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// Destroys keys that no credential came of: a process ended between HSM and table (REG-3). Each was named in an intent before it was made. Such a key is of no use to anybody meanwhile: no
/// row names it, and none can be made without the SAM's signature.
/// </summary>
internal sealed class AbandonedKeys
{
    // Far more than the slowest HSM takes for a key, and the row after it.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private readonly SealedRows _rows;
    private readonly IKeyBackend _backend;
    private readonly IAuditLog _audit;

    internal AbandonedKeys(SealedRows rows, IKeyBackend backend, IAuditLog audit)
    {
        _rows = rows;
        _backend = backend;
        _audit = audit;
    }

    /// <summary>One turn; gives how many keys were destroyed. An intent that somebody made unreadable is left: it stops no other.</summary>
    internal async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        int destroyed = 0;
        string before = CredentialRows.Before(await _rows.GetTimeAsync(cancellationToken) - _patience);
        List<RowAddress> old = [];
        await foreach (RowAddress address in _rows.ListAddressesAsync(SamTable.Registry, CredentialRows.Intents, before, cancellationToken))
        {
            old.Add(address);
        }

        foreach (RowAddress address in old)
        {
            if ((await _rows.ReadAsync(address, RowSchemas.KeyIntent, cancellationToken)).IsRefused(out _, out SealedRow<KeyIntentRow>? intent)
                || !KeyName.TryParse(intent.Value.Key, out KeyName name) || !CredentialId.TryParse(intent.Value.Credential, out CredentialId credential))
            {
                continue;
            }

            Result<SealedRow<CredentialRow>> found = await _rows.ReadAsync(SignerRows.Credential(credential), RowSchemas.Credential, cancellationToken);
            if (found.Refusal is { } refusal && refusal.Code != SamErrorCode.RowMissing)
            {
                continue;
            }

            // A creation that broke off and was taken up has an intent for each of its keys under one credential, which has one of them.
            bool isAssigned = found.Refusal is null && found.Value.Value.Key.Contains(name.Value, StringComparison.Ordinal);

            // A key before its intent: should this end in between, the next turn finds the intent again.
            if (!isAssigned)
            {
                await _backend.AbandonKeyAsync(name, CancellationToken.None);
                await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.KeyAbandoned, By = Actor.Sam.Name, Signer = credential.Signer.Value, Credential = credential.Value, Detail = name.Value });
                destroyed++;
            }

            await _rows.DeleteAsync(address, intent.ETag, CancellationToken.None);
        }

        return destroyed;
    }
}
