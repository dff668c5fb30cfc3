using System.Text.Json;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Authentication;

/// <summary>
/// Reads from a verified token who the caller is. A client's own token may speak for every signer linked to the client; a user's token speaks for
/// that user alone. So a token counts as a user's unless it proves to be a client's: an error in that direction refuses, the other way round it would let in.
/// </summary>
internal abstract class CallerReader
{
    /// <summary>The client is <c>azp</c>, else <c>appid</c>, else <c>client_id</c>: the first that is there, and it must be one string.</summary>
    internal Result<Caller> Read(JsonElement payload)
    {
        if (!ClientId.TryParse(Client(payload), out ClientId client) || !IsAcceptable(payload))
        {
            return SamErrorCode.TokenInvalid;
        }

        if (IsClientsOwn(payload, client))
        {
            return new Caller(client, null);
        }

        return LoginName.TryCreate(Issuer(payload), Text(payload, "sub"), out LoginName? login)
            ? new Caller(client, login, Time(payload, "auth_time"))
            : SamErrorCode.TokenInvalid;
    }

    /// <summary>The string value of a claim; null where the claim is missing or anything else.</summary>
    protected static string? Text(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The issuer's one name: a login is compared by it, so an issuer that spells itself in several ways has one here.</summary>
    protected virtual string? Issuer(JsonElement payload) => Text(payload, "iss");

    /// <summary>What this kind of issuer must have put into a token for this service, beside issuer and audience.</summary>
    protected virtual bool IsAcceptable(JsonElement payload) => true;

    /// <summary>True only for a token that its issuer gave to the client itself.</summary>
    protected abstract bool IsClientsOwn(JsonElement payload, ClientId client);

    /// <summary>A NumericDate (RFC 7519) in whole seconds; null where the claim is missing or anything else.</summary>
    private static DateTimeOffset? Time(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static string? Client(JsonElement payload)
    {
        foreach (string claim in (ReadOnlySpan<string>)["azp", "appid", "client_id"])
        {
            if (payload.TryGetProperty(claim, out JsonElement _))
            {
                return Text(payload, claim);
            }
        }

        return null;
    }
}
