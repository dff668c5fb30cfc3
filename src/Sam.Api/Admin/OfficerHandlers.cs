using Sam.Api.Pipeline;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Admin;

/// <summary>Privileged users.</summary>
internal static class OfficerHandlers
{
    internal static async Task<SamResponse> ListAsync(SamRequest request, CancellationToken cancellationToken) =>
        (await (await request.GetModuleAsync(cancellationToken)).Officers.ListAsync(cancellationToken)).IsRefused(out Refusal? refusal, out IReadOnlyList<OfficerView>? officers)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new OfficersAnswer([.. officers.Select(OfficerAnswer.Of)]), AdminJson.Web.OfficersAnswer);

    /// <summary>The one officer's route without the policy: the key is not known yet. The proof is by the key that the body brings.</summary>
    internal static async Task<SamResponse> EnrolAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("code").IsRefused(out Refusal? refusal, out string? code)
            || request.Body.RequiredString("publicKey").IsRefused(out refusal, out string? keyText))
        {
            return SamResponse.Refuse(refusal);
        }

        byte[] key = new byte[keyText.Length];
        if (!Convert.TryFromBase64String(keyText, key, out int length))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "publicKey"));
        }

        OfficerRegistry officers = (await request.GetModuleAsync(cancellationToken)).Officers;
        return (await officers.EnrolAsync(request.Login, request.ToOfficerRequest(), new SecretText(code), key.AsMemory(0, length), cancellationToken)).IsRefused(out refusal, out OfficerView? officer)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(OfficerAnswer.Of(officer), AdminJson.Web.OfficerAnswer);
    }
}
