using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Sam.Testing.ManagedHsm;

/// <summary>A version of a key in the fake HSM, with real cryptography behind it.</summary>
internal sealed class FakeKey
{
    private readonly Lock _gate = new();
    private readonly AsymmetricAlgorithm? _pair;
    private readonly byte[]? _secret;
    private readonly string? _curve;

    private FakeKey(string type, string[] operations, bool exportable, AsymmetricAlgorithm? pair, byte[]? secret, string? curve)
    {
        Type = type;
        Operations = operations;
        IsExportable = exportable;
        _pair = pair;
        _secret = secret;
        _curve = curve;
    }

    internal string Version { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    internal string Type { get; }

    internal string[] Operations { get; }

    internal bool IsExportable { get; }

    internal bool IsEnabled { get; set; } = true;

    internal JsonObject? Tags { get; set; }

    /// <summary>Create Key, as its parameters say (REST reference: KeyCreateParameters); null for what the HSM does not make.</summary>
    internal static FakeKey? Create(JsonObject parameters, bool isManagedHsm)
    {
        string type = parameters["kty"]?.GetValue<string>() ?? string.Empty;
        string[] operations = [.. parameters["key_ops"]?.AsArray().Select(o => o!.GetValue<string>()) ?? []];
        bool exportable = parameters["attributes"]?["exportable"]?.GetValue<bool>() ?? false;
        int size = parameters["key_size"]?.GetValue<int>() ?? 0;
        string? curve = parameters["crv"]?.GetValue<string>();
        return (type, size, curve) switch
        {
            ("RSA-HSM", 2048 or 3072 or 4096, null) => new FakeKey(type, operations, exportable, RSA.Create(size), null, null),
            ("EC-HSM", 0, "P-256") => new FakeKey(type, operations, exportable, ECDsa.Create(ECCurve.NamedCurves.nistP256), null, curve),
            ("EC-HSM", 0, "P-384") => new FakeKey(type, operations, exportable, ECDsa.Create(ECCurve.NamedCurves.nistP384), null, curve),
            ("EC-HSM", 0, "P-521") => new FakeKey(type, operations, exportable, ECDsa.Create(ECCurve.NamedCurves.nistP521), null, curve),
            ("oct-HSM", 128 or 192 or 256, null) when isManagedHsm => new FakeKey(type, operations, exportable, null, RandomNumberGenerator.GetBytes(size / 8), null),
            _ => null,
        };
    }

    /// <summary>
    /// Import Key with a transfer blob: the first bytes of its ciphertext are an AES key under RSA-OAEP of the exchange key, the others the PKCS#8 key under AES-KWP of that
    /// (CKM_RSA_AES_KEY_WRAP). Null for what the HSM does not take.
    /// </summary>
    internal static FakeKey? Import(JsonObject parameters, Func<string?, FakeKey?> findExchangeKey)
    {
        AsymmetricAlgorithm? pair = null;
        try
        {
            JsonNode web = parameters["key"]!;
            (string type, string? curve) = (web["kty"]!.GetValue<string>(), web["crv"]?.GetValue<string>());
            JsonNode blob = JsonNode.Parse(Base64Url.DecodeFromChars(web["key_hsm"]!.GetValue<string>()))!;
            if (blob["header"]!["enc"]!.GetValue<string>() != "CKM_RSA_AES_KEY_WRAP" || findExchangeKey(blob["header"]!["kid"]!.GetValue<string>()) is not { _pair: RSA exchange })
            {
                return null;
            }

            byte[] ciphertext = Base64Url.DecodeFromChars(blob["ciphertext"]!.GetValue<string>());
            using Aes aes = Aes.Create();
            aes.Key = exchange.Decrypt(ciphertext[..(exchange.KeySize / 8)], RSAEncryptionPadding.OaepSHA1);
            pair = type switch { "RSA-HSM" => RSA.Create(), "EC-HSM" => ECDsa.Create(), _ => null };
            pair?.ImportPkcs8PrivateKey(aes.DecryptKeyWrapPadded(ciphertext[(exchange.KeySize / 8)..]), out _);
            string[] operations = [.. web["key_ops"]!.AsArray().Select(o => o!.GetValue<string>())];
            return pair is null || !IsOffered(pair, curve) ? null : new FakeKey(type, operations, parameters["attributes"]?["exportable"]?.GetValue<bool>() ?? false, pair, null, curve);
        }
        catch (Exception malformed) when (malformed is CryptographicException or FormatException or NullReferenceException or ArgumentException or System.Text.Json.JsonException)
        {
            pair?.Dispose();
            return null;
        }
    }

    /// <summary>The public half (REST reference: JsonWebKey).</summary>
    internal JsonObject ToJsonWebKey(Uri kid)
    {
        JsonObject key = new() { ["kid"] = kid.AbsoluteUri, ["kty"] = Type, ["key_ops"] = new JsonArray([.. Operations.Select(o => JsonValue.Create(o))]) };
        if (_pair is RSA rsa)
        {
            RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: false);
            (key["n"], key["e"]) = (Base64Url.EncodeToString(parameters.Modulus), Base64Url.EncodeToString(parameters.Exponent));
        }
        else if (_pair is ECDsa ecdsa)
        {
            ECPoint q = ecdsa.ExportParameters(includePrivateParameters: false).Q;
            (key["crv"], key["x"], key["y"]) = (_curve, Base64Url.EncodeToString(q.X), Base64Url.EncodeToString(q.Y));
        }

        return key;
    }

