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
/// Checks one-time passwords beside a PIN, whose attempts count for both (security decision 11). A step is good once: its number is kept with the counters, by the very write that accepts it
/// (APX-4), and no earlier one is good after it.
/// </summary>
internal sealed class TotpCheck
{
    private const int SaltSize = 16;

    // One step behind for who types slowly, one ahead for a clock that runs fast.
    private const int Drift = 1;
    private const int MaxConflicts = 20;

    private readonly SealedRows _rows;
    private readonly IMacKeys _mac;

    internal TotpCheck(SealedRows rows, IMacKeys mac)
    {
        _rows = rows;
        _mac = mac;
    }

    /// <summary>A new secret, to be told to the signer's app once.</summary>
    internal async Task<(TotpRow Row, SecretText Uri)> CreateAsync(SignerId signer, string userId, KeyReference key, CancellationToken cancellationToken)
    {
        TotpRow row = new(key.Value, RandomSource.GetBytes(SaltSize));
        byte[] secret = await SecretAsync(signer, row, cancellationToken);
        try
        {
            return (row, new SecretText(Totp.ToUri("SAM", userId, secret)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>The step that this is the password of, within the drift; null for none. Takes as long either way.</summary>
    internal async Task<long?> FindStepAsync(SignerId signer, TotpRow row, SecretText password, DateTimeOffset now, CancellationToken cancellationToken)
    {
        byte[] secret = await SecretAsync(signer, row, cancellationToken);
        byte[] given = password.RevealUtf8();
        try
        {
            long? found = null;
            for (long step = Totp.StepOf(now) - Drift; step <= Totp.StepOf(now) + Drift; step++)
            {
                found = CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(Totp.Compute(secret, step))) ? step : found;
            }

            return found;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Uses a step up. Refused with PinWrong, as any wrong factor is: it was used before, or is older than one that was.</summary>
    internal async Task<Result<long>> UseAsync(SignerId signer, long step)
    {
        for (int conflicts = 0; conflicts < MaxConflicts; conflicts++)
        {
            if ((await _rows.ReadAsync(SignerRows.Counters(signer), RowSchemas.Counters, CancellationToken.None)).IsRefused(out Refusal? unread, out SealedRow<CountersRow>? counters))
            {
                return unread;
            }

            if (step <= counters.Value.TotpStep)
            {
                return SamErrorCode.PinWrong;
            }

            CountersRow used = counters.Value.Next(attempts: 0) with { TotpStep = step };
            if (!(await _rows.ReplaceAsync(SignerRows.Counters(signer), RowSchemas.Counters, used, counters.ETag, CancellationToken.None)).IsRefused(out Refusal? lost, out _))
            {
                return step;
            }

            if (lost.Code != SamErrorCode.RowConflict)
            {
                return lost;
            }
        }

        return SamErrorCode.RowConflict;
    }

    private async Task<byte[]> SecretAsync(SignerId signer, TotpRow row, CancellationToken cancellationToken)
    {
        byte[] mac = await _mac.ComputeMacAsync(KeyReference.Parse(row.Key), (byte[])[.. "sam-totp/1"u8, .. Encoding.ASCII.GetBytes(signer.Value), .. row.Salt], cancellationToken);
        try
        {
            return mac[..Totp.SecretSize];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(mac);
        }
    }
}
