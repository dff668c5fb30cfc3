using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>Whether a caller may act on a credential at all: asked by every method that names one.</summary>
internal static class Access
{
    /// <summary>Null for a client that is approved now; otherwise ClientStopped, or what is wrong with its row.</summary>
    internal static async Task<SamErrorCode?> FindStopAsync(SealedRows rows, ClientId client, CancellationToken cancellationToken)
    {
        if ((await rows.ReadAsync(SignerRows.Client(client), RowSchemas.Client, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<ClientRow>? row))
        {
            return refusal.Code == SamErrorCode.RowMissing ? SamErrorCode.ClientStopped : refusal.Code;
        }

        return row.Value.Approved ? null : SamErrorCode.ClientStopped;
    }

    /// <summary>Null when they may; otherwise CredentialOfAnotherSigner (a user's token that names somebody else) or ClientNotLinked.</summary>
    internal static SamErrorCode? FindObstacle(CredentialRow credential, Caller caller)
    {
        if (caller.Login is { } login && !credential.Signer.IsLogin(login))
        {
            return SamErrorCode.CredentialOfAnotherSigner;
        }

        return credential.Signer.Clients.Contains(caller.Client) ? null : SamErrorCode.ClientNotLinked;
    }
}
