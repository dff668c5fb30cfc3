using System.Security.Cryptography;
using System.Text;
using Sam.Core.Keys;
using Sam.Core.Randomness;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Factors;

/// <summary>
/// Sets and checks PINs (security decision 11): an attempt is reserved by a conditional write before the PIN is evaluated, so parallel guesses at any number of processes
/// evaluate no more than the limit; a right PIN refunds its own attempt and no other. A crash in between leaves the attempt counted.
/// </summary>
internal sealed class PinCheck : IDisposable
{
    private const int SaltSize = 16;

    // Rivals for one signer's counter: more than a few at once is an attack, and refusing it costs its victim nothing but a retry.
    private const int MaxConflicts = 20;

    private readonly SealedRows _rows;
    private readonly IPasswordHash _hash;
    private readonly IMacKeys _mac;
    private readonly PinPolicy _policy;
    private readonly CounterFloor _floor;
    private readonly SemaphoreSlim _evaluations;

    internal PinCheck(SealedRows rows, IPasswordHash hash, IMacKeys mac, PinPolicy policy, TimeProvider time)
    {
        _rows = rows;
        _hash = hash;
        _mac = mac;
        _policy = policy;
        _floor = new CounterFloor(time);
        _evaluations = new SemaphoreSlim(policy.MaxConcurrentEvaluations);
    }

    public void Dispose() => _evaluations.Dispose();

    internal async Task<PinVerifier> CreateVerifierAsync(SignerId signer, SecretText pin, KeyReference pepper, CancellationToken cancellationToken)
    {
        byte[] salt = RandomSource.GetBytes(SaltSize);
        byte[] hash = await DeriveAsync(pin, salt, _policy.Cost, cancellationToken);
        byte[] tag = await ComputeTagAsync(signer, hash, pepper, cancellationToken);
        return new PinVerifier(pepper.Value, salt, _policy.Cost, tag);
    }

    /// <summary>Why no attempt can be made, without making one: PinLocked, RowBroken or RowRolledBack; null for nothing.</summary>
    internal async Task<Refusal?> FindObstacleAsync(SignerId signer, CancellationToken cancellationToken) =>
        (await FindUnlockedAsync(signer, _floor.LastSeen(signer), cancellationToken)).Refusal;

