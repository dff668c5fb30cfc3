using System.Security.Cryptography;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;

namespace Sam.Core.Activation;

/// <summary>
/// What follows the spend: the key is used, each signature verified, the state asked for once more, the outcome recorded, and only then something released (security decisions 3 and 6).
/// </summary>
internal sealed class KeyUse
{
    private readonly SealedRows _rows;
    private readonly KeyBackendGuard _keys;
    private readonly SpendOutcomes _outcomes;
    private readonly LostAnswers _answers;
    private readonly IAuditLog _audit;
    private readonly ActivationPolicy _policy;
    private readonly TimeProvider _time;

    internal KeyUse(SealedRows rows, KeyBackendGuard keys, LostAnswers answers, IAuditLog audit, ActivationPolicy policy, TimeProvider time)
    {
        _rows = rows;
        _keys = keys;
        _outcomes = new SpendOutcomes(rows);
        _answers = answers;
        _audit = audit;
        _policy = policy;
        _time = time;
    }

    /// <summary>Signs. Nothing here is cancelled by a client that hangs up, and nothing is rolled back.</summary>
    internal async Task<Result<IReadOnlyList<byte[]>>> SignAsync(SignHashRequest request, KeySpend spend, AuditRecord record)
    {
        BatchSigning batch = new(_keys, request);
        try
        {
            return await SignAsync(request, spend, batch, record);
        }
        catch (KeyBackendException)
        {
            // Recorded. What the HSM never saw can be signed yet, under the same authorization.
            await KeepOutcomeAsync(spend, batch, record);
            throw;
        }
    }

    private async Task<Result<IReadOnlyList<byte[]>>> SignAsync(SignHashRequest request, KeySpend spend, BatchSigning batch, AuditRecord record)
    {
        TimeSpan left = _policy.MaxSpendToKeyUse - _time.GetElapsedTime(spend.At);
        if (left <= TimeSpan.Zero)
        {
            return await FailAsync(SamErrorCode.SigningTooSlow, spend, batch, record);
        }

        // Waiting for a free place at the HSM counts as well.
        using CancellationTokenSource inTime = new(left, _time);
        using CancellationTokenSource toRelease = new(_policy.MaxSpendToRelease, _time);
        Result<IReadOnlyList<byte[]>> signed;
        SamErrorCode? stopped;
        try
        {
            Task<SamErrorCode?> stopping = FindStopAsync(request, spend);
            signed = await batch.SignAsync(spend.Credential.SigningKey, inTime.Token, toRelease.Token);
            stopped = await stopping;
        }
        catch (OperationCanceledException) when (inTime.IsCancellationRequested || toRelease.IsCancellationRequested)
        {
            return await FailAsync(SamErrorCode.SigningTooSlow, spend, batch, record);
        }
        catch (Exception failure)
        {
            // Whatever it was, the SAD is spent and the key may have been used.
            await FailAsync(failure is KeyBackendException ? SamErrorCode.HsmUnavailable : SamErrorCode.Unexpected, Told(batch, record));
            throw;
        }

        if (signed.IsRefused(out Refusal? unverified, out IReadOnlyList<byte[]>? signatures))
        {
            return await FailAsync(unverified.Code, spend, batch, record);
        }

        record = record with { SignatureDigests = DigestsOf(signatures) };
        if (stopped is { } stop)
        {
            return await FailAsync(stop, record);
        }

        ChainHead recorded = await _audit.AppendAsync(record with { Event = AuditEvent.SignaturesReleased });
        request.Recorded?.Invoke(recorded);
        if (!IsTooLate(spend))
        {
            await Task.WhenAll(
                request.Retry is null ? Task.CompletedTask : _answers.KeepAsync(spend.Sad, record.Operation!, signatures),
                KeepOutcomeAsync(spend, batch, record));
        }

        return IsTooLate(spend) ? await FailAsync(SamErrorCode.SigningTooSlow, record) : signed;
    }

    /// <summary>A failure after which the transaction may go on.</summary>
    private async Task<SamErrorCode> FailAsync(SamErrorCode cause, KeySpend spend, BatchSigning batch, AuditRecord record)
    {
        _ = await FailAsync(cause, Told(batch, record));
        await KeepOutcomeAsync(spend, batch, record);
        return cause;
    }

    /// <summary>What became of each digest of a batch that failed: the first ones were signed, up to those that the HSM was given, and it never saw the others.</summary>
    private static AuditRecord Told(BatchSigning batch, AuditRecord record) =>
        record with { HandedOver = batch.HandedOver.Count, SignatureDigests = batch.Signed.Count == 0 ? null : DigestsOf(batch.Signed) };

    /// <summary>Only where signatures are left: an authorization of one signature costs no further write.</summary>
    private Task KeepOutcomeAsync(KeySpend spend, BatchSigning batch, AuditRecord record) =>
        spend.Transaction.Late == 0 && DigestMultiset.Pack(batch.HandedOver).Length >= spend.Transaction.Hashes.Length
            ? Task.CompletedTask
            : _outcomes.KeepAsync(spend.Sad, record.Operation!, spend.ETag, batch.HandedOver);

    private bool IsTooLate(KeySpend spend) => _time.GetElapsedTime(spend.At) > _policy.MaxSpendToRelease;

    internal static IReadOnlyList<string> DigestsOf(IReadOnlyList<byte[]> signatures) =>
        [.. signatures.Select(s => Convert.ToHexStringLower(SHA256.HashData(s)))];

    /// <summary>Stop means now (security decision 6): what was stopped after the checks and before the release is not released.</summary>
    private async Task<SamErrorCode?> FindStopAsync(SignHashRequest request, KeySpend spend)
    {
        try
        {
            Result<SealedRow<CredentialRow>> again = await _rows.ReadAsync(SignerRows.Credential(request.Credential), RowSchemas.Credential, CancellationToken.None);
            if (again.IsRefused(out _, out SealedRow<CredentialRow>? credential) || credential.ETag != spend.CredentialETag)
            {
                return SamErrorCode.StoppedWhileSigning;
            }

            // Judged again after the spend: a spend that was slow to arrive may have outlived its SAD.
            return await _rows.GetTimeAsync(CancellationToken.None) >= spend.Sad.ExpiresAt ? SamErrorCode.SadExpired : null;
        }
        catch (RowStoreException)
        {
            return SamErrorCode.StorageUnavailable;
        }
    }

    internal async Task<SamErrorCode> FailAsync(SamErrorCode cause, AuditRecord record)
    {
        await _audit.AppendAsync(record with { Event = AuditEvent.SigningFailed, Cause = cause.ToString() });
        return cause;
    }
}

/// <summary>A spend that was stored.</summary>
/// <param name="Sad">What was spent.</param>
/// <param name="Transaction">Its row, as it was before.</param>
/// <param name="ETag">The row's version since.</param>
/// <param name="Credential">The credential as it was checked.</param>
/// <param name="CredentialETag">Its version.</param>
/// <param name="At">When the spend was answered, by the monotonic clock.</param>
internal sealed record KeySpend(SadClaims Sad, TransactionRow Transaction, RowETag ETag, CredentialRow Credential, RowETag CredentialETag, long At);
