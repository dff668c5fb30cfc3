using System.Text.Json.Serialization;
using Sam.Core.Activation;
using Sam.Core.Anchoring;
using Sam.Core.Approvals;
using Sam.Core.Certificates;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Officers;
using Sam.Core.Sealing;
using Sam.Core.Signers;

namespace Sam.Core.Rows;

/// <summary>
/// The JSON inside the seals. A member that is missing fails the reading, so what is null is written out: rows are written by this code only.
/// </summary>
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(AnchorDocument))]
[JsonSerializable(typeof(AnchorRow))]
[JsonSerializable(typeof(AnswerRow))]
[JsonSerializable(typeof(ApprovalRow))]
[JsonSerializable(typeof(ClientRow))]
[JsonSerializable(typeof(CountersRow))]
[JsonSerializable(typeof(CreationRow))]
[JsonSerializable(typeof(CredentialFileRow))]
[JsonSerializable(typeof(CredentialRow))]
[JsonSerializable(typeof(ExchangeKeyRow))]
[JsonSerializable(typeof(ExtensionRow))]
[JsonSerializable(typeof(FactorKeyRow))]
[JsonSerializable(typeof(IdentityCertificateRow))]
[JsonSerializable(typeof(KeyIntentRow))]
[JsonSerializable(typeof(KnownKeyRow))]
[JsonSerializable(typeof(UsedChallengesRow))]
[JsonSerializable(typeof(KeyringNames))]
[JsonSerializable(typeof(KeyringRow))]
[JsonSerializable(typeof(ListedClientRow))]
[JsonSerializable(typeof(ListedSignerRow))]
[JsonSerializable(typeof(LoginRow))]
[JsonSerializable(typeof(OutcomeRow))]
[JsonSerializable(typeof(ProposalRow))]
[JsonSerializable(typeof(SignerFileRow))]
[JsonSerializable(typeof(SignerRow))]
[JsonSerializable(typeof(SubjectName))]
[JsonSerializable(typeof(TransactionRow))]
[JsonSerializable(typeof(UsedProofsRow))]
internal sealed partial class RowJson : JsonSerializerContext;

/// <summary>The schemas of the sealed rows. A change of meaning gets a new version.</summary>
internal static class RowSchemas
{
    /// <summary>Which schema a row has, by where it stands: for whoever reads all rows and is looking for none.</summary>
    internal static string NameOf(RowAddress address) => (address.Table, address.PartitionKey, address.RowKey) switch
    {
        (SamTable.Clients, _, _) => Client.Name,
        (SamTable.Logins, _, _) => Login.Name,
        (SamTable.Transactions, _, var key) when key.Contains("-answer-", StringComparison.Ordinal) => Answer.Name,
        (SamTable.Transactions, _, _) when SpendOutcomes.IsOne(address) => Outcome.Name,
        (SamTable.Transactions, _, _) when GivenExtensions.IsOne(address) => Extension.Name,
        (SamTable.Transactions, _, _) => Transaction.Name,
        (SamTable.Signers, _, "signer") => Signer.Name,
        (SamTable.Signers, _, "counters") => Counters.Name,
        (SamTable.Signers, _, "file") => SignerFile.Name,
        (SamTable.Signers, _, "challenges") => UsedChallenges.Name,
        (SamTable.Signers, _, _) when ApprovalRows.IsOne(address) => Approval.Name,
        (SamTable.Signers, _, var key) when key.StartsWith("file-", StringComparison.Ordinal) => CredentialFile.Name,
        (SamTable.Signers, _, _) => Credential.Name,
        (SamTable.Registry, "anchor", _) => Anchor.Name,
        (SamTable.Registry, "clients", _) => ListedClient.Name,
        (SamTable.Registry, "identity", _) => IdentityCertificate.Name,
        (SamTable.Registry, "proposals", _) => Proposal.Name,
        (SamTable.Registry, _, "proofs") => UsedProofs.Name,
        (SamTable.Registry, FactorKeyRow.Partition, _) => FactorKey.Name,
        (SamTable.Registry, CredentialRows.ExchangeKeys, _) => ExchangeKey.Name,
        (SamTable.Registry, var partition, _) when partition.StartsWith("requests-", StringComparison.Ordinal) => Creation.Name,
        (SamTable.Registry, CredentialRows.Intents, _) => KeyIntent.Name,
        (SamTable.Registry, var partition, _) when partition.StartsWith("key-", StringComparison.Ordinal) => KnownKey.Name,
        (SamTable.Registry, var partition, _) when partition.StartsWith("signers-", StringComparison.Ordinal) => ListedSigner.Name,
        _ => throw new ArgumentOutOfRangeException(nameof(address), address, "No row stands there."),
    };

