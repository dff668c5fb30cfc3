using Sam.Api.Pipeline;
using Sam.Core.Results;

namespace Sam.Api.Csc;

/// <summary>The parameter <c>clientData</c> that most methods take: a string for the client's own use. Nothing is done with it, but another type is a mistake to be told.</summary>
internal static class ClientData
{
    /// <summary>Refused with ParameterInvalid for another type than a string.</summary>
    internal static Result<OptionalText> Read(JsonBody body) => body.OptionalString("clientData").IsRefused(out _, out OptionalText text)
        ? new Refusal(SamErrorCode.ParameterInvalid, "clientData")
        : text;
}
