using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sam.Core.Audit;
using Sam.Core.Configuration;

namespace Sam.Cli.Admin;

/// <summary>Names as the Admin API writes them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ActionBody))]
[JsonSerializable(typeof(ApprovalBody))]
[JsonSerializable(typeof(ApprovalResult))]
[JsonSerializable(typeof(AuditedTransactionRecord))]
[JsonSerializable(typeof(BoundRecord))]
[JsonSerializable(typeof(CertificatesBody))]
[JsonSerializable(typeof(ChallengeText))]
[JsonSerializable(typeof(ClientBody))]
[JsonSerializable(typeof(ClientsBody))]
[JsonSerializable(typeof(ConfigurationRecord))]
[JsonSerializable(typeof(CredentialRecord))]
[JsonSerializable(typeof(IReadOnlyList<Setting>))]
[JsonSerializable(typeof(ListRecord<ApprovedSettingsRecord>))]
[JsonSerializable(typeof(DecisionBody))]
[JsonSerializable(typeof(DeviceRemovalBody))]
[JsonSerializable(typeof(EnrolmentBody))]
[JsonSerializable(typeof(IdentityCertificateRecord))]
[JsonSerializable(typeof(ImportBody))]
[JsonSerializable(typeof(ImportDeliveryFile))]
[JsonSerializable(typeof(ImportOfferFile))]
[JsonSerializable(typeof(ImportRecord))]
[JsonSerializable(typeof(InitializationBody))]
[JsonSerializable(typeof(InitializationCodes))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(KeyBody))]
[JsonSerializable(typeof(ListRecord<ClientRecord>))]
[JsonSerializable(typeof(ListRecord<CredentialRecord>))]
[JsonSerializable(typeof(ListRecord<OfficerRecord>))]
[JsonSerializable(typeof(ListRecord<PendingRecord>))]
[JsonSerializable(typeof(ListRecord<ProposalRecord>))]
[JsonSerializable(typeof(ListRecord<SignerRecord>))]
[JsonSerializable(typeof(OpenedRowsRecord))]
[JsonSerializable(typeof(OfficerEnrolmentBody))]
[JsonSerializable(typeof(OfficerRecord))]
[JsonSerializable(typeof(OwnRecord))]
[JsonSerializable(typeof(PinBody))]
[JsonSerializable(typeof(ProblemRecord))]
[JsonSerializable(typeof(ProposalRecord))]
[JsonSerializable(typeof(ReasonBody))]
[JsonSerializable(typeof(RegistrationBody))]
[JsonSerializable(typeof(RequestRecord))]
[JsonSerializable(typeof(SignerCode))]
[JsonSerializable(typeof(SignerRecord))]
[JsonSerializable(typeof(StatusRecord))]
[JsonSerializable(typeof(StopBody))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    private static readonly AdminJson _printed = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>An answer for standard output: one line, letters as they are; control characters are escaped, so nothing steers a terminal.</summary>
    internal static string Print(JsonElement answer) => JsonSerializer.Serialize(answer, _printed.JsonElement);
}
