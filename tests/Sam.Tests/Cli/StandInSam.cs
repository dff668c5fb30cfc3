using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sam.Core.Credentials;
using Sam.Core.Officers;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;

namespace Sam.Tests.Cli;

/// <summary>
/// The real API over a SAM in memory, with the development endpoints before it, and with faults that a real SAM does not have: so that the command line is tested here without HSM and storage.
/// It takes note of every secret that passes.
/// </summary>
internal sealed class StandInSam : IAsyncDisposable
{
    private const string Issuer = "https://issuer.test";

    private readonly HostedSam _hosted;
    private readonly StandInFault _fault;
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly (string Subject, PrivilegedRole Role, ECDsa Key)[] _officers =
    [
        .. new[] { PrivilegedRole.SecurityOfficer, PrivilegedRole.SecurityOfficer, PrivilegedRole.SecurityOfficer, PrivilegedRole.RegistrationOfficer }
            .Select((role, i) => ($"dev-officer-{i.ToString(CultureInfo.InvariantCulture)}", role, ECDsa.Create(ECCurve.NamedCurves.nistP256))),
    ];

    private string? _signed;
    private bool _hasLost;

    private StandInSam(HostedSam hosted, StandInFault fault)
    {
        _hosted = hosted;
        _fault = fault;
        hosted.ReadToken = token => _tokens.GetValueOrDefault(token, string.Empty);
        hosted.Front = HandleAsync;

        // Certificates are verified by openssl as well, whose clock is the real one.
        hosted.Officers.Bed.Clock.SetUtcNow(DateTimeOffset.UtcNow);
    }

    internal string Url => _hosted.Url;

    internal TimeProvider Clock => _hosted.Officers.Bed.Clock;

    /// <summary>The PINs that were set last, by login.</summary>
    internal ConcurrentDictionary<string, string> Pins { get; } = new(StringComparer.Ordinal);

    /// <summary>Every PIN, SAD, token, code and key that was ever here.</summary>
    internal ConcurrentBag<(string Kind, string Value)> Secrets { get; } = [];

    internal ConcurrentBag<string> TokenForms { get; } = [];

    private Core.ActivationModule Module => _hosted.Officers.Sam;

    internal static async Task<StandInSam> StartAsync(StandInFault fault = StandInFault.None, bool isInitialized = false) => new(await HostedSam.StartAsync(isInitialized), fault);

    public async ValueTask DisposeAsync()
    {
        await _hosted.DisposeAsync();
        Array.ForEach(_officers, o => o.Key.Dispose());
    }

    internal async Task<IReadOnlyList<SignerView>> SignersAsync() => (await Module.Signers.ListAsync(null, 100, CancellationToken.None)).Signers;

    internal async Task<IReadOnlyList<CredentialView>> CredentialsAsync()
    {
        List<CredentialView> found = [];
        foreach (SignerView signer in await SignersAsync())
        {
            found.AddRange(await Module.Credentials.ListAsync(signer.Id, CancellationToken.None));
        }

        return found;
    }

    internal async Task<IReadOnlyList<OfficerView>> OfficersAsync() => (await Module.Officers.ListAsync(CancellationToken.None)).Value;

    internal async Task<IReadOnlyList<string>> ApprovedClientsAsync() =>
        [.. (await Module.Clients.ListAsync(null, 100, CancellationToken.None)).Clients.Where(c => c.IsApproved).Select(c => c.Client.Value)];

    private async Task HandleAsync(HttpContext http, Func<Task> next)
    {
        string path = http.Request.Path.Value!;
        if (path == "/dev/token")
        {
            await GiveTokenAsync(http);
        }
        else if (_fault == StandInFault.NotASam)
        {
            http.Response.StatusCode = 502;
            await http.Response.WriteAsync("<html>Bad gateway</html>");
        }
        else if (path == "/dev/officers")
        {
            await AnswerAsync(http, OfficersAnswer());
        }
        else if (path.StartsWith("/dev/signers/", StringComparison.Ordinal))
        {
            _ = SignerId.TryParse(path.Split('/')[3], out SignerId signer);
            _ = (await Module.Signers.SetClientsAsync(signer, LinkedClients.AnyApproved, Actor.Sam, expected: null, CancellationToken.None)).Value;
            http.Response.StatusCode = 204;
        }
        else if (_fault == StandInFault.RefusesSigners && path == "/sam/v1/signers")
        {
            await AnswerAsync(http, new JsonObject { ["code"] = "invalid_request", ["title"] = "The PIN is too short\u001b[31m" }, 400);
        }
        else if (_fault == StandInFault.RefusesPins && path.EndsWith("/authorize", StringComparison.Ordinal))
        {
            await AnswerAsync(http, new JsonObject { ["error"] = "invalid_authentication_data", ["error_description"] = "The authentication data is invalid" }, 400);
        }
        else
        {
            await PassAsync(http, path, next);
        }
    }

