using Sam.Api.Pipeline;
using Sam.Core.Approvals;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary><c>credentials/authorizeCheck</c> (CSC API 2.0 clause 11.7): whether the signer has approved on their device.</summary>
internal static class CredentialsAuthorizeCheckHandler
{
    private const int Accepted = 202;

    internal static async Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("handle").IsRefused(out Refusal? refusal, out string? handle) || ClientData.Read(request.Body).IsRefused(out refusal, out _))
        {
            return SamResponse.Refuse(refusal);
        }

        return (await (await request.GetModuleAsync(cancellationToken)).RedeemAsync(request.Caller, new SecretText(handle), cancellationToken)).IsRefused(out refusal, out Redeemed? redeemed)
            ? SamResponse.Refuse(refusal)
            : redeemed.Sad is { } sad
                ? SamResponse.Ok(new AuthorizeAnswer(sad.Sad.Reveal(), (int)sad.ExpiresIn.TotalSeconds), CscJson.Web.AuthorizeAnswer)
                : SamResponse.Ok(new HandleAnswer(handle), CscJson.Web.HandleAnswer, Accepted);
    }
}
