using System.Formats.Asn1;
using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Objects;
using Xunit;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>What a public key object may hold, without an HSM.</summary>
[Trait("Requirement", "REG-4")]
public sealed class Pkcs11PublicKeyTests
{
    private static readonly byte[] _f4 = [0x01, 0x00, 0x01];

    [Fact]
    public void A_modulus_and_exponent_with_leading_zeros_give_the_key_without_them()
    {
        using RSA rsa = RSA.Create(2048);
        RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: false);

        (KeyAlgorithm algorithm, byte[] spki) = PublicKeys.FromRsa([0, 0, .. parameters.Modulus!], [0, .. parameters.Exponent!]);

        Assert.Equal(KeyAlgorithm.Rsa2048, algorithm);
        Assert.Equal(rsa.ExportSubjectPublicKeyInfo(), spki);
    }

    [Theory]
    [InlineData(2040)]
    [InlineData(2047)]
    [InlineData(2049)]
    [InlineData(1024)]
    [InlineData(0)]
    public void A_modulus_of_another_size_is_refused(int bits)
    {
        byte[] modulus = new byte[(bits + 7) / 8];
        if (bits > 0)
        {
            modulus[0] = (byte)(1 << ((bits - 1) % 8));
            modulus[^1] |= 1;
        }

        Refuses("its modulus has", () => PublicKeys.FromRsa(modulus, _f4));
    }

    [Theory]
    [InlineData("03")]
    [InlineData("010003")]
    [InlineData("0100")]
    [InlineData("01000100")]
    [InlineData("")]
    public void Another_exponent_than_65537_is_refused(string exponent)
    {
        using RSA rsa = RSA.Create(2048);
        byte[] modulus = rsa.ExportParameters(includePrivateParameters: false).Modulus!;

        Refuses("its public exponent", () => PublicKeys.FromRsa(modulus, Convert.FromHexString(exponent)));
    }

    [Theory]
    [InlineData("p256")]
    [InlineData("p384")]
    [InlineData("p521")]
    public void A_point_on_a_known_curve_gives_the_key(string name)
    {
        Assert.True(KeyAlgorithm.TryFromName(name, out KeyAlgorithm? expected));
        using ECDsa ecdsa = ECDsa.Create(expected.ToCurve());

        (KeyAlgorithm algorithm, byte[] spki) = PublicKeys.FromEc(Oid(expected.CurveOid!), Point(ecdsa));

        Assert.Equal(expected, algorithm);
        Assert.Equal(ecdsa.ExportSubjectPublicKeyInfo(), spki);
    }

    [Fact]
    public void A_point_that_is_not_its_curves_or_not_one_octet_string_is_refused()
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] curve = Oid(KeyAlgorithm.P256.CurveOid!);
        byte[] point = Point(ecdsa);
        byte[] bare = point[2..];
        byte[] offCurve = [.. point];
        offCurve[^1] ^= 0x01;
        byte[] compressed = OctetString([(byte)(0x02 | (bare[^1] & 1)), .. bare[1..33]]);
        byte[] hybrid = OctetString([0x06, .. bare[1..]]);

        Assert.All(
            (byte[][])[bare, offCurve, compressed, hybrid, [.. point, 0], point[..^1], OctetString([.. bare, 0]), OctetString([0]), OctetString([]), []],
            malformed => Refuses("", () => PublicKeys.FromEc(curve, malformed)));
    }

    [Fact]
    public void Another_curve_and_spelled_out_parameters_are_refused()
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Refuses("its curve is", () => PublicKeys.FromEc(Oid("1.3.132.0.10"), Point(ecdsa)));
        Refuses("", () => PublicKeys.FromEc([.. Oid(KeyAlgorithm.P256.CurveOid!), 0x05, 0x00], Point(ecdsa)));
        Refuses("", () => PublicKeys.FromEc([0x30, 0x00], Point(ecdsa)));
        Refuses("its point", () => PublicKeys.FromEc(Oid(KeyAlgorithm.P384.CurveOid!), Point(ecdsa)));
    }

    private static void Refuses(string why, Action call)
    {
        KeyBackendException refusal = Assert.Throws<KeyBackendException>(call);
        Assert.Equal(KeyBackendFailure.Rejected, refusal.Failure);
        Assert.StartsWith($"PKCS#11: the public key is not usable: {why}", refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Oid(string oid)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(oid);
        return writer.Encode();
    }

    private static byte[] Point(ECDsa ecdsa)
    {
        ECPoint q = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        return OctetString([0x04, .. q.X!, .. q.Y!]);
    }

    private static byte[] OctetString(byte[] value)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        writer.WriteOctetString(value);
        return writer.Encode();
    }
}
