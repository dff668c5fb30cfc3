using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sam.Core.Audit;

namespace Sam.Api.Admin;

/// <summary>The JSON of the Admin API: camelCase, and what is null is left out.</summary>
[JsonSerializable(typeof(ApprovalAnswer))]
[JsonSerializable(typeof(ApprovalsAnswer))]
[JsonSerializable(typeof(AuditRowsAnswer))]
[JsonSerializable(typeof(AuditedTransactionAnswer))]
[JsonSerializable(typeof(BoundRecord))]
[JsonSerializable(typeof(ChallengeAnswer))]
[JsonSerializable(typeof(ClientsAnswer))]
[JsonSerializable(typeof(ConfigurationAnswer))]
[JsonSerializable(typeof(ConfigurationsAnswer))]
[JsonSerializable(typeof(CredentialAnswer))]
[JsonSerializable(typeof(CredentialsAnswer))]
[JsonSerializable(typeof(IdentityAnswer))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(InitializationAnswer))]
[JsonSerializable(typeof(OfficerAnswer))]
[JsonSerializable(typeof(OfficersAnswer))]
[JsonSerializable(typeof(OwnAnswer))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ProposalAnswer))]
[JsonSerializable(typeof(ProposalsAnswer))]
[JsonSerializable(typeof(RequestAnswer))]
[JsonSerializable(typeof(SignerAnswer))]
[JsonSerializable(typeof(SignerCodeAnswer))]
[JsonSerializable(typeof(SignersAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    internal static AdminJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
