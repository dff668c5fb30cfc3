using System.Text.Json;
using Sam.Core.Values;

namespace Sam.Api.Authentication;

/// <summary>
/// Entra ID: <c>idtyp</c> (an optional claim of the registration) says "app" or "user". Without it, a token without <c>scp</c> whose <c>sub</c> is its
/// <c>oid</c> is an application's own: in a user's token <c>sub</c> is made for this service, and <c>scp</c> is always there.
/// </summary>
internal sealed class EntraIdCallerReader : CallerReader
{
    private readonly string _instance;

    /// <param name="instance">The cloud's address, without a slash at its end.</param>
    internal EntraIdCallerReader(string instance) => _instance = instance;

    /// <summary>
    /// Entra ID gives any application of the tenant a token for this service, whether or not somebody granted it anything. What was granted stands in
    /// <c>scp</c> and <c>roles</c>; Microsoft.Identity.Web refuses tokens with neither, in an event of the middleware that is not there.
    /// </summary>
    protected override bool IsAcceptable(JsonElement payload) => IsGranted(payload, "scp") || IsGranted(payload, "roles");

    protected override bool IsClientsOwn(JsonElement payload, ClientId client) => Text(payload, "idtyp") switch
    {
        "app" => true,
        null => !payload.TryGetProperty("idtyp", out JsonElement _) && !payload.TryGetProperty("scp", out JsonElement _)
            && Text(payload, "oid") is { Length: > 0 } account && account == Text(payload, "sub"),
        _ => false,
    };

    /// <summary>Tokens of version 1 and of version 2 spell it differently; the tenant in them is the same.</summary>
    protected override string? Issuer(JsonElement payload) => Text(payload, "tid") is { Length: > 0 } tenant ? $"{_instance}/{tenant}/v2.0" : null;

    private static bool IsGranted(JsonElement payload, string claim) => payload.TryGetProperty(claim, out JsonElement value) && value switch
    {
        { ValueKind: JsonValueKind.String } => !string.IsNullOrWhiteSpace(value.GetString()),
        { ValueKind: JsonValueKind.Array } => value.GetArrayLength() > 0,
        _ => false,
    };
}
