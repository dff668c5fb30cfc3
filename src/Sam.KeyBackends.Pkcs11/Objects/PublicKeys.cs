using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Net.Pkcs11Interop.Common;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>
/// Builds the SubjectPublicKeyInfo from a public key object. Strict: a key of another kind or size, another exponent or a point that is not
/// on its curve is refused here and not by whoever reads the certificate.
/// </summary>
internal static class PublicKeys
{
    private const byte Uncompressed = 0x04;

    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/>: the object is none of the SAM's kinds of keys.</exception>
    internal static (KeyAlgorithm Algorithm, byte[] SubjectPublicKeyInfo) Read(Session session, ulong handle)
    {
        CKK type = (CKK)BitConverter.ToUInt64(session.GetAttribute(handle, CKA.CKA_KEY_TYPE));
        return type switch
        {
            CKK.CKK_RSA => FromRsa(session.GetAttribute(handle, CKA.CKA_MODULUS), session.GetAttribute(handle, CKA.CKA_PUBLIC_EXPONENT)),
            CKK.CKK_EC => FromEc(session.GetAttribute(handle, CKA.CKA_EC_PARAMS), session.GetAttribute(handle, CKA.CKA_EC_POINT)),
            _ => throw NotUsable($"its type is {type}"),
        };
    }

    /// <summary>A public key that came from outside, in its one encoding, and the parameters that an object of it has.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/>: it is none of the SAM's kinds of keys.</exception>
    internal static (KeyAlgorithm Algorithm, byte[] SubjectPublicKeyInfo, (CKA Type, byte[] Value)[] Parameters) Parse(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        try
        {
            PublicKey key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out int read);
            using RSA? rsa = key.GetRSAPublicKey();
            using ECDsa? ecdsa = key.GetECDsaPublicKey();
            return read != subjectPublicKeyInfo.Length ? throw NotUsable("something follows it")
                : rsa is not null ? OfRsa(rsa.ExportParameters(includePrivateParameters: false))
                : ecdsa is not null ? OfEc(ecdsa.ExportParameters(includePrivateParameters: false))
                : throw NotUsable("it is neither RSA nor of a curve");
        }
        catch (CryptographicException failure)
        {
            throw NotUsable(failure.Message);
        }
    }

    /// <summary>The point of a P-256 key that came from outside, uncompressed, 65 bytes. It is on the curve.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/>: it is no P-256 key.</exception>
    internal static byte[] PointOf(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        (KeyAlgorithm algorithm, _, (CKA Type, byte[] Value)[] parameters) = Parse(subjectPublicKeyInfo);
        return algorithm == KeyAlgorithm.P256
            ? AsnDecoder.ReadOctetString(parameters.First(p => p.Type == CKA.CKA_EC_POINT).Value, AsnEncodingRules.DER, out _)
            : throw NotUsable($"it is {algorithm}, and not P-256");
    }

    private static (KeyAlgorithm Algorithm, byte[] SubjectPublicKeyInfo, (CKA Type, byte[] Value)[] Parameters) OfRsa(RSAParameters rsa)
    {
        (KeyAlgorithm algorithm, byte[] subjectPublicKeyInfo) = FromRsa(rsa.Modulus!, rsa.Exponent!);
        return (algorithm, subjectPublicKeyInfo, [(CKA.CKA_MODULUS, rsa.Modulus!), (CKA.CKA_PUBLIC_EXPONENT, rsa.Exponent!)]);
    }

    private static (KeyAlgorithm Algorithm, byte[] SubjectPublicKeyInfo, (CKA Type, byte[] Value)[] Parameters) OfEc(ECParameters ec)
    {
        AsnWriter curve = new(AsnEncodingRules.DER);
        curve.WriteObjectIdentifier(ec.Curve.Oid?.Value ?? throw NotUsable("its curve has no name"));
        AsnWriter point = new(AsnEncodingRules.DER);
        point.WriteOctetString([Uncompressed, .. ec.Q.X!, .. ec.Q.Y!]);
        (byte[] parameters, byte[] q) = (curve.Encode(), point.Encode());
        (KeyAlgorithm algorithm, byte[] subjectPublicKeyInfo) = FromEc(parameters, q);
        return (algorithm, subjectPublicKeyInfo, [(CKA.CKA_EC_PARAMS, parameters), (CKA.CKA_EC_POINT, q)]);
    }

    internal static (KeyAlgorithm Algorithm, byte[] SubjectPublicKeyInfo) FromRsa(byte[] modulus, byte[] exponent)
    {
        ReadOnlySpan<byte> n = WithoutLeadingZeros(modulus);
        int bits = n.IsEmpty ? 0 : (n.Length * 8) - byte.LeadingZeroCount(n[0]);
        KeyAlgorithm algorithm = KeyAlgorithm.All.FirstOrDefault(a => a.IsRsa && a.SizeInBits == bits)
            ?? throw NotUsable($"its modulus has {bits} bits");
        ReadOnlySpan<byte> e = WithoutLeadingZeros(exponent);
        if (!e.SequenceEqual((ReadOnlySpan<byte>)[0x01, 0x00, 0x01]))
        {
            throw NotUsable("its public exponent is not 65537");
        }

        using RSA rsa = RSA.Create(new RSAParameters { Modulus = n.ToArray(), Exponent = e.ToArray() });
        return (algorithm, rsa.ExportSubjectPublicKeyInfo());
    }

    internal static (KeyAlgorithm Algorithm, byte[] SubjectPublicKeyInfo) FromEc(byte[] parameters, byte[] point)
    {
        try
        {
            return ParseEc(parameters, point);
        }
        catch (Exception failure) when (failure is CryptographicException or AsnContentException)
        {
            throw NotUsable(failure.Message);
        }
    }

    private static (KeyAlgorithm Algorithm, byte[] SubjectPublicKeyInfo) ParseEc(byte[] parameters, byte[] point)
    {
        AsnReader reader = new(parameters, AsnEncodingRules.DER);
        string oid = reader.ReadObjectIdentifier();
        reader.ThrowIfNotEmpty();
        KeyAlgorithm algorithm = KeyAlgorithm.All.FirstOrDefault(a => a.CurveOid == oid) ?? throw NotUsable($"its curve is {oid}");

        // PKCS#11 2.40: CKA_EC_POINT is the DER encoding of an ANSI X9.62 ECPoint, an OCTET STRING around the point.
        AsnReader outer = new(point, AsnEncodingRules.DER);
        byte[] q = outer.ReadOctetString();
        outer.ThrowIfNotEmpty();
        int size = algorithm.SizeInBytes;
        if (q.Length != 1 + (2 * size) || q[0] != Uncompressed)
        {
            throw NotUsable("its point is not an uncompressed one of its curve");
        }

        // The import checks that the point is on the curve.
        using ECDsa ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = algorithm.ToCurve(),
            Q = new ECPoint { X = q[1..(1 + size)], Y = q[(1 + size)..] },
        });
        return (algorithm, ecdsa.ExportSubjectPublicKeyInfo());
    }

    private static ReadOnlySpan<byte> WithoutLeadingZeros(ReadOnlySpan<byte> value) => value.TrimStart((byte)0);

    private static KeyBackendException NotUsable(string why) => new(KeyBackendFailure.Rejected, $"PKCS#11: the public key is not usable: {why}.");
}
