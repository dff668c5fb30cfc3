using System.Collections.Concurrent;
using System.Diagnostics;
using Sam.Core.Activation;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.Csc;

namespace Sam.IntegrationTests.Storm;

/// <summary>
/// Everything that left the SAMs, held against what their signers agreed to and what the insider had done by then. What is not allowed here is a hole: nothing is excused but by name.
/// </summary>
internal sealed class StormReceiver(StormTable table, SystemKeys keys)
{
    private readonly SadCodec _codec = new(keys.Envelope, keys.Epoch);
    private readonly ConcurrentDictionary<string, Consent> _consents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _sads = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _used = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, int> _refused = new();
    private int _signatures;
    private int _conceded;

    /// <summary>What must not be.</summary>
    internal ConcurrentQueue<string> Violations { get; } = new();

    internal int Signatures => _signatures;

    /// <summary>Approvals that were used by a second process, which had not seen the first use, within the seal's tolerance: said in the threat notes.</summary>
    internal int Conceded => _conceded;

    /// <summary>Refusals of the CSC API that this process answered.</summary>
    internal int RefusedBy(int process) => _refused.GetValueOrDefault(process);

    internal int Refused => _refused.Values.Sum();

    /// <summary>Signatures that were received for a digest, or null when nobody ever agreed to it.</summary>
    internal int? ReceivedFor(string digest) => _consents.TryGetValue(digest, out Consent? consent) ? consent.Signatures.Count : null;

    /// <summary>A signer agrees, with their own factors, that this is signed once.</summary>
    internal void Agree(TestCredential credential, byte[] digest) => _consents[Convert.ToHexStringLower(digest)] = new Consent(credential);

    /// <summary>What the threat notes concede of an approval: another process may take it once more.</summary>
    internal void MayBeUsedElsewhere(byte[] digest) => _consents[Convert.ToHexStringLower(digest)].IsConceded = true;

    /// <summary>Where the transaction of a SAD stands.</summary>
    internal RowAddress TransactionOf(string sad) => _codec.Open(new SecretText(sad)).Value.Address;

    /// <summary>When a SAD was given.</summary>
    internal long GivenAt(string sad) => _sads[sad];

    /// <summary>A refusal, or another answer than a success.</summary>
    internal void Refuse(int process, CscReply reply)
    {
        if (reply.Status >= 400)
        {
            _ = _refused.AddOrUpdate(process, 1, (_, count) => count + 1);
        }
    }

    /// <summary>A SAD left. It must not, where a row that the SAM had to read was nothing worth all the time.</summary>
    /// <param name="sad">The SAD.</param>
    /// <param name="asked">When it was asked for, and what stood there.</param>
    /// <param name="isAgain">Whether its transaction may have existed before.</param>
    internal void ReceiveSad(string sad, Asked asked, bool isAgain = false)
    {
        asked.Judge(table, Violations, "a SAD left");
        if (isAgain && table.FindAttack(TransactionOf(sad), asked.Since, asked.At, worth => worth != RowWorth.Unknown) is { } attack)
        {
            Violations.Enqueue($"a SAD left for a transaction's row that was attacked before: {attack.Address}");
        }

        _ = _sads.TryAdd(sad, Stopwatch.GetTimestamp());
    }

    /// <summary>A signature left.</summary>
    internal void ReceiveSignature(string sad, TestCredential credential, byte[] digest, byte[] signature, Asked asked)
    {
        _ = Interlocked.Increment(ref _signatures);
        asked.Judge(table, Violations, "a signature left");
        RowAddress transaction = TransactionOf(sad);
        if (!_sads.TryGetValue(sad, out long issued))
        {
            Violations.Enqueue("a signature left for a SAD that nobody was given");
        }
        else if (table.FindAttack(transaction, issued, asked.At, worth => worth != RowWorth.Unknown) is not null)
        {
            Violations.Enqueue($"a signature left, and the row of its transaction was attacked since the SAD was given: {transaction}");
        }

        if (!_used.TryAdd(sad, true))
        {
            Violations.Enqueue($"one SAD signed twice: {transaction}");
        }

        if (!credential.Verifies(digest, signature))
        {
            Violations.Enqueue("a signature left that does not verify");
        }

        if (!_consents.TryGetValue(Convert.ToHexStringLower(digest), out Consent? consent) || consent.Credential != credential)
        {
            Violations.Enqueue($"a signature left that nobody agreed to: {transaction}");
            return;
        }

        consent.Signatures.Enqueue(signature);
        if (consent.Signatures.Count == 2 && consent.IsConceded)
        {
            _ = Interlocked.Increment(ref _conceded);
        }
        else if (consent.Signatures.Count > 1)
        {
            Violations.Enqueue($"signed {consent.Signatures.Count} times, and agreed to once: {transaction}");
        }
    }

    private sealed class Consent(TestCredential credential)
    {
        internal TestCredential Credential => credential;

        internal ConcurrentQueue<byte[]> Signatures { get; } = new();

        internal bool IsConceded { get; set; }
    }
}

/// <summary>A request, and what stood at the rows it cannot do without when it was sent.</summary>
/// <param name="Since">From when on an attack on its transaction counts.</param>
/// <param name="Needed">The rows, with what the insider had made of them.</param>
internal sealed record Asked(long Since, (RowAddress Address, Attack? Attack)[] Needed)
{
    /// <summary>When.</summary>
    internal long At { get; } = Stopwatch.GetTimestamp();

    /// <summary>A request that needs rows of a signer.</summary>
    internal static Asked Now(StormTable table, long since, params IEnumerable<RowAddress> needed) => new(since, [.. needed.Select(row => (row, table.StandingAt(row)))]);

    /// <summary>Notes what a success contradicts: a needed row that was worth nothing before the request was sent, and was never anything else until it was answered.</summary>
    internal void Judge(StormTable table, ConcurrentQueue<string> violations, string what)
    {
        foreach ((RowAddress address, Attack? attack) in Needed)
        {
            if (attack is { Worth: RowWorth.None } && table.StandingAt(address) == attack)
            {
                violations.Enqueue($"{what}, and {address} was {(attack.Content is null ? "deleted" : "not what a SAM wrote there")} before it was asked for");
            }
        }
    }

    /// <summary>The rows that every signature with a credential needs.</summary>
    internal static IEnumerable<RowAddress> Of(TestCredential credential, string client)
    {
        _ = CredentialId.TryParse(credential.Id, out CredentialId id);
        _ = ClientId.TryParse(client, out ClientId clientId);
        return [SignerRows.Credential(id), SignerRows.Client(clientId)];
    }
}
