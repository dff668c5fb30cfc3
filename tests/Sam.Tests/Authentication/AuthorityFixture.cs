using Sam.Testing.Authentication;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>One issuer with one key, for tests that leave both as they are.</summary>
public sealed class AuthorityFixture : IAsyncLifetime
{
    public TokenKey Key { get; } = new("k1");

    public TokenKey RsaKey { get; } = new("rsa", "RS256");

    public StubAuthority Authority { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Authority = await StubAuthority.StartAsync();
        Authority.Keys.Add(Key);
        Authority.Keys.Add(RsaKey);
    }

    public async ValueTask DisposeAsync()
    {
        await Authority.DisposeAsync();
        Key.Dispose();
        RsaKey.Dispose();
    }
}
