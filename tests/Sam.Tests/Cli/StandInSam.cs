using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sam.Core.Algorithms;
using Xunit;
using BclHashAlgorithmName = System.Security.Cryptography.HashAlgorithmName;

namespace Sam.Tests.Cli;

/// <summary>
/// The HTTP side of a SAM, with keys of the BCL: so that the command line is tested here without HSM and storage, and against faults
/// that a real SAM does not have. It checks of a request what the command line could get wrong.
/// </summary>
internal sealed class StandInSam : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly StandInFault _fault;
    private readonly ConcurrentDictionary<string, Credential> _credentials = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string CredentialId, string Hash)> _sads = new(StringComparer.Ordinal);

    private StandInSam(StandInFault fault)
    {
        _fault = fault;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    internal string Url => _app.Urls.Single();

    internal ConcurrentDictionary<string, string> Pins { get; } = new(StringComparer.Ordinal);

    /// <summary>Signers and the clients that may act for them; null where the request named none.</summary>
    internal ConcurrentDictionary<string, string?> Clients { get; } = new(StringComparer.Ordinal);

    /// <summary>Every PIN, SAD and token that was ever here.</summary>
    internal ConcurrentBag<string> Secrets { get; } = [];

    internal ConcurrentBag<string> TokenForms { get; } = [];

    internal IEnumerable<Credential> Credentials => _credentials.Values;

    internal static async Task<StandInSam> StartAsync(StandInFault fault = StandInFault.None)
    {
        var sam = new StandInSam(fault);
        await sam._app.StartAsync();
        return sam;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (Credential credential in Credentials)
        {
            credential.Key.Dispose();
        }
    }

    private async Task HandleAsync(HttpContext http)
    {
        string path = http.Request.Path.Value!;
        if (path == "/dev/token")
        {
            IFormCollection form = await http.Request.ReadFormAsync();
            TokenForms.Add(string.Join('&', form.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}")));
            await AnswerAsync(http, new JsonObject { ["access_token"] = Secret("token"), ["token_type"] = "Bearer", ["expires_in"] = 600 });
            return;
        }

        if (_fault == StandInFault.NotASam)
        {
            http.Response.StatusCode = 502;
            await http.Response.WriteAsync("<html>Bad gateway</html>");
            return;
        }

        JsonObject body = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        bool authorized = Secrets.Contains(http.Request.Headers.Authorization.ToString().Replace("Bearer ", string.Empty, StringComparison.Ordinal));
        if (!authorized && path.StartsWith("/csc/v2/", StringComparison.Ordinal) && path != "/csc/v2/info")
        {
            await RefuseAsync(http, 400, "invalid_request", "Malformed authorization header");
            return;
        }

        Task answer = path switch
        {
            "/dev/signers" => SignerAsync(http, body),
            "/dev/credentials" => CredentialAsync(http, body),
            "/dev/credentials/certificate" => CertificateAsync(http, body),
            "/csc/v2/info" => AnswerAsync(http, new JsonObject { ["specs"] = "2.0.0.2", ["name"] = "Stand-in" }),
            "/csc/v2/credentials/list" => AnswerAsync(http, new JsonObject { ["credentialIDs"] = new JsonArray([.. List(Text(body, "userID"))]) }),
            "/csc/v2/credentials/info" => InfoAsync(http, _credentials[Text(body, "credentialID")]),
            "/csc/v2/credentials/authorize" => AuthorizeAsync(http, body),
            "/csc/v2/signatures/signHash" => SignHashAsync(http, body),
            _ => RefuseAsync(http, 404, "invalid_request", "Unknown path"),
        };
        await answer;
    }

    private async Task SignerAsync(HttpContext http, JsonObject body)
    {
        string name = Text(body, "name");
        if (_fault == StandInFault.RefusesSigners)
        {
            await RefuseAsync(http, 400, "invalid_request", "The PIN is too short\u001b[31m");
            return;
        }

        Pins[name] = Text(body, "pin");
        Secrets.Add(Pins[name]);
        Clients[name] = body["clients"]?.ToJsonString();
        await AnswerAsync(http, new JsonObject { ["signerID"] = "s-" + name, ["userID"] = name });
    }

    private async Task CredentialAsync(HttpContext http, JsonObject body)
    {
        Assert.True(KeyAlgorithm.TryFromName(Text(body, "key"), out KeyAlgorithm? kind));
#pragma warning disable CA2000 // the credential owns its key; both go when the stand-in goes
        AsymmetricAlgorithm key = kind.IsRsa ? RsaKeys.Copy(kind.SizeInBits) : ECDsa.Create(kind.ToCurve());
#pragma warning restore CA2000
        string id = "c-" + RandomNumberGenerator.GetHexString(16, lowercase: true);
        _credentials[id] = new Credential(Text(body, "userID"), kind, key, body["multisign"]?.GetValue<int>());
        await AnswerAsync(http, new JsonObject { ["credentialID"] = id, ["publicKey"] = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) });
    }

    private async Task CertificateAsync(HttpContext http, JsonObject body)
    {
        Credential credential = _credentials[Text(body, "credentialID")];
        credential.Certificates = [.. body["certificates"]!.AsArray().Select(c => c!.GetValue<string>())];
        using X509Certificate2 first = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(credential.Certificates[0]));
        Assert.Equal(credential.Key.ExportSubjectPublicKeyInfo(), first.PublicKey.ExportSubjectPublicKeyInfo());
        http.Response.StatusCode = 204;
        await http.Response.CompleteAsync();
    }

    private IEnumerable<JsonNode> List(string userId) =>
        _fault == StandInFault.ListsNothing ? [] : _credentials.Where(c => c.Value.UserId == userId).Select(c => (JsonNode)c.Key);

    private async Task InfoAsync(HttpContext http, Credential credential)
    {
        IEnumerable<string> chain = _fault == StandInFault.ShowsAnotherCertificate ? credential.Certificates.Reverse() : credential.Certificates;
        await AnswerAsync(http, new JsonObject
        {
            ["key"] = new JsonObject
            {
                ["status"] = "enabled",
                ["algo"] = new JsonArray([.. SignatureAlgorithm.All.Where(a => a.Fits(credential.Kind)).Select(a => (JsonNode)a.Oid)]),
            },
            ["cert"] = new JsonObject { ["certificates"] = new JsonArray([.. chain.Select(c => (JsonNode)c)]) },
        });
    }

    private async Task AuthorizeAsync(HttpContext http, JsonObject body)
    {
        string id = Text(body, "credentialID");
        JsonNode factor = body["authData"]!.AsArray().Single()!;
        if (Text(factor, "id") != "PIN" || Text(factor, "value") != Pins[_credentials[id].UserId] || _fault == StandInFault.RefusesPins)
        {
            await RefuseAsync(http, 400, "invalid_authentication_data", "The authentication data is invalid");
            return;
        }

        Assert.Equal(1, body["numSignatures"]!.GetValue<int>());
        Assert.Equal(Sam.Core.Algorithms.HashAlgorithm.Sha256.Oid, Text(body, "hashAlgorithmOID"));
        string sad = Secret("sad");
        _sads[sad] = (id, body["hashes"]!.AsArray().Single()!.GetValue<string>());
        await AnswerAsync(http, new JsonObject { ["SAD"] = sad, ["expiresIn"] = 300 });
    }

    private async Task SignHashAsync(HttpContext http, JsonObject body)
    {
        string hash = body["hashes"]!.AsArray().Single()!.GetValue<string>();
        string sad = Text(body, "SAD");
        bool known = _fault == StandInFault.SignsTwice ? _sads.TryGetValue(sad, out (string, string) authorized) : _sads.TryRemove(sad, out authorized);
        if (!known || authorized != (Text(body, "credentialID"), hash))
        {
            int status = _fault == StandInFault.FailsOnSecondUse ? 500 : 400;
            await RefuseAsync(http, status, status == 500 ? "server_error" : "invalid_request", "Invalid parameter SAD");
            return;
        }

        Credential credential = _credentials[authorized.Item1];
        byte[] digest = Convert.FromBase64String(hash);
        byte[] signature = credential.Key is RSA rsa
            ? rsa.SignHash(digest, BclHashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ((ECDsa)credential.Key).SignHash(digest, DSASignatureFormat.Rfc3279DerSequence);
        Assert.Equal(credential.Key is RSA ? SignatureAlgorithm.RsaSha256.Oid : SignatureAlgorithm.EcdsaSha256.Oid, Text(body, "signAlgo"));
        if (_fault == StandInFault.FlipsABit)
        {
            signature[^1] ^= 1;
        }

        await AnswerAsync(http, new JsonObject { ["signatures"] = new JsonArray(Convert.ToBase64String(signature)) });
    }

    private string Secret(string kind)
    {
        string secret = string.Create(CultureInfo.InvariantCulture, $"{kind}-{RandomNumberGenerator.GetHexString(40)}");
        Secrets.Add(secret);
        return secret;
    }

    private static string Text(JsonNode body, string member) => body[member]!.GetValue<string>();

    private static Task AnswerAsync(HttpContext http, JsonObject answer) => http.Response.WriteAsJsonAsync(answer);

    private static Task RefuseAsync(HttpContext http, int status, string error, string description)
    {
        http.Response.StatusCode = status;
        return AnswerAsync(http, new JsonObject { ["error"] = error, ["error_description"] = description });
    }

    internal sealed record Credential(string UserId, KeyAlgorithm Kind, AsymmetricAlgorithm Key, int? Multisign)
    {
        internal IReadOnlyList<string> Certificates { get; set; } = [];
    }
}
