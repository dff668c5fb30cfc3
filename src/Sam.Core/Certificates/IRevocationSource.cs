namespace Sam.Core.Certificates;

/// <summary>Asks authorities about certificates. It keeps nothing.</summary>
public interface IRevocationSource
{
    /// <summary>
    /// Asks once, at the addresses in the certificate, and verifies the answer. Whatever goes wrong on the way is <see cref="RevocationStatus.Unknown"/>, not an exception.
    /// </summary>
    /// <param name="certificate">DER, of a chain that ends at a configured anchor: the addresses of others are never asked.</param>
    /// <param name="issuer">The certificate that issued it, DER.</param>
    /// <param name="time">When the answer must hold: the store's clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<RevocationAnswer> AskAsync(ReadOnlyMemory<byte> certificate, ReadOnlyMemory<byte> issuer, DateTimeOffset time, CancellationToken cancellationToken);
}
