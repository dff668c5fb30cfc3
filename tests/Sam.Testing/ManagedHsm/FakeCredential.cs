using System.Collections.Concurrent;
using System.Security.Cryptography;
using Azure.Core;

namespace Sam.Testing.ManagedHsm;

/// <summary>
/// An identity whose tokens look like JWTs and mean nothing but to the <see cref="FakeManagedHsm"/> that was told of them. It remembers what it was asked for.
/// </summary>
public sealed class FakeCredential : TokenCredential
{
    private readonly ConcurrentQueue<TokenRequestContext> _asked = [];
    private readonly ConcurrentDictionary<string, string> _issued = [];

    /// <summary>What tokens were asked for.</summary>
    public IReadOnlyList<TokenRequestContext> Asked => [.. _asked];

    /// <summary>All tokens that were given out.</summary>
    public IReadOnlyCollection<string> Issued => [.. _issued.Keys];

    /// <summary>Asked before each token. It may await something or throw.</summary>
    public Func<Task>? Before { get; set; }

    /// <inheritdoc/>
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => Issue(requestContext);

    /// <inheritdoc/>
    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        await (Before?.Invoke() ?? Task.CompletedTask);
        return Issue(requestContext);
    }

    /// <summary>Takes all tokens back.</summary>
    public void Revoke() => _issued.Clear();

    internal bool IsValid(string token, string resource) => _issued.TryGetValue(token, out string? scope) && scope == $"{resource}/.default";

    private AccessToken Issue(TokenRequestContext context)
    {
        _asked.Enqueue(context);
        string token = $"eyJhbGciOiJSUzI1NiJ9.{RandomNumberGenerator.GetHexString(64)}.{RandomNumberGenerator.GetHexString(64)}";
        _issued[token] = string.Join(' ', context.Scopes);
        return new AccessToken(token, DateTimeOffset.UtcNow.AddHours(1));
    }
}