    /// <summary>Sign: the value is a digest of the algorithm's own length. Null for what this key cannot do.</summary>
    internal byte[]? Sign(string? algorithm, byte[] digest)
    {
        HashAlgorithmName hash = HashOf(algorithm);
        if (hash.Name is null || digest.Length != CryptographicOperations.HashData(hash, []).Length)
        {
            return null;
        }

        // .NET's keys are not made for several threads at once.
        lock (_gate)
        {
            return (_pair, algorithm![..2]) switch
            {
                (RSA rsa, "RS") => rsa.SignHash(digest, hash, RSASignaturePadding.Pkcs1),
                (RSA rsa, "PS") => rsa.SignHash(digest, hash, RSASignaturePadding.Pss),
                (ECDsa ecdsa, "ES") when IsCurveOf(algorithm) => ecdsa.SignHash(digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
                (null, "HS") => CryptographicOperations.HmacData(hash, _secret!, digest),
                _ => null,
            };
        }
    }

    /// <summary>Verify. Null for what this key cannot do.</summary>
    internal bool? Verify(string? algorithm, byte[] digest, byte[] signature)
    {
        HashAlgorithmName hash = HashOf(algorithm);
        lock (_gate)
        {
            return hash.Name is null ? null : (_pair, algorithm![..2]) switch
            {
                (RSA rsa, "RS") => rsa.VerifyHash(digest, signature, hash, RSASignaturePadding.Pkcs1),
                (RSA rsa, "PS") => rsa.VerifyHash(digest, signature, hash, RSASignaturePadding.Pss),
                (ECDsa ecdsa, "ES") when IsCurveOf(algorithm) => ecdsa.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
                (null, "HS") => CryptographicOperations.FixedTimeEquals(CryptographicOperations.HmacData(hash, _secret!, digest), signature),
                _ => null,
            };
        }
    }

    /// <summary>Wrap Key. Null for what this key cannot do.</summary>
    internal byte[]? Wrap(string? algorithm, byte[] value)
    {
        try
        {
            lock (_gate)
            {
                return (_pair, algorithm) switch
                {
                    (RSA rsa, "RSA-OAEP-256") => rsa.Encrypt(value, RSAEncryptionPadding.OaepSHA256),
                    (null, "A256KW") => AesKeyWrap.Wrap(_secret!, value),
                    _ => null,
                };
            }
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Decrypt. Null for what this key cannot do or what was not encrypted to it.</summary>
    internal byte[]? Decrypt(string? algorithm, byte[] value) => algorithm == "RSA-OAEP-256" ? Unwrap(algorithm, value) : null;

    /// <summary>Unwrap Key. Null for what this key cannot do or did not wrap.</summary>
    internal byte[]? Unwrap(string? algorithm, byte[] value)
    {
        try
        {
            lock (_gate)
            {
                return (_pair, algorithm) switch
                {
                    (RSA rsa, "RSA-OAEP-256") => rsa.Decrypt(value, RSAEncryptionPadding.OaepSHA256),
                    (null, "A256KW") => AesKeyWrap.Unwrap(_secret!, value),
                    _ => null,
                };
            }
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // Which public exponents the service takes is not documented: here any.
    private static bool IsOffered(AsymmetricAlgorithm pair, string? curve) => pair switch
    {
        RSA rsa => rsa.KeySize is 2048 or 3072 or 4096 && curve is null,
        ECDsa ecdsa => ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value == curve switch
        {
            "P-256" => "1.2.840.10045.3.1.7",
            "P-384" => "1.3.132.0.34",
            "P-521" => "1.3.132.0.35",
            _ => "none",
        },
        _ => false,
    };

    private bool IsCurveOf(string algorithm) => (algorithm, _curve) is ("ES256", "P-256") or ("ES384", "P-384") or ("ES512", "P-521");

    private static HashAlgorithmName HashOf(string? algorithm) => algorithm switch
    {
        "RS256" or "PS256" or "ES256" or "HS256" => HashAlgorithmName.SHA256,
        "RS384" or "PS384" or "ES384" => HashAlgorithmName.SHA384,
        "RS512" or "PS512" or "ES512" => HashAlgorithmName.SHA512,
        _ => default,
    };
}
