using System.Text.Json;
using Sam.Api.Csc;
using Sam.Api.Pipeline;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.Tests.Csc;

public sealed class SignAlgoTests
{
    private static readonly string[] _hashes = ["missing", "SHA-256", "SHA-384", "SHA-512", "SHA-1"];

    private static readonly IReadOnlyList<string[]> _table = VectorTable.Read("csc", "sign-algo", columns: 2 + 5);

    public static TheoryData<string, string, string, string> Combinations =>
        [.. _table.SelectMany(_ => Enumerable.Range(0, _hashes.Length), (line, i) => (line[0], line[1], _hashes[i], line[2 + i]))];

    public static TheoryData<string> ParameterVectors => [.. TestVector.NamesIn("pss-parameters")];

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Each_combination_means_one_algorithm_or_is_refused(string algorithm, string parameters, string hash, string expected) =>
        Assert.Equal(expected, Read(new { signAlgo = Oid(algorithm), signAlgoParams = Parameters(parameters), hashAlgorithmOID = HashOid(hash) }));

    [Fact]
    public void The_table_has_every_algorithm_with_all_parameters()
    {
        string[] algorithms = ["missing", "unknown", "rsaEncryption", "RSASSA-PSS", .. SignatureAlgorithm.All.Where(a => a.Scheme != SignatureScheme.RsaPss).Select(a => a.Name)];
        Assert.Equal(algorithms.Order(StringComparer.Ordinal), _table.Select(line => line[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(_table.GroupBy(line => line[0]), lines => Assert.Equal(8, lines.Select(line => line[1]).Distinct().Count()));
        Assert.Equal(8 * algorithms.Length, _table.Count);
    }

    /// <summary>What the parser of parameters refuses or takes, signHash does.</summary>
    [Theory]
    [MemberData(nameof(ParameterVectors))]
    public void Pss_parameters_name_their_algorithm_in_base64(string name)
    {
        TestVector vector = TestVector.Read("pss-parameters", name);
        string expected = vector.Expect != "refused" ? vector.Expect
            : vector.Bytes("der").Length == 0 ? nameof(SamErrorCode.SignAlgoParamsMissing)
            : nameof(SamErrorCode.SignAlgoParamsInvalid);
        Assert.Equal(expected, Read(new { signAlgo = AlgorithmOids.RsaPss, signAlgoParams = Convert.ToBase64String(vector.Bytes("der")) }));
    }

    [Fact]
    public void Pss_parameters_have_one_spelling()
    {
        string text = Convert.ToBase64String(PssParameters.Encode(SignatureAlgorithm.PssSha256));
        Assert.Equal("PS256", Read(new { signAlgo = AlgorithmOids.RsaPss, signAlgoParams = text }));
        foreach (string other in new[] { $" {text}", $"{text}\n", text.TrimEnd('='), text.Replace('+', '-').Replace('/', '_') }.Where(t => t != text))
        {
            Assert.Equal(nameof(SamErrorCode.SignAlgoParamsInvalid), Read(new { signAlgo = AlgorithmOids.RsaPss, signAlgoParams = other }));
        }
    }

    [Theory]
    [InlineData("""{"signAlgo":1}""", "signAlgo")]
    [InlineData("""{"signAlgo":null}""", "signAlgo")]
    [InlineData("""{"signAlgo":["1.2.840.113549.1.1.11"]}""", "signAlgo")]
    [InlineData("""{"signAlgo":"1.2.840.113549.1.1.11","signAlgoParams":{}}""", "signAlgoParams")]
    [InlineData("""{"signAlgo":"1.2.840.113549.1.1.11","signAlgoParams":false}""", "signAlgoParams")]
    [InlineData("""{"signAlgo":"1.2.840.113549.1.1.11","hashAlgorithmOID":256}""", "hashAlgorithmOID")]
    public void Another_type_than_text_is_told_with_the_parameters_name(string json, string parameter)
    {
        using JsonBody body = JsonBody.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Value;
        Assert.Equal(new Refusal(SamErrorCode.StringParameterMissing, parameter), SignAlgo.Read(body).Refusal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1.2.840.113549.1.1.11")]
    [InlineData("1.2.840.113549.1.1.11 ")]
    [InlineData("01.2.840.113549.1.1.11")]
    [InlineData("urn:oid:1.2.840.113549.1.1.11")]
    [InlineData("RS256")]
    [InlineData("sha256WithRSAEncryption")]
    [InlineData("1.2.840.10045.2.1")]
    [InlineData("1.2.840.10045.4.3")]
    [InlineData("1.3.101.112")]
    public void No_other_name_is_taken(string algorithm) => Assert.Equal(nameof(SamErrorCode.SignAlgoInvalid), Read(new { signAlgo = algorithm }));

    private static string Read(object parameters)
    {
        using JsonBody body = JsonBody.Parse(JsonSerializer.SerializeToUtf8Bytes(parameters)).Value;
        return SignAlgo.Read(body).IsRefused(out Refusal? refusal, out SignatureAlgorithm? algorithm) ? refusal.Code.ToString() : algorithm.Name;
    }

    private static string? Oid(string algorithm) => algorithm switch
    {
        "missing" => null,
        "unknown" => "1.2.840.113549.1.1.5",
        "RS256" => "1.2.840.113549.1.1.11",
        "RS384" => "1.2.840.113549.1.1.12",
        "RS512" => "1.2.840.113549.1.1.13",
        "rsaEncryption" => "1.2.840.113549.1.1.1",
        "RSASSA-PSS" => "1.2.840.113549.1.1.10",
        "ES256" => "1.2.840.10045.4.3.2",
        "ES384" => "1.2.840.10045.4.3.3",
        "ES512" => "1.2.840.10045.4.3.4",
        _ => throw new InvalidDataException(algorithm),
    };

    private static string? HashOid(string hash) => hash switch
    {
        "missing" => null,
        "SHA-1" => "1.3.14.3.2.26",
        "SHA-256" => "2.16.840.1.101.3.4.2.1",
        "SHA-384" => "2.16.840.1.101.3.4.2.2",
        "SHA-512" => "2.16.840.1.101.3.4.2.3",
        _ => throw new InvalidDataException(hash),
    };

    private static string? Parameters(string parameters) => parameters switch
    {
        "missing" => null,
        "empty" => "",
        "NULL" => "BQA=",
        "other" => "MAA=",
        "no base64" => "BQA",
        _ => Convert.ToBase64String(TestVector.Read("pss-parameters", parameters.Replace("PS", "sha", StringComparison.Ordinal)).Bytes("der")),
    };
}
