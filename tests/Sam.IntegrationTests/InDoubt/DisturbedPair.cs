using System.Security.Cryptography;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.IntegrationTests.InDoubt;

/// <summary>
/// One authorize and signHash by a process of their own, disturbed, and everything that security decisions 4, 5, 8 and 11 promise about them, whatever the storage did:
/// looked up in the tables, at the key and in the audit, and tried by calling again.
/// </summary>
internal sealed class DisturbedPair
{
    internal const string Signed = "signed";
    internal const string SameAgain = "again the same";
    internal const string SignedNow = "again signed now";

    private const int AttemptsBefore = 2;
    private const int AttemptsEverBefore = 7;

    private readonly InDoubtBed _bed;
    private readonly Digest[] _digests;
    private readonly RetryMark? _mark;
    private readonly int _keyUsesBefore;
    private readonly int _evaluationsBefore;

    private SecretText? _sad;
    private IReadOnlyList<byte[]>? _signatures;
    private int _usesByProcess;
    private string? _again;

    private DisturbedPair(InDoubtBed bed, bool keyed)
    {
        _bed = bed;
        _mark = keyed && RetryMark.TryCreate("\"the key\"", RandomNumberGenerator.GetBytes(16), out RetryMark? mark) ? mark : null;

        // Other digests each time: each use of the key can then be told from all others.
        string document = RandomNumberGenerator.GetHexString(16);
        _digests = [Digests.Of(HashAlgorithm.Sha256, document + "1"), Digests.Of(HashAlgorithm.Sha256, document + "2")];
        _keyUsesBefore = bed.Hsm.HandedOver.Count;
        _evaluationsBefore = bed.PasswordHash.Evaluations;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IReadOnlyList<IReadOnlyList<Digest>> KeyUses => [.. _bed.Hsm.HandedOver.Skip(_keyUsesBefore)];

    /// <summary>
    /// Runs the pair under these faults, checks what it left, and says what the client saw; with an <c>Idempotency-Key</c> (<paramref name="keyed"/>) also what it saw when it sent signHash again.
    /// </summary>
    internal static async Task<string> RunAsync(InDoubtBed bed, IEnumerable<(string Request, StorageFault Fault)> faults, bool rightPin = true, bool keyed = false)
    {
        DisturbedPair pair = new(bed, keyed);
        await bed.SetAttemptsAsync(AttemptsBefore, AttemptsEverBefore);
        ActivationModule process = await bed.StartAsync();
        bed.Plan.Begin(faults);
        string seen;
        await using (process)
        {
            seen = await pair.CallAsync(process, rightPin);
            bed.Plan.Mend();
        }

        pair._usesByProcess = pair.KeyUses.Count;
        await bed.Plan.DeliverAsync(Arrival.BeforeRetry);
        string chain = bed.Plan.Chain;
        int evaluations = bed.PasswordHash.Evaluations - pair._evaluationsBefore;
        OperationId? spentBy = pair._sad is null ? await pair.TryAnewAsync() : await pair.TryAgainAsync(seen);
        await bed.Plan.DeliverAsync(Arrival.AfterRetry);

        if (pair._sad is not null)
        {
            // Also what came last changed nothing: the SAD is spent by now, by one call or the other.
            Assert.Equal(spentBy?.Value, (await pair.ReadTransactionAsync()).Value.Spent?.Operation);
            await pair.AssertRefusedAsync();
        }

        await pair.CheckAttemptsAsync(seen, rightPin, evaluations);
        pair.CheckAudit(await bed.ReadChainAsync(chain), seen, spentBy);
        return pair._again is null ? seen : $"{seen}, {pair._again}";
    }

    /// <summary>What the client sees: signatures, or a refusal or failure that says so.</summary>
    private async Task<string> CallAsync(ActivationModule process, bool rightPin)
    {
        try
        {
            Result<IssuedSad> authorized = await process.AuthorizeAsync(
                _bed.Authorization(_digests, rightPin ? null : SamTestBed.NewPin()), Cancellation);
            if (authorized.IsRefused(out Refusal? notAuthorized, out IssuedSad? issued))
            {
                return $"authorize {Clear(notAuthorized.Code, SamErrorCode.PinWrong)}";
            }

            Assert.True(rightPin);
            _sad = issued.Sad;
        }
        catch (Exception away) when (away is RowStoreException or AuditUnavailableException)
        {
            return $"authorize {away.GetType().Name}";
        }

        await CheckMintedAsync();
        try
        {
            Result<IReadOnlyList<byte[]>> signed = await process.SignHashAsync(_bed.Signing(_sad, _digests) with { Retry = _mark }, Cancellation);
            if (signed.IsRefused(out Refusal? notSigned, out _signatures))
            {
                return $"signHash {Clear(notSigned.Code)}";
            }

            return Signed;
        }
        catch (Exception away) when (away is RowStoreException or AuditUnavailableException)
        {
            return $"signHash {away.GetType().Name}";
        }
    }

    /// <summary>A storage that fails is no reason to tell the owner that the SAD, the PIN or the credential is at fault.</summary>
    private static SamErrorCode Clear(SamErrorCode cause, params SamErrorCode[] others)
    {
        Assert.Contains(cause, (SamErrorCode[])[SamErrorCode.StorageUnavailable, SamErrorCode.AuditUnavailable, .. others]);
        return cause;
    }

    /// <summary>No SAD for a row that is not there (security decision 4).</summary>
    private async Task CheckMintedAsync()
    {
        SealedRow<TransactionRow> row = await ReadTransactionAsync();
        Assert.Equal(_bed.Open(_sad!).ETag, row.ETag);
        Assert.Null(row.Value.Spent);
        Assert.Equal(DigestMultiset.Pack(_digests), row.Value.Hashes);
    }

    private async Task<SealedRow<TransactionRow>> ReadTransactionAsync() =>
        (await _bed.Rows.ReadAsync(_bed.Open(_sad!).Address, RowSchemas.Transaction, Cancellation)).Value;

    /// <summary>Without a SAD no key was used, and nothing stands in the way of authorizing anew.</summary>
    private async Task<OperationId?> TryAnewAsync()
    {
        Assert.Empty(KeyUses);
        _ = (await _bed.Calm.AuthorizeAsync(_bed.Authorization(_digests), Cancellation)).Value;
        return null;
    }

    /// <summary>The SAD again, undisturbed: a spent one is refused; one that was not spent signs, once.</summary>
    private async Task<OperationId?> TryAgainAsync(string seen)
    {
        SpendRecord? spent = (await ReadTransactionAsync()).Value.Spent;
        if (spent is null)
        {
            Assert.NotEqual(Signed, seen);
            Assert.Empty(KeyUses);
            _signatures = (await SignAgainAsync()).Value;
            CheckSignatures(_signatures);
            Assert.Equal(_digests, Assert.Single(KeyUses));
            if (_mark is not null)
            {
                Assert.Equal(_signatures, (await SignAgainAsync()).Value);
                _again = SignedNow;
            }

            spent = (await ReadTransactionAsync()).Value.Spent;
            Assert.NotNull(spent);
        }
        else
        {
            // Spent, and the key used at most once, over what the spend says.
            Assert.True(KeyUses.Count <= 1);
            Assert.All(KeyUses, used => Assert.Equal(_digests, used));
            if (seen == Signed)
            {
                CheckSignatures(_signatures!);
                Assert.Single(KeyUses);
            }

            if (_mark is not null)
            {
                _again = await AskAgainAsync(seen);
            }

            await AssertRefusedAsync();
        }

        Assert.Equal(DigestMultiset.HashOf(_digests), spent.HandedOver);
        return OperationId.TryParse(spent.Operation, out OperationId operation) ? operation : throw new InvalidOperationException("Not an operation.");
    }

    private Task<Result<IReadOnlyList<byte[]>>> SignAgainAsync() => _bed.Calm.SignHashAsync(_bed.Signing(_sad!, _digests) with { Retry = _mark }, Cancellation);

    /// <summary>The same request with the same key, over a spent SAD: the signatures that were made, to the byte, or a refusal that says so; never the key again (security decision 5).</summary>
    private async Task<string> AskAgainAsync(string seen)
    {
        int before = KeyUses.Count;
        Result<IReadOnlyList<byte[]>> again = await SignAgainAsync();
        Assert.Equal(before, KeyUses.Count);
        if (again.IsRefused(out Refusal? refusal, out IReadOnlyList<byte[]>? signatures))
        {
            Assert.Contains(refusal.Code, (SamErrorCode[])[SamErrorCode.StillSigning, SamErrorCode.SadSpent]);
            return $"again {refusal.Code}";
        }

        // Nothing is kept that was not released.
        Assert.Equal(Signed, seen);
        Assert.Equal(_signatures!, signatures);
        return SameAgain;
    }

    /// <summary>Without the key a spent SAD is refused, whoever asks.</summary>
    private async Task AssertRefusedAsync()
    {
        int before = KeyUses.Count;
        Assert.Equal(SamErrorCode.SadSpent, (await _bed.Calm.SignHashAsync(_bed.Signing(_sad!, _digests), Cancellation)).Refusal?.Code);
        Assert.Equal(before, KeyUses.Count);
    }

    private void CheckSignatures(IReadOnlyList<byte[]> signatures)
    {
        Assert.Equal(_digests.Length, signatures.Count);
        Assert.All(_digests.Zip(signatures), pair => Assert.True(_bed.Signer.Verifies(pair.First, pair.Second, Sam.Core.Algorithms.SignatureAlgorithm.EcdsaSha256)));
    }

    /// <summary>Attempts from before are never lost, and no PIN is evaluated without being counted.</summary>
    private async Task CheckAttemptsAsync(string seen, bool rightPin, int evaluations)
    {
        Assert.InRange(evaluations, 0, 1);
        if (seen.EndsWith(nameof(SamErrorCode.PinWrong), StringComparison.Ordinal))
        {
            Assert.Equal(1, evaluations);
        }

        CountersRow counters = await _bed.CountersAsync();
        int least = rightPin ? 0 : evaluations;
        Assert.InRange(counters.PinAttempts - AttemptsBefore, least, 1);
        Assert.Equal(counters.PinAttempts - AttemptsBefore, counters.PinAttemptsEver - AttemptsEverBefore);
    }

    /// <summary>The process's own chain, when it has ended: each call has its outcome, and each use of the key its explanation.</summary>
    private void CheckAudit(IReadOnlyList<AuditRecord> records, string seen, OperationId? spentBy)
    {
        Assert.Equal(AuditEvent.ChainOpened, records[0].Event);
        AuditRecord authorized = records[1];
        Assert.Equal(Hex(_digests), authorized.Digests);
        if (_sad is null)
        {
            // Recorded before it was answered; where recording is what failed, as an authorization that nobody got.
            Assert.Contains(authorized.Event, (AuditEvent[])[AuditEvent.AuthorizationRefused, AuditEvent.Authorized]);
            Assert.Equal(2, records.Count);
            return;
        }

        Assert.Equal(AuditEvent.Authorized, authorized.Event);
        Assert.Equal(_bed.Open(_sad).Transaction.Value, authorized.Transaction);
        AuditRecord[] outcomes = [.. records.Skip(2)];
        Assert.NotEmpty(outcomes);
        Assert.All(outcomes, outcome => Assert.Equal(authorized.Transaction, outcome.Transaction));
        Assert.All(outcomes, outcome => Assert.Equal(Hex(_digests), outcome.Digests));
        AuditRecord[] uses = [.. outcomes.Where(o => o.Event is AuditEvent.SignaturesReleased or AuditEvent.SigningFailed)];
        if (_usesByProcess == 0)
        {
            Assert.DoesNotContain(uses, use => use.Event == AuditEvent.SignaturesReleased);
            return;
        }

        Assert.NotEmpty(uses);
        Assert.All(uses, use => Assert.Equal(spentBy?.Value, use.Operation));
        if (seen == Signed)
        {
            AuditRecord released = Assert.Single(outcomes);
            Assert.Equal(AuditEvent.SignaturesReleased, released.Event);
            Assert.Equal(_signatures!.Select(s => Convert.ToHexStringLower(SHA256.HashData(s))), released.SignatureDigests);
        }
    }

    private static string[] Hex(IEnumerable<Digest> digests) => [.. digests.Select(d => Convert.ToHexStringLower(d.Value))];
}
