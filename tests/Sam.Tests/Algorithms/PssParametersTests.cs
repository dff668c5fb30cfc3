using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Algorithms;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.Tests.Algorithms;

public sealed class PssParametersTests
{
    public static TheoryData<string> ParameterVectors => [.. TestVector.NamesIn("pss-parameters")];

    public static TheoryData<string> PssAlgorithms =>
        [.. SignatureAlgorithm.All.Where(a => a.Scheme == SignatureScheme.RsaPss).Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(ParameterVectors))]
    public void Twelve_encodings_are_accepted_and_no_neighbour_of_theirs(string name)
    {
        TestVector vector = TestVector.Read("pss-parameters", name);

        bool accepted = PssParameters.TryParse(vector.Bytes("der"), out SignatureAlgorithm? algorithm);

        Assert.Equal(vector.Expect, accepted ? algorithm!.Name : "refused");
    }

    [Fact]
    public void No_bit_of_an_accepted_encoding_can_be_changed()
    {
        foreach (TestVector vector in TestVector.NamesIn("pss-parameters").Select(n => TestVector.Read("pss-parameters", n)).Where(v => v.Expect != "refused"))
        {
            byte[] der = vector.Bytes("der");
            for (int bit = 0; bit < der.Length * 8; bit++)
            {
                byte[] changed = [.. der];
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                bool accepted = PssParameters.TryParse(changed, out SignatureAlgorithm? algorithm);
                Assert.False(accepted, $"{vector.Name}, bit {bit}: taken for {algorithm}");
            }
        }
    }

    /// <summary>The BCL writes the same parameters into certificates: two implementations agree on the bytes.</summary>
    [Theory]
    [MemberData(nameof(PssAlgorithms))]
    public void The_parameters_that_the_BCL_writes_are_accepted(string name)
    {
        SignatureAlgorithm algorithm = SignatureAlgorithm.All.Single(a => a.Name == name);
        using RSA key = RSA.Create(2048);
        byte[] identifier = X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pss).GetSignatureAlgorithmIdentifier(algorithm.Hash.BclName);
        AsnReader reader = new AsnReader(identifier, AsnEncodingRules.DER).ReadSequence();

        Assert.Equal(algorithm.Oid, reader.ReadObjectIdentifier());
        Assert.True(PssParameters.TryParse(reader.ReadEncodedValue().Span, out SignatureAlgorithm? parsed));
        Assert.Same(algorithm, parsed);
    }
}