    /// <summary>Lets the API answer, and does to the answer what is wrong with this SAM.</summary>
    private async Task PassAsync(HttpContext http, string path, Func<Task> next)
    {
        await NoteAsync(http, path);
        Stream wire = http.Response.Body;
        using MemoryStream kept = new();
        http.Response.Body = kept;
        await next();
        http.Response.Body = wire;
        JsonObject? answer = kept.Length == 0 ? null : JsonNode.Parse(kept.ToArray())!.AsObject();
        if (answer is null)
        {
            return;
        }

        NoteAnswer(http, answer);
        if (path.EndsWith("/approval", StringComparison.Ordinal) && _fault == StandInFault.LosesOfficersCode && !_hasLost)
        {
            _hasLost = true;
            http.Response.StatusCode = 503;
            answer = new JsonObject { ["code"] = "Lost", ["title"] = "The answer was lost" };
        }
        else if (path == "/csc/v2/credentials/list" && _fault == StandInFault.ListsNothing)
        {
            answer["credentialIDs"] = new JsonArray();
        }
        else if (path == "/csc/v2/credentials/info" && _fault == StandInFault.ShowsAnotherCertificate)
        {
            answer["cert"]!["certificates"] = new JsonArray([.. answer["cert"]!["certificates"]!.AsArray().Reverse().Select(c => c!.DeepClone())]);
        }
        else if (path == "/csc/v2/signatures/signHash")
        {
            answer = Sign(http, answer);
        }

        http.Response.ContentLength = null;
        await AnswerAsync(http, answer, http.Response.StatusCode);
    }

    private JsonObject Sign(HttpContext http, JsonObject answer)
    {
        if (http.Response.StatusCode == 200)
        {
            _signed = answer.ToJsonString();
            if (_fault == StandInFault.FlipsABit)
            {
                byte[] signature = Convert.FromBase64String(answer["signatures"]![0]!.GetValue<string>());
                signature[^1] ^= 1;
                answer["signatures"]![0] = Convert.ToBase64String(signature);
            }
        }
        else if (_fault == StandInFault.SignsTwice)
        {
            http.Response.StatusCode = 200;
            return JsonNode.Parse(_signed!)!.AsObject();
        }
        else if (_fault == StandInFault.FailsOnSecondUse)
        {
            http.Response.StatusCode = 500;
            return new JsonObject { ["error"] = "server_error", ["error_description"] = "Invalid parameter SAD" };
        }

        return answer;
    }

    private async Task GiveTokenAsync(HttpContext http)
    {
        IFormCollection form = await http.Request.ReadFormAsync();
        TokenForms.Add(string.Join('&', form.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}")));
        string client = form["client_id"]!;
        string token = "token-" + RandomNumberGenerator.GetHexString(40);
        _tokens[token] = form["sub"].Count == 0 ? client : $"{client}:{form["sub"]}";
        Secrets.Add(("token", token));
        _ = (await Module.Clients.SetApprovedAsync(SamTestBed.Id(client), approved: true, CancellationToken.None)).Value;
        await AnswerAsync(http, new JsonObject { ["access_token"] = token, ["token_type"] = "Bearer", ["expires_in"] = 600 });
    }

    private JsonObject OfficersAnswer()
    {
        string secret = _hosted.Officers.Secret.Reveal();
        Secrets.Add(("secret", secret));
        JsonArray officers = [];
        foreach ((string subject, PrivilegedRole role, ECDsa key) in _officers)
        {
            string text = Convert.ToBase64String(key.ExportPkcs8PrivateKey());
            Secrets.Add(("key", text));
            officers.Add(new JsonObject { ["subject"] = subject, ["role"] = role.ToName(), ["key"] = text });
        }

        return new JsonObject { ["issuer"] = Issuer, ["secret"] = _fault == StandInFault.KeepsItsSecret ? null : secret, ["officers"] = officers };
    }

    private async Task NoteAsync(HttpContext http, string path)
    {
        if (path != "/sam/v1/enrolment")
        {
            return;
        }

        http.Request.EnableBuffering();
        JsonNode body = (await JsonNode.ParseAsync(http.Request.Body))!;
        http.Request.Body.Position = 0;
        string token = http.Request.Headers.Authorization.ToString().Replace("Bearer ", string.Empty, StringComparison.Ordinal);
        if (body["pin"] is { } pin)
        {
            Pins[_tokens[token].Split(':')[1]] = pin.GetValue<string>();
            Note("PIN", pin);
        }
    }

    private void NoteAnswer(HttpContext http, JsonObject answer)
    {
        if (http.Response.StatusCode >= 300)
        {
            // A refusal has a code, too, and nothing to hide.
            return;
        }

        Note("SAD", answer["SAD"]);
        Note("code", answer["code"] is JsonObject told ? told["code"] : answer["code"]);
        foreach (JsonNode? code in answer["codes"]?.AsArray() ?? [])
        {
            Note("code", code!["code"]);
        }
    }

    private void Note(string kind, JsonNode? secret)
    {
        if (secret is not null)
        {
            Secrets.Add((kind, secret.GetValue<string>()));
        }
    }

    private static Task AnswerAsync(HttpContext http, JsonObject answer, int status = 200)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(answer);
    }
}
