using System.Security.Cryptography;

namespace Sam.Cli.Admin;

/// <summary>Who asks: an access token and, for privileged users, the key of their own that signs each request. Whoever made the key disposes it.</summary>
internal sealed class AdminUser(Secret token, ECDsa? key = null)
{
    internal Secret Token => token;

    /// <summary>The officer's key, P-256; null for everybody else.</summary>
    internal ECDsa? Key => key;
}
