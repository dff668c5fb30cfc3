using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Sam.Testing.Authentication;

/// <summary>An issuer's signing key for one algorithm of RFC 7518, written without the library that verifies.</summary>
public sealed class TokenKey : IDisposable
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;

    /// <param name="id">The key id.</param>
    /// <param name="algorithm">RS, PS or ES with 256, 384 or 512.</param>
    public TokenKey(string id, string algorithm = "ES256")
    {
        Id = id;
        Algorithm = algorithm;
        if (algorithm.StartsWith("ES", StringComparison.Ordinal))
        {
            _ec = ECDsa.Create(algorithm switch
            {
                "ES256" => ECCurve.NamedCurves.nistP256,
                "ES384" => ECCurve.NamedCurves.nistP384,
                _ => ECCurve.NamedCurves.nistP521,
            });
        }
        else
        {
            _rsa = RSA.Create(2048);
        }
    }

    /// <summary>The key id.</summary>
    public string Id { get; }

    /// <summary>The algorithm.</summary>
    public string Algorithm { get; }

    /// <summary>SubjectPublicKeyInfo, PEM.</summary>
    public string PublicPem => _rsa?.ExportSubjectPublicKeyInfoPem() ?? _ec!.ExportSubjectPublicKeyInfoPem();

    private HashAlgorithmName Hash => new($"SHA{Algorithm[2..]}");

    /// <inheritdoc/>
    public void Dispose()
    {
        _rsa?.Dispose();
        _ec?.Dispose();
    }

    /// <summary>The public key as a JSON Web Key.</summary>
    public JsonObject ToJwk()
    {
        JsonObject key = new() { ["use"] = "sig", ["kid"] = Id };
        if (_rsa is not null)
        {
            RSAParameters rsa = _rsa.ExportParameters(includePrivateParameters: false);
            key["kty"] = "RSA";
            key["n"] = Base64Url.EncodeToString(rsa.Modulus);
            key["e"] = Base64Url.EncodeToString(rsa.Exponent);
            return key;
        }

        ECParameters ec = _ec!.ExportParameters(includePrivateParameters: false);
        key["kty"] = "EC";
        key["crv"] = Algorithm switch { "ES256" => "P-256", "ES384" => "P-384", _ => "P-521" };
        key["x"] = Base64Url.EncodeToString(ec.Q.X);
        key["y"] = Base64Url.EncodeToString(ec.Q.Y);
        return key;
    }

    /// <summary>A token under this key, with a header that names key and algorithm.</summary>
    public string Sign(JsonObject payload, string type = "at+jwt") => SignAs(Header(type), payload.ToJsonString());

    /// <summary>A token under this key, with whatever header.</summary>
    public string SignAs(JsonObject header, string payload)
    {
        string signed = $"{Encode(header.ToJsonString())}.{Encode(payload)}";
        byte[] data = Encoding.ASCII.GetBytes(signed);
        byte[] signature = _ec is not null
            ? _ec.SignData(data, Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            : _rsa!.SignData(data, Hash, Algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The header of an ordinary token.</summary>
    public JsonObject Header(string type = "at+jwt") => new() { ["alg"] = Algorithm, ["kid"] = Id, ["typ"] = type };

    /// <summary>Base64url of the text's UTF-8.</summary>
    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
