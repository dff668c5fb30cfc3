using System.Text.Json;
using Sam.Core.Values;

namespace Sam.Api.Authentication;

/// <summary>
/// RFC 9068 section 2.2: where no resource owner takes part, <c>sub</c> is the client. Some issuers leave it out then (a user's token always has one),
/// and some give the client an account of its own and mark the token by another claim, which the options name.
/// </summary>
internal sealed class OidcCallerReader : CallerReader
{
    private readonly string? _markClaim;
    private readonly string? _markValue;
    private readonly string? _issuer;

    /// <param name="clientTokenMark">A claim, or <c>claim=value</c>, that only a client's own tokens carry; or null.</param>
    /// <param name="issuer">What the issuer is called here; null: as its tokens call it.</param>
    internal OidcCallerReader(string? clientTokenMark, string? issuer = null)
    {
        _issuer = issuer;
        string[] mark = clientTokenMark?.Split('=', 2) ?? [];
        _markClaim = mark.ElementAtOrDefault(0);
        _markValue = mark.ElementAtOrDefault(1);
    }

    protected override bool IsClientsOwn(JsonElement payload, ClientId client) =>
        !payload.TryGetProperty("sub", out JsonElement _) || Text(payload, "sub") == client.Value || IsMarked(payload);

    protected override string? Issuer(JsonElement payload) => _issuer ?? base.Issuer(payload);

    private bool IsMarked(JsonElement payload) =>
        _markClaim is not null && Text(payload, _markClaim) is { } value && (_markValue is null || _markValue == value);
}
