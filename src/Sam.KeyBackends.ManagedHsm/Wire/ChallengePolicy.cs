using Azure.Core;
using Azure.Core.Pipeline;
using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>
/// Learns from the HSM's first 401 which token it wants, once, and sends that token from then on. The token's cache and renewal are Azure.Core's.
/// The first request goes out without its body: nothing is told to a server that has not said what it is.
/// </summary>
internal sealed class ChallengePolicy : BearerTokenAuthenticationPolicy
{
    private readonly string _hsmHost;
    private volatile Wanted? _wanted;

    internal ChallengePolicy(TokenCredential credential, string hsmHost)
        : base(credential, []) => _hsmHost = hsmHost;

    protected override async ValueTask AuthorizeRequestAsync(HttpMessage message)
    {
        if (_wanted is { } known)
        {
            await AuthenticateAndAuthorizeRequestAsync(message, known.Context);
            return;
        }

        if (message.Request.Content is { } content)
        {
            message.SetProperty(typeof(ChallengePolicy), content);
            message.Request.Content = null;
        }
    }

    protected override async ValueTask<bool> AuthorizeRequestOnChallengeAsync(HttpMessage message)
    {
        AttemptClock.Stop(message);

        // A second 401, with a token: another one of the same kind would fare no better.
        if (message.Request.Headers.Contains(HttpHeader.Names.Authorization))
        {
            return false;
        }

        _ = message.Response.Headers.TryGetValue(HttpHeader.Names.WwwAuthenticate, out string? header);
        (string scope, string? tenant) = BearerChallenge.Read(header, _hsmHost) ?? throw new KeyBackendException(
            KeyBackendFailure.Rejected, "Managed HSM: the server asks for a token that is not for this HSM's domain; none was sent.");
        Wanted wanted = new(new TokenRequestContext([scope], parentRequestId: null, claims: null, tenant));
        _wanted = wanted;
        if (message.TryGetProperty(typeof(ChallengePolicy), out object? held))
        {
            message.Request.Content = (RequestContent?)held;
        }

        // Frees its connection: as many first calls as there are connections would otherwise wait for each other.
        message.Response.Dispose();
        await AuthenticateAndAuthorizeRequestAsync(message, wanted.Context);
        return true;
    }

    private sealed record Wanted(TokenRequestContext Context);
}
