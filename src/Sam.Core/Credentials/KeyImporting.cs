using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// Takes a signer's key in that was made elsewhere (T-IMP-1 to T-IMP-4; security decision 25). A registration officer says what it will be; its holder wraps it for a key of the HSM and
/// proves that they hold it; the officer brings both. The HSM alone opens it.
/// </summary>
public sealed class KeyImporting
{
    private const int IdBytes = 16;

    private readonly SealedRows _rows;
    private readonly IKeyBackend _backend;
    private readonly KeyCreation _creation;
    private readonly ExchangeKeys _exchangeKeys;
    private readonly Envelope _envelope;
    private readonly KeyPolicy _policy;
    private readonly IAuditLog _audit;

    internal KeyImporting(SealedRows rows, IKeyBackend backend, KeyCreation creation, Envelope envelope, KeyPolicy policy, IAuditLog audit)
    {
        _rows = rows;
        _backend = backend;
        _creation = creation;
        _exchangeKeys = new ExchangeKeys(rows, backend);
        _envelope = envelope;
        _policy = policy;
        _audit = audit;
    }

    /// <summary>
    /// Asks for a key. Refused with ImportNotOffered, or as <see cref="CredentialRegistry.CreateAsync"/> is.
    /// </summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    public async Task<Result<ImportOffer>> OfferAsync(SignerId signer, CredentialRequest request, Actor by, CancellationToken cancellationToken)
    {
        if (Offered() is not { } import || !_policy.AllowsImported(request.Level))
        {
            return SamErrorCode.ImportNotOffered;
        }

        if ((await _creation.CheckAsync(signer, request, cancellationToken)).IsRefused(out Refusal? impossible, out _))
        {
            return impossible;
        }

        string id = RandomIds.New(IdBytes);
        CredentialId credential = CredentialId.New(signer);
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if ((await _exchangeKeys.MakeAsync(import, now, id, cancellationToken)).IsRefused(out Refusal? refusal, out (KeyReference Key, byte[] PublicKey, RowETag Version) made))
        {
            return refusal;
        }

        ImportChallenge challenge = new(id, credential.Value, request.Algorithm.Name, request.Multisign, request.Description, request.Level, request.Factors.Name, made.Key.Value, made.Version.Value, now);
        await _audit.AppendAsync(RecordOf(AuditEvent.ImportOffered, credential, by) with { Algorithm = request.Algorithm.Name, Detail = id });
        return new ImportOffer(credential, challenge.Seal(_envelope), made.PublicKey, challenge.ExpiresAt);
    }

    /// <summary>
    /// Takes the key in, as a credential that awaits its certificate. Refused, and recorded, with ImportNotOffered, ChallengeInvalid, ChallengeExpired, ChallengeUsed, PossessionNotProved,
    /// KeyWeak, KeyKnown, ImportRejected, or as <see cref="CredentialRegistry.CreateAsync"/> is. Once the possession is proved the challenge is used, whatever the HSM says next.
    /// </summary>
    /// <exception cref="KeyBackendException">The HSM is away.</exception>
    public async Task<Result<CredentialId>> TakeAsync(SignerId signer, ImportDelivery delivery, Actor by, CancellationToken cancellationToken)
    {
        if (Offered() is not { } import)
        {
            return SamErrorCode.ImportNotOffered;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if (ImportChallenge.Open(_envelope, delivery.Challenge, signer, now).IsRefused(out Refusal? refusal, out ImportChallenge? challenge))
        {
            await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.ImportRefused, By = by.Name, Signer = signer.Value, Cause = refusal.Code.ToString() });
            return refusal;
        }

        Result<CredentialId> taken = await TryTakeAsync(import, challenge, delivery, by, cancellationToken);
        if (taken.Refusal is { } refused)
        {
            await _audit.AppendAsync(RecordOf(AuditEvent.ImportRefused, challenge.CredentialId, by) with { Cause = refused.Code.ToString(), Detail = challenge.Id });
        }

        return taken;
    }

    /// <summary>Destroys exchange keys that nothing came for; a host asks for it now and then.</summary>
    public Task SweepAsync(CancellationToken cancellationToken) => _exchangeKeys.SweepAsync(cancellationToken);

    private IKeyImport? Offered() => !_backend.Description.Missing.HasFlag(KeyBackendCapabilities.KeyImport) ? _backend as IKeyImport : null;

    private async Task<Result<CredentialId>> TryTakeAsync(IKeyImport import, ImportChallenge challenge, ImportDelivery delivery, Actor by, CancellationToken cancellationToken)
    {
        CredentialId credential = challenge.CredentialId;
        CredentialRequest request = challenge.Request;
        byte[] statement = KeyPossession.Statement(delivery.Challenge.Reveal(), credential, request, delivery.Blob.Span);
        if (delivery.Blob.Length > IKeyImport.MaxBlobSize || !KeyPossession.IsProved(request, delivery.PublicKey.Span, statement, delivery.Possession.ToArray()))
        {
            return SamErrorCode.PossessionNotProved;
        }

        if (WeakKeys.Has(delivery.PublicKey.Span))
        {
            return SamErrorCode.KeyWeak;
        }

        if ((await _exchangeKeys.SpendAsync(challenge.MadeAt, challenge.Id, challenge.Key, challenge.RowVersion())).IsRefused(out Refusal? refusal, out RowETag spent))
        {
            return refusal;
        }

        Result<(CredentialId Credential, SigningKey Key)> made = await _creation.CreateAsync(
            credential, request, isImported: true, name => ImportAsync(import, name, challenge, delivery), by, cancellationToken);
        await _exchangeKeys.EndAsync(challenge.MadeAt, challenge.Id, challenge.Key, spent);
        return made.IsRefused(out refusal, out _) ? refusal : credential;
    }

    /// <summary>Not given up half-way: what the HSM has taken in must be in a row, or out of the HSM.</summary>
    private static async Task<Result<SigningKey>> ImportAsync(IKeyImport import, KeyName name, ImportChallenge challenge, ImportDelivery delivery)
    {
        try
        {
            return await import.ImportKeyAsync(name, challenge.Request.Algorithm, challenge.Key, delivery.Blob, delivery.PublicKey, CancellationToken.None);
        }
        catch (KeyBackendException rejected) when (rejected.Failure is KeyBackendFailure.Rejected)
        {
            return SamErrorCode.ImportRejected;
        }
        catch (KeyBackendException gone) when (gone.Failure is KeyBackendFailure.KeyNotFound)
        {
            return SamErrorCode.ChallengeUsed;
        }
    }

    private static AuditRecord RecordOf(AuditEvent what, CredentialId credential, Actor by) =>
        new() { Event = what, By = by.Name, Signer = credential.Signer.Value, Credential = credential.Value };
}
