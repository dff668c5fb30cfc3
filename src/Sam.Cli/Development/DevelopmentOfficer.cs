using System.Security.Cryptography;
using Sam.Cli.Admin;
using Sam.Cli.Http;
using Sam.Core.Officers;

namespace Sam.Cli.Development;

/// <summary>One of the development officers: their key, and the API as they see it.</summary>
internal sealed class DevelopmentOfficer : IDisposable
{
    private readonly ECDsa _key;

    private DevelopmentOfficer(string subject, bool isSecurityOfficer, ECDsa key, AdminClient client)
    {
        Subject = subject;
        IsSecurityOfficer = isSecurityOfficer;
        _key = key;
        Client = client;
    }

    /// <summary>The subject of their login.</summary>
    internal string Subject { get; }

    internal bool IsSecurityOfficer { get; }

    internal AdminClient Client { get; }

    /// <summary>Logs in, and reads the key.</summary>
    internal static async Task<DevelopmentOfficer> OpenAsync(SamClient sam, AdminHttp admin, DevelopmentOfficerAnswer answer, CancellationToken stop)
    {
        Secret token = await TokenAsync(sam, answer.Subject, stop);
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(Convert.FromBase64String(answer.Key.Reveal()), out _);
            return new DevelopmentOfficer(answer.Subject, answer.Role == PrivilegedRole.SecurityOfficer.ToName(), key, new AdminClient(admin, new AdminUser(token, key)));
        }
        catch (Exception broken) when (broken is FormatException or CryptographicException)
        {
            key.Dispose();
            throw new CommandFailure($"The key of {Printable.OneLine(answer.Subject)} cannot be read.", innerException: broken);
        }
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Somebody's own access token.</summary>
    internal static async Task<Secret> TokenAsync(SamClient sam, string subject, CancellationToken stop)
    {
        // The issuer gives nobody a token of their own by a client of their name.
        const string Client = "sam-dev";
        return (await sam.TokenAsync(subject == Client ? Client + "-console" : Client, null, subject, stop)).OrFail().AccessToken;
    }
}
