using Sam.Api.Pipeline;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Admin;

/// <summary>Signature creation applications. Approving one takes two officers (a proposal); one is enough to stop it.</summary>
internal static class ClientHandlers
{
    internal static async Task<SamResponse> ListAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (Paging.Read(request).IsRefused(out Refusal? refusal, out Paging? paging))
        {
            return SamResponse.Refuse(refusal);
        }

        (IReadOnlyList<(ClientId Client, bool IsApproved)> found, string? next) =
            await (await request.GetModuleAsync(cancellationToken)).Clients.ListAsync(paging.After, paging.Limit, cancellationToken);
        return SamResponse.Ok(new ClientsAnswer([.. found.Select(c => new ClientAnswer(c.Client.Value, c.IsApproved))], next), AdminJson.Web.ClientsAnswer);
    }

    internal static async Task<SamResponse> StopAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.RequiredString("client").IsRefused(out Refusal? refusal, out string? text))
        {
            return SamResponse.Refuse(refusal);
        }

        if (!ClientId.TryParse(text, out ClientId client))
        {
            return SamResponse.Refuse(new Refusal(SamErrorCode.ParameterInvalid, "client"));
        }

        return (await (await request.GetModuleAsync(cancellationToken)).Clients.SetApprovedAsync(client, approved: false, cancellationToken, request.Officer.Actor)).IsRefused(out refusal, out _)
            ? SamResponse.Refuse(refusal)
            : new SamResponse.Empty();
    }
}
