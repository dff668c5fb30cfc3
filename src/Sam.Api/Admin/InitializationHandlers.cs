using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Admin;

/// <summary>The beginning of a deployment: its state, and the first three security officers.</summary>
internal static class InitializationHandlers
{
    private const int Created = 201;

    internal static async Task<SamResponse> StatusAsync(SamRequest request, CancellationToken cancellationToken)
    {
        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        Result<IReadOnlyList<OfficerView>> officers = await module.Officers.ListAsync(cancellationToken);
        return officers.Refusal is { } refusal && refusal.Code != SamErrorCode.NotInitialized
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(
                new StatusAnswer(module.Officers.DeploymentId, officers.Refusal is null, Convert.ToBase64String(module.Identity.PublicKey.Span)), AdminJson.Web.StatusAnswer);
    }

    internal static async Task<SamResponse> InitializeAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("secret").IsRefused(out Refusal? refusal, out string? secret)
            || request.Body.OptionalObjects("officers").IsRefused(out refusal, out IReadOnlyList<JsonBody>? bodies))
        {
            return SamResponse.Refuse(refusal);
        }

        List<OfficerNomination> nominations = [];
        foreach (JsonBody body in bodies)
        {
            if (body.RequiredString("name").IsRefused(out refusal, out string? name)
                || body.RequiredString("issuer").IsRefused(out refusal, out string? issuer)
                || body.RequiredString("subject").IsRefused(out refusal, out string? subject))
            {
                return SamResponse.Refuse(refusal);
            }

            if (!LoginName.TryCreate(issuer, subject, out LoginName? login))
            {
                return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "officers"));
            }

            nominations.Add(new OfficerNomination(name, login));
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        return (await module.Officers.InitializeAsync(new SecretText(secret), nominations, cancellationToken)).IsRefused(out refusal, out IReadOnlyList<IssuedCode>? codes)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new InitializationAnswer { Codes = [.. codes.Select(CodeAnswer.Of)] }, AdminJson.Web.InitializationAnswer, Created);
    }
}
