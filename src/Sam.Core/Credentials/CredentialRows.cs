using System.Globalization;
using Sam.Core.Keys;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>What became of a credential beside its state, in a row of its own: it is read by people, and never for a signature.</summary>
/// <param name="History">The last changes, oldest first.</param>
/// <param name="Certificates">Certificates that were replaced, DER, the last ones, oldest first.</param>
internal sealed record CredentialFileRow(IReadOnlyList<ChangeRow> History, IReadOnlyList<byte[]> Certificates)
{
    private const int MaxHistory = 50;
    private const int MaxCertificates = 20;

    internal CredentialFileRow With(ChangeRow change, CertificateRow? replaced) => new(
        [.. History.Append(change).TakeLast(MaxHistory)], replaced is null ? Certificates : [.. Certificates.Append(replaced.Chain[0]).TakeLast(MaxCertificates)]);
}

/// <summary>That a key is about to be made: written before it, so that a key which nobody got is found (<see cref="AbandonedKeys"/>).</summary>
/// <param name="Key">The <see cref="KeyName"/>.</param>
/// <param name="Credential">For which credential.</param>
internal sealed record KeyIntentRow(string Key, string Credential);

/// <summary>A key that another key is wrapped for, until it is taken in (<see cref="ExchangeKeys"/>).</summary>
/// <param name="Key">Its name in the HSM.</param>
/// <param name="IsUsed">Whether a key was taken in by it, or was about to be.</param>
internal sealed record ExchangeKeyRow(string Key, bool IsUsed);

/// <summary>A public key that belongs to a credential, or belonged to one: it is never assigned again.</summary>
/// <param name="Credential">Which one.</param>
internal sealed record KnownKeyRow(string Credential);

/// <summary>The challenges that a signer has used and whose time is not over.</summary>
/// <param name="Ids">Their ids, with their ends in seconds since 1970.</param>
/// <param name="RefusedUntil">Challenges of this second or an earlier one are refused: whether they were used is not known any more. 0: all are known.</param>
internal sealed record UsedChallengesRow(IReadOnlyDictionary<string, long> Ids, long RefusedUntil = 0);

/// <summary>Where these rows stand.</summary>
internal static class CredentialRows
{
    /// <summary>The partition of intents.</summary>
    internal const string Intents = "key-intents";

    /// <summary>The partition of exchange keys.</summary>
    internal const string ExchangeKeys = "exchange-keys";

    internal static RowAddress File(CredentialId credential) => new(SamTable.Signers, credential.Signer.Value, $"file-{credential.Suffix}");

    internal static RowAddress UsedChallenges(SignerId signer) => new(SamTable.Signers, signer.Value, "challenges");

    /// <summary>In the order of their time, so that the old ones are one range.</summary>
    internal static RowAddress Intent(DateTimeOffset at, KeyName key) => new(SamTable.Registry, Intents, $"{Before(at)}-{key.Value}");

    /// <summary>In the order of their time, too.</summary>
    internal static RowAddress ExchangeKey(DateTimeOffset at, string id) => new(SamTable.Registry, ExchangeKeys, $"{Before(at)}-{id}");

    internal static string Before(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString("d12", CultureInfo.InvariantCulture);
}
