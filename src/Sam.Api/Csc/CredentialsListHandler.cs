using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Results;
using Sam.Core.Credentials;

namespace Sam.Api.Csc;

/// <summary><c>credentials/list</c> (CSC API 2.0 clause 11.4).</summary>
internal static class CredentialsListHandler
{
    internal static async Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken)
    {
        JsonBody body = request.Body;
        if (body.OptionalString("userID").IsRefused(out Refusal? refusal, out OptionalText userId)
            || body.OptionalBoolean("credentialInfo").IsRefused(out refusal, out bool withInfo)
            || body.OptionalBoolean("onlyValid").IsRefused(out refusal, out bool onlyValid)
            || CredentialDetails.Read(body).IsRefused(out refusal, out CredentialDetails details)
            || ClientData.Read(body).IsRefused(out refusal, out _))
        {
            return SamResponse.Refuse(refusal);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        Result<IReadOnlyList<CredentialView>> listed = await module.ListCredentialsAsync(request.Caller, userId.Value, cancellationToken);
        if (listed.IsRefused(out refusal, out IReadOnlyList<CredentialView>? all))
        {
            return SamResponse.Refuse(refusal);
        }

        List<CredentialView> shown = [.. all.Where(c => !onlyValid || (c.IsUsable && c.IsInValidity))];
        return SamResponse.Ok(
            new CredentialList(
                [.. shown.Select(c => c.Id.Value)],
                withInfo ? [.. shown.Select(c => details.Describe(c, module.FactorKeys.FormsOf) with { CredentialId = c.Id.Value })] : null,
                onlyValid ? true : null),
            CscJson.Web.CredentialList);
    }
}
