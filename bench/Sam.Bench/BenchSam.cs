using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sam.Cli;
using Sam.Cli.Development;
using Sam.Cli.Http;
using Sam.Core.Algorithms;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;

namespace Sam.Bench;

/// <summary>A <see cref="BenchHost"/> process, and a client's calls to it. Bodies are made beforehand and answers barely read, so that little of the machine goes to the measuring.</summary>
internal sealed class BenchSam : IAsyncDisposable
{
    private const string SadMark = "\"SAD\":\"";

    private static readonly MediaTypeHeaderValue _json = new("application/json");

    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly SamClient _sam;
    private DevelopmentOffice? _office;

    private BenchSam(Process process, Uri address)
    {
        _process = process;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 4 * BenchPlan.MostClients }) { BaseAddress = address };
        _sam = new SamClient(address);
    }

    /// <summary>Each has a token to itself: the deployment's anchor is in it.</summary>
    internal static async Task<BenchSam> StartAsync(SoftHsmFixture hsm, string store, bool cheapPin)
    {
        ProcessStartInfo start = new("dotnet", [typeof(BenchSam).Assembly.Location, "serve", store]) { RedirectStandardOutput = true };
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["SOFTHSM2_CONF"] = hsm.ConfigPath,
            ["Sam__Pkcs11__ModulePath"] = hsm.LibraryPath,
            ["Sam__Pkcs11__TokenLabel"] = await hsm.AddTokenAsync(CancellationToken.None),
            ["Sam__Pkcs11__PinFile"] = hsm.PinFile,
        };
        if (cheapPin)
        {
            settings["Sam__Pin__Cost__MemoryKiB"] = "8";
            settings["Sam__Pin__Cost__Iterations"] = "1";
            settings["Sam__Pin__Cost__Parallelism"] = "1";
        }

        foreach ((string key, string value) in settings)
        {
            start.Environment[key] = value;
        }

        Process process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            int at = line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal);
            if (at >= 0)
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new BenchSam(process, new Uri(line[at..].Trim() + "/"));
            }
        }

        throw new InvalidOperationException("The host under measurement did not start.");
    }

    /// <summary>A client with a signer and a key of its own: signers' counters are rows, and one signer does not sign 32 times at once.</summary>
    internal async Task<Func<Task>> MakeClientAsync(int number, KeyAlgorithm algorithm)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{algorithm.Name}-{number}");
        string pin = RandomNumberGenerator.GetHexString(16);
        _office ??= await DevelopmentOffice.OpenAsync(_sam, TimeProvider.System, CancellationToken.None);
        DevelopmentSigner signer = await DevelopmentSigner.FindOrRegisterAsync(_office, name, new Secret(pin), [], CancellationToken.None);
        await signer.EnrolAsync(CancellationToken.None);
        (string id, _) = await signer.AddCredentialAsync(algorithm.Name, 1, (subject, publicKey) => [TestCa.Issue(publicKey, subject)], CancellationToken.None);
        using FormUrlEncodedContent form = new([new("client_id", "bench")]);
        using HttpResponseMessage token = await _http.PostAsync("dev/token", form);
        AuthenticationHeaderValue bearer = new("Bearer", (await token.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString());

        string hash = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        byte[] authorize = JsonSerializer.SerializeToUtf8Bytes(new
        {
            credentialID = id,
            numSignatures = 1,
            hashes = new[] { hash },
            hashAlgorithmOID = Core.Algorithms.HashAlgorithm.Sha256.Oid,
            authData = new[] { new { id = "PIN", value = pin } },
        });
        string oid = SignatureAlgorithm.All.First(a => a.Fits(algorithm)).Oid;
        string sign = $$"""{"credentialID":"{{id}}","hashes":["{{hash}}"],"signAlgo":"{{oid}}",""";
        return async () =>
        {
            string answer = await PostAsync("csc/v2/credentials/authorize", authorize, bearer);
            int from = answer.IndexOf(SadMark, StringComparison.Ordinal) + SadMark.Length;
            string sad = answer[from..answer.IndexOf('"', from)];
            _ = await PostAsync("csc/v2/signatures/signHash", Encoding.ASCII.GetBytes($"{sign}{SadMark}{sad}\"}}"), bearer);
        };
    }

    /// <summary>What one signer does by themselves.</summary>
    internal async Task<ManyBench> OpenManyAsync() => new(
        this,
        _sam,
        _office ??= await DevelopmentOffice.OpenAsync(_sam, TimeProvider.System, CancellationToken.None),
        (await _sam.TokenAsync("bench", null, null, CancellationToken.None)).OrFail().AccessToken);

    /// <summary>Two POSTs with nothing in them: what a pair of calls costs when the SAM does nothing.</summary>
    internal async Task EmptyPairAsync()
    {
        _ = await PostAsync("bench/empty", [], null);
        _ = await PostAsync("bench/empty", [], null);
    }

    /// <summary>What the token gives alone; with each signature verified, if asked for.</summary>
    internal async Task<SigningRate> RawAsync(KeyAlgorithm key, int threads, double seconds, bool verified = false)
    {
        string query = string.Create(CultureInfo.InvariantCulture, $"bench/raw?key={key.Name}&threads={threads}&seconds={seconds}&verified={verified}");
        return JsonSerializer.Deserialize<SigningRate>(await PostAsync(query, [], null), JsonSerializerOptions.Web)!;
    }

    internal async Task<Usage> UsageAsync() => (await _http.GetFromJsonAsync<Usage>("bench/usage"))!;

    public async ValueTask DisposeAsync()
    {
        _office?.Dispose();
        _sam.Dispose();
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    internal async Task<string> PostAsync(string path, byte[] body, AuthenticationHeaderValue? bearer)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = _json;
        request.Headers.Authorization = bearer;
        using HttpResponseMessage response = await _http.SendAsync(request);
        string answer = await response.Content.ReadAsStringAsync();
        return response.StatusCode == HttpStatusCode.OK ? answer : throw new InvalidOperationException($"{path}: HTTP {(int)response.StatusCode} {answer}");
    }
}
