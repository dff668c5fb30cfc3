using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Results;
using Sam.Core.Credentials;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary><c>credentials/info</c> (CSC API 2.0 clause 11.5).</summary>
internal static class CredentialsInfoHandler
{
    internal static async Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("credentialID").IsRefused(out Refusal? refusal, out string? text)
            || CredentialDetails.Read(request.Body).IsRefused(out refusal, out CredentialDetails details)
            || ClientData.Read(request.Body).IsRefused(out refusal, out _))
        {
            return SamResponse.Refuse(refusal);
        }

        if (!CredentialId.TryParse(text, out CredentialId id))
        {
            return SamResponse.Refuse(SamErrorCode.CredentialUnknown);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        Result<CredentialView> found = await module.FindCredentialAsync(request.Caller, id, cancellationToken);
        return found.IsRefused(out refusal, out CredentialView? credential)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(details.Describe(credential, module.FactorKeys.FormsOf), CscJson.Web.CredentialInfo);
    }
}