    internal static RowSchema<AnchorRow> Anchor { get; } = new("anchor/3", RowJson.Default.AnchorRow);

    internal static RowSchema<AnswerRow> Answer { get; } = new("answer/1", RowJson.Default.AnswerRow);

    internal static RowSchema<ApprovalRow> Approval { get; } = new("approval/2", RowJson.Default.ApprovalRow);

    internal static RowSchema<ClientRow> Client { get; } = new("client/2", RowJson.Default.ClientRow);

    internal static RowSchema<CountersRow> Counters { get; } = new("counters/1", RowJson.Default.CountersRow);

    internal static RowSchema<CreationRow> Creation { get; } = new("creation/1", RowJson.Default.CreationRow);

    internal static RowSchema<CredentialRow> Credential { get; } = new("credential/2", RowJson.Default.CredentialRow);

    internal static RowSchema<CredentialFileRow> CredentialFile { get; } = new("credential-file/1", RowJson.Default.CredentialFileRow);

    internal static RowSchema<ExchangeKeyRow> ExchangeKey { get; } = new("exchange-key/1", RowJson.Default.ExchangeKeyRow);

    internal static RowSchema<ExtensionRow> Extension { get; } = new("extension/1", RowJson.Default.ExtensionRow);

    internal static RowSchema<FactorKeyRow> FactorKey { get; } = new("factor-key/1", RowJson.Default.FactorKeyRow);

    internal static RowSchema<IdentityCertificateRow> IdentityCertificate { get; } = new("identity-certificate/1", RowJson.Default.IdentityCertificateRow);

    internal static RowSchema<KeyIntentRow> KeyIntent { get; } = new("key-intent/1", RowJson.Default.KeyIntentRow);

    internal static RowSchema<KnownKeyRow> KnownKey { get; } = new("known-key/1", RowJson.Default.KnownKeyRow);

    internal static RowSchema<UsedChallengesRow> UsedChallenges { get; } = new("used-challenges/1", RowJson.Default.UsedChallengesRow);

    internal static RowSchema<ListedClientRow> ListedClient { get; } = new("listed-client/1", RowJson.Default.ListedClientRow);

    internal static RowSchema<ListedSignerRow> ListedSigner { get; } = new("listed-signer/1", RowJson.Default.ListedSignerRow);

    internal static RowSchema<LoginRow> Login { get; } = new("login/1", RowJson.Default.LoginRow);

    internal static RowSchema<OutcomeRow> Outcome { get; } = new("outcome/1", RowJson.Default.OutcomeRow);

    internal static RowSchema<ProposalRow> Proposal { get; } = new("proposal/1", RowJson.Default.ProposalRow);

    internal static RowSchema<SignerRow> Signer { get; } = new("signer/2", RowJson.Default.SignerRow);

    internal static RowSchema<SignerFileRow> SignerFile { get; } = new("signer-file/1", RowJson.Default.SignerFileRow);

    internal static RowSchema<TransactionRow> Transaction { get; } = new("transaction/2", RowJson.Default.TransactionRow);

    internal static RowSchema<UsedProofsRow> UsedProofs { get; } = new("used-proofs/1", RowJson.Default.UsedProofsRow);
}
