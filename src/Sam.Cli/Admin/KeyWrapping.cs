using System.Security.Cryptography;
using Sam.Core.Credentials;
using Sam.Core.Values;

namespace Sam.Cli.Admin;

/// <summary>The holder's side of an import: the key in Azure's form for one exchange key, and its own signature over all that was asked for.</summary>
internal static class KeyWrapping
{
    private const int AesBits = 256;

    /// <exception cref="CommandFailure">It is another kind of key than the one that is asked for, or the offer's exchange key is none.</exception>
    internal static ImportDeliveryFile Wrap(ImportOfferFile offer, AsymmetricAlgorithm key)
    {
        (CredentialId credential, CredentialRequest request) = offer.ToRequest();
        if (!IsAskedFor(request, key))
        {
            throw new CommandFailure($"A key of kind {request.Algorithm.Name} is asked for: this is another.");
        }

        byte[] blob = Wrap(offer.ExchangeKey, key);
        return new ImportDeliveryFile
        {
            CredentialID = offer.CredentialID,
            Delivery = new ImportBody
            {
                Challenge = offer.Challenge,
                Blob = blob,
                PublicKey = key.ExportSubjectPublicKeyInfo(),
                Possession = KeyPossession.Sign(key, KeyPossession.Statement(offer.Challenge.Reveal(), credential, request, blob)),
            },
        };
    }

    private static byte[] Wrap(byte[] exchangeKey, AsymmetricAlgorithm key)
    {
        byte[] pkcs8 = key.ExportPkcs8PrivateKey();
        try
        {
            using RSA rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(exchangeKey, out _);
            using Aes aes = Aes.Create();
            aes.KeySize = AesBits;
            return [.. rsa.Encrypt(aes.Key, RSAEncryptionPadding.OaepSHA1), .. aes.EncryptKeyWrapPadded(pkcs8)];
        }
        catch (CryptographicException malformed)
        {
            throw new CommandFailure("The offer's exchange key is none.", innerException: malformed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private static bool IsAskedFor(CredentialRequest request, AsymmetricAlgorithm key) => key switch
    {
        RSA rsa => request.Algorithm.IsRsa && rsa.KeySize == request.Algorithm.SizeInBits,
        ECDsa ecdsa => !request.Algorithm.IsRsa && ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value == request.Algorithm.CurveOid,
        _ => false,
    };
}
