using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>The clients that may act for a signer.</summary>
/// <param name="Any">Any approved client. Only the development endpoints register signers so.</param>
/// <param name="Ids">The named ones.</param>
public sealed record LinkedClients(bool Any, IReadOnlyList<string> Ids)
{
    /// <summary>How many may be named: each credential's row repeats them.</summary>
    public const int MaxIds = 20;

    /// <summary>Any approved client: for development, where a test knows no client yet.</summary>
    public static LinkedClients AnyApproved { get; } = new(true, []);

    /// <summary>These clients and no others.</summary>
    public static LinkedClients Of(params IReadOnlyList<ClientId> clients) => new(false, [.. clients.Select(c => c.Value)]);

    /// <summary>Tells whether a client may act for the signer, as far as the link goes; its approval is another matter.</summary>
    public bool Contains(ClientId client) => Any || Ids.Contains(client.Value, StringComparer.Ordinal);
}
