using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Core.Certificates;

/// <summary>
/// Stands in for a private key that is elsewhere, and answers later than the BCL would wait: the structure is built once to learn what is to be signed, and once more, of the same parts, with the signature.
/// </summary>
internal sealed class RequestedSignature : X509SignatureGenerator
{
    private readonly PublicKey _publicKey;
    private readonly byte[] _algorithm;
    private byte[]? _toBeSigned;
    private byte[]? _signature;

    /// <param name="publicKey">Whose signature.</param>
    /// <param name="algorithm">The AlgorithmIdentifier, DER.</param>
    internal RequestedSignature(PublicKey publicKey, byte[] algorithm)
    {
        _publicKey = publicKey;
        _algorithm = algorithm;
    }

    /// <summary>Builds twice.</summary>
    /// <param name="build">Builds the structure with this generator. It gives the same to-be-signed bytes each time.</param>
    /// <param name="sign">Signs these bytes; gives the signature as X.509 has it.</param>
    internal async Task<byte[]> BuildAsync(Func<X509SignatureGenerator, byte[]> build, Func<byte[], Task<byte[]>> sign)
    {
        _ = build(this);
        _signature = await sign(_toBeSigned ?? throw new InvalidOperationException("Nothing was to be signed."));
        return build(this);
    }

    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => _algorithm;

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
    {
        if (_signature is null)
        {
            _toBeSigned = data;

            // Takes the place of a signature in what is thrown away.
            return [0];
        }

        return data.AsSpan().SequenceEqual(_toBeSigned)
            ? _signature
            : throw new InvalidOperationException("The second building differs from the first.");
    }

    protected override PublicKey BuildPublicKey() => _publicKey;
}
