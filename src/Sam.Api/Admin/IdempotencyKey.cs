using Sam.Api.Pipeline;
using Sam.Core.Officers;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>The header <c>Idempotency-Key</c> of requests that make something: a privileged user who lost the answer sends the same request again, and nothing is made twice.</summary>
internal static class IdempotencyKey
{
    internal const string Header = "Idempotency-Key";

    /// <summary>Makes it, or finds it made. Refused with ParameterInvalid for a key that is none, since it must not be taken for no key, and as <see cref="Creations.MakeAsync"/> does.</summary>
    internal static async Task<Result<string>> MakeOnceAsync(SamRequest request, Creation what, CancellationToken cancellationToken)
    {
        OfficerRequest sent = request.ToOfficerRequest();
        RequestKey? key = null;
        return sent.IdempotencyKey is not null && !RequestKey.TryCreate(sent, out key)
            ? new Refusal(SamErrorCode.ParameterInvalid, Header)
            : await (await request.GetModuleAsync(cancellationToken)).Creations.MakeAsync(request.Officer, key, what, cancellationToken);
    }
}
