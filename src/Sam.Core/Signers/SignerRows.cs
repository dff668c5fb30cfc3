using System.Security.Cryptography;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>
/// Where signers, credentials, counters, logins and clients stand. One partition per signer: its rows change together when they must, and spread over the table by random ids.
/// Names that people choose are hashed, so that no row key needs escaping or tells a name.
/// </summary>
internal static class SignerRows
{
    internal const string CredentialPrefix = "credential-";

    internal static RowAddress Signer(SignerId signer) => new(SamTable.Signers, signer.Value, "signer");

    internal static RowAddress Counters(SignerId signer) => new(SamTable.Signers, signer.Value, "counters");

    internal static RowAddress Credential(CredentialId credential) =>
        new(SamTable.Signers, credential.Signer.Value, CredentialPrefix + credential.Suffix);

    internal static RowAddress File(SignerId signer) => new(SamTable.Signers, signer.Value, "file");

    internal static RowAddress UserId(string userId) => new(SamTable.Logins, Hash("user", userId), "login");

    internal static RowAddress Login(LoginName login) =>
        new(SamTable.Logins, Convert.ToHexStringLower(SHA256.HashData(AssociatedData.Of("login", login.Issuer, login.Subject))), "login");

    internal static RowAddress Client(ClientId client) => new(SamTable.Clients, Hash("client", client.Value), "client");

    /// <summary>The partition of the list of clients.</summary>
    internal const string ClientList = "clients";

    internal static RowAddress ListedClient(ClientId client) => new(SamTable.Registry, ClientList, Hash("client", client.Value));

    private static string Hash(string kind, string name) => Convert.ToHexStringLower(SHA256.HashData(AssociatedData.Of(kind, name)));
}