    /// <summary>
    /// Counts an attempt and evaluates the PIN. A right PIN gives the refund of its attempt, still to be run (beside the next write);
    /// otherwise PinWrong, PinLocked, or RowBroken or RowRolledBack for counters that somebody changed.
    /// </summary>
    internal async Task<Result<Func<Task>>> VerifyAsync(SignerId signer, PinVerifier verifier, SecretText pin, CancellationToken cancellationToken)
    {
        if ((await ReserveAsync(signer, cancellationToken)).IsRefused(out Refusal? refusal, out _))
        {
            return refusal;
        }

        byte[] tag;
        try
        {
            byte[] hash = await DeriveAsync(pin, verifier.Salt, verifier.Cost, cancellationToken);

            // Evaluated: from here on a caller who hangs up gains nothing and stops nothing.
            tag = await ComputeTagAsync(signer, hash, KeyReference.Parse(verifier.PepperKey), CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // Gave up while waiting for its turn. Nothing was evaluated, and a busy SAM must not lock who tries again.
            await RefundAsync(signer);
            throw;
        }
        catch (KeyBackendException)
        {
            // Nobody has learned anything of the PIN, and an HSM that is away must not lock every signer who tries meanwhile (SIG-3).
            await RefundAsync(signer);
            throw;
        }

        return CryptographicOperations.FixedTimeEquals(tag, verifier.Tag)
            ? Result.Ok<Func<Task>>(() => RefundAsync(signer))
            : SamErrorCode.PinWrong;
    }

    /// <summary>The costly part, by turns. The token ends the wait for a turn.</summary>
    private async Task<byte[]> DeriveAsync(SecretText pin, byte[] salt, PasswordHashCost cost, CancellationToken cancellationToken)
    {
        await _evaluations.WaitAsync(cancellationToken);
        byte[] password = pin.RevealUtf8();
        try
        {
            return await Task.Run(() => _hash.Derive(password, salt, cost), CancellationToken.None);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
            _evaluations.Release();
        }
    }

    /// <summary>Outside a turn: an HSM that is slow must not hold up those whose hash is still to be made. The signer's id is bound, so that one signer's verifier copied into another's row opens nothing.</summary>
    private async Task<byte[]> ComputeTagAsync(SignerId signer, byte[] hash, KeyReference pepper, CancellationToken cancellationToken)
    {
        try
        {
            return await _mac.ComputeMacAsync(pepper, (byte[])[.. "sam-pin/1"u8, .. Encoding.ASCII.GetBytes(signer.Value), .. hash], cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(hash);
        }
    }

    private async Task<Result<CountersRow>> ReserveAsync(SignerId signer, CancellationToken cancellationToken)
    {
        SealedRow<CountersRow>? known = _floor.LastSeen(signer);
        for (int conflicts = 0; conflicts < MaxConflicts; conflicts++)
        {
            if ((await FindUnlockedAsync(signer, known, cancellationToken)).IsRefused(out Refusal? obstacle, out known))
            {
                return obstacle;
            }

            CountersRow reserved = known.Value.Next(attempts: 1);
            if (!(await WriteAsync(signer, reserved, known.ETag)).IsRefused(out Refusal? refusal, out _))
            {
                return reserved;
            }

            if (refusal.Code != SamErrorCode.RowConflict)
            {
                return refusal;
            }

            known = null;
        }

        return SamErrorCode.Overloaded;
    }

    /// <summary>What is remembered may reserve (the write checks it), and never refuses: an officer may have unlocked since.</summary>
    private async Task<Result<SealedRow<CountersRow>>> FindUnlockedAsync(SignerId signer, SealedRow<CountersRow>? known, CancellationToken cancellationToken)
    {
        if (known is not null && !IsLocked(known.Value))
        {
            return known;
        }

        Result<SealedRow<CountersRow>> read = await ReadAsync(signer, cancellationToken);
        return read.IsRefused(out _, out SealedRow<CountersRow>? row) || !IsLocked(row.Value) ? read : SamErrorCode.PinLocked;
    }

    /// <summary>An attempt that cannot be refunded stays counted, which is the safe side, and is no reason to refuse who gave the right PIN.</summary>
    private async Task RefundAsync(SignerId signer)
    {
        SealedRow<CountersRow>? known = _floor.LastSeen(signer);
        try
        {
            for (int conflicts = 0; conflicts < MaxConflicts; conflicts++)
            {
                if (known is null && (await ReadAsync(signer, CancellationToken.None)).IsRefused(out _, out known))
                {
                    return;
                }

                if (!(await WriteAsync(signer, known.Value.Next(attempts: -1), known.ETag)).IsRefused(out _, out _))
                {
                    return;
                }

                known = null;
            }
        }
        catch (RowStoreException)
        {
            // In doubt counts as consumed (security decision 4).
        }
    }

    private bool IsLocked(CountersRow counters) =>
        counters.PinAttempts >= _policy.MaxAttempts || counters.PinAttemptsEver >= _policy.MaxAttemptsEver;

    private async Task<Result<SealedRow<CountersRow>>> ReadAsync(SignerId signer, CancellationToken cancellationToken)
    {
        SealedRow<CountersRow>? floor = _floor.LastSeen(signer);
        if ((await _rows.ReadAsync(SignerRows.Counters(signer), RowSchemas.Counters, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<CountersRow>? row))
        {
            // Whoever deletes the counters gains no attempts.
            return refusal.Code == SamErrorCode.RowMissing ? SamErrorCode.RowBroken : refusal;
        }

        if (CounterFloor.IsBelow(row, floor))
        {
            return SamErrorCode.RowRolledBack;
        }

        _floor.Raise(signer, row);
        return row;
    }

    private async Task<Result<RowETag>> WriteAsync(SignerId signer, CountersRow counters, RowETag etag)
    {
        Result<RowETag> written = await _rows.ReplaceAsync(SignerRows.Counters(signer), RowSchemas.Counters, counters, etag, CancellationToken.None);
        if (!written.IsRefused(out _, out RowETag version))
        {
            _floor.Raise(signer, new SealedRow<CountersRow>(counters, version));
        }

        return written;
    }
}
