using System.Text.Json.Serialization;
using Sam.Core.Activation;
using Sam.Core.Anchoring;
using Sam.Core.Certificates;
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
[JsonSerializable(typeof(ClientRow))]
[JsonSerializable(typeof(CountersRow))]
[JsonSerializable(typeof(CredentialRow))]
[JsonSerializable(typeof(KeyringNames))]
[JsonSerializable(typeof(KeyringRow))]
[JsonSerializable(typeof(LoginRow))]
[JsonSerializable(typeof(ProposalRow))]
[JsonSerializable(typeof(SignerRow))]
[JsonSerializable(typeof(SubjectName))]
[JsonSerializable(typeof(TransactionRow))]
[JsonSerializable(typeof(UsedProofsRow))]
internal sealed partial class RowJson : JsonSerializerContext;

/// <summary>The schemas of the sealed rows. A change of meaning gets a new version.</summary>
internal static class RowSchemas
{
    internal static RowSchema<AnchorRow> Anchor { get; } = new("anchor/1", RowJson.Default.AnchorRow);

    internal static RowSchema<AnswerRow> Answer { get; } = new("answer/1", RowJson.Default.AnswerRow);

    internal static RowSchema<ClientRow> Client { get; } = new("client/1", RowJson.Default.ClientRow);

    internal static RowSchema<CountersRow> Counters { get; } = new("counters/1", RowJson.Default.CountersRow);

    internal static RowSchema<CredentialRow> Credential { get; } = new("credential/1", RowJson.Default.CredentialRow);

    internal static RowSchema<LoginRow> Login { get; } = new("login/1", RowJson.Default.LoginRow);

    internal static RowSchema<ProposalRow> Proposal { get; } = new("proposal/1", RowJson.Default.ProposalRow);

    internal static RowSchema<SignerRow> Signer { get; } = new("signer/1", RowJson.Default.SignerRow);

    internal static RowSchema<TransactionRow> Transaction { get; } = new("transaction/1", RowJson.Default.TransactionRow);

    internal static RowSchema<UsedProofsRow> UsedProofs { get; } = new("used-proofs/1", RowJson.Default.UsedProofsRow);
}
