using Sam.Api.Pipeline;
using Sam.Core.Approvals;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary><c>credentials/getChallenge</c> (CSC API 2.0 clause 11.8): what a client carries to the signer's device, or to the page where they enter factors.</summary>
internal static class CredentialsGetChallengeHandler
{
    internal static async Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("credentialID").IsRefused(out Refusal? refusal, out string? id)
            || request.Body.RequiredString("authObjectID").IsRefused(out refusal, out string? factor)
            || ClientData.Read(request.Body).IsRefused(out refusal, out _))
        {
            return SamResponse.Refuse(refusal);
        }

        if (factor is not (AuthData.DeviceAnswerId or AuthData.EncryptedId))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "authObjectID"));
        }

        return !CredentialId.TryParse(id, out CredentialId credential) ? SamResponse.Refuse(SamErrorCode.CredentialUnknown)
            : (await (await request.GetModuleAsync(cancellationToken)).ChallengeAsync(request.Caller, credential, UseOf(factor), cancellationToken)).IsRefused(out refusal, out string? challenge)
                ? SamResponse.Refuse(refusal)
                : SamResponse.Ok(new DeviceChallengeAnswer(challenge), CscJson.Web.DeviceChallengeAnswer);
    }

    private static ChallengeUse UseOf(string factor) => factor == AuthData.EncryptedId ? ChallengeUse.EncryptedFactors : ChallengeUse.Device;
}
