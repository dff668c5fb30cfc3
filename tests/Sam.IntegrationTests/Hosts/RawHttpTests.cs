using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Sam.Testing.Csc;
using Sam.Testing.Run;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>
/// What is no HTTP, or HTTP that two readers could read in two ways, on real sockets: it is refused or cut off, never an error of the service, and who comes next is served.
/// </summary>
public sealed class RawHttpTests : IClassFixture<LocalHostFixture>
{
    private const string Body = """{"userID":"nobody","clientData":"0123456789"}""";
    private const int AtATime = 16;

    // The frame of HTTP/2 that says to speak HTTP/1.1: what its preface is answered with.
    private const string GoAway = "\0\0\b\a";

    // Behind what was changed, so that a request that lost its end comes to one, and the server need not wait for it.
    private static readonly byte[] _filler = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("\r\n\r\n0\r\n\r\n", 900)));

    // Nobody waits this long but for an answer that will not come.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    // By name: what is sent for a token, with a length that is true, unless it is the lie that is tried.
    private static readonly (string Name, Func<string, string> Of)[] _odd =
    [
        ("two lengths", token => Request(token, "Content-Length: 3\r\nContent-Length: 44")),
        ("a length and chunks", token => Request(token, "Content-Length: 3\r\nTransfer-Encoding: chunked")),
        ("a length below nothing", token => Request(token, "Content-Length: -1")),
        ("a length beyond numbers", token => Request(token, "Content-Length: 99999999999999999999")),
        ("a length over the limit", token => Request(token, "Content-Length: 10485760")),
        ("a length in hexadecimal", token => Request(token, "Content-Length: 0x10")),
        ("a length with a sign", token => Request(token, "Content-Length: +44")),
        ("chunks that are not last", token => Request(token, "Transfer-Encoding: chunked, gzip")),
        ("chunks in disguise", token => Request(token, "Transfer-Encoding: xchunked")),
        ("a chunk without a size", token => Request(token, "Transfer-Encoding: chunked", "\r\nabc\r\n0\r\n\r\n")),
        ("a chunk of a size beyond numbers", token => Request(token, "Transfer-Encoding: chunked", "ffffffffffffffff\r\nabc\r\n0\r\n\r\n")),
        ("a chunk shorter than its size", token => Request(token, "Transfer-Encoding: chunked", "ff\r\n{}\r\n0\r\n\r\n")),
        ("a chunk longer than its size", token => Request(token, "Transfer-Encoding: chunked", "1\r\n{}\r\n0\r\n\r\n")),
        ("chunks without an end", token => Request(token, "Transfer-Encoding: chunked", "2\r\n{}\r\n")),
        ("a chunk with a long extension", token => Request(token, "Transfer-Encoding: chunked", $"2;{new string('x', 100_000)}\r\n{{}}\r\n0\r\n\r\n")),
        ("10 MB in chunks", token => Request(token, "Transfer-Encoding: chunked", string.Concat(Enumerable.Repeat($"10000\r\n{new string(' ', 65_536)}\r\n", 160)) + "0\r\n\r\n")),
        ("half a body", token => Request(token, "Content-Length: 200")),
        ("two tokens", token => Request(token, $"Authorization: Bearer {token}\r\n{Length}")),
        ("a header in two lines", token => Request(token, $"X-Odd: a\r\n b\r\n{Length}")),
        ("a header without a name", token => Request(token, $": x\r\n{Length}")),
        ("a blank before the colon", token => Request(token, $"X-Odd : a\r\n{Length}")),
        ("a NUL in a header", token => Request(token, $"X-Odd: a\0b\r\n{Length}")),
        ("a header of 40 KB", token => Request(token, $"X-Odd: {new string('a', 40_000)}\r\n{Length}")),
        ("a thousand headers", token => Request(token, string.Concat(Enumerable.Range(0, 1_000).Select(i => $"X-{i}: a\r\n")) + Length)),
        ("a line feed alone", token => Request(token, Length).Replace("\r\n", "\n", StringComparison.Ordinal)),
        ("no host", token => Request(token, Length).Replace("Host: 127.0.0.1\r\n", string.Empty, StringComparison.Ordinal)),
        ("another host", token => Request(token, Length).Replace("Host: 127.0.0.1", "Host: evil.example", StringComparison.Ordinal)),
        ("another version", token => Request(token, Length).Replace("HTTP/1.1", "HTTP/7.3", StringComparison.Ordinal)),
        ("HTTP/1.0", token => Request(token, Length).Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal)),
        ("the preface of HTTP/2", _ => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("TLS", _ => "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003"),
        ("a path that climbs", token => Request(token, Length).Replace("/csc/v2/credentials/list", "/csc/v2/../v2/./credentials/%2e%2e/credentials/list", StringComparison.Ordinal)),
        ("a path that is not decoded", token => Request(token, Length).Replace("/csc/v2/credentials/list", "/csc/v2/credentials%2Flist%00%ff", StringComparison.Ordinal)),
        ("a request behind a request", token => Request(token, Length).Replace("Connection: close", "X: y", StringComparison.Ordinal) + Request(token, Length)),
    ];

    private readonly LocalHostProcess _host;

    public RawHttpTests(LocalHostFixture fixture) => _host = fixture.Host;

    private static string Length => string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}");

    [Fact]
    public async Task What_is_no_HTTP_is_no_error_of_the_service()
    {
        int seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        Random random = new(seed);
        string token = await _host.GetTokenAsync($"sca-{Guid.NewGuid():n}");
        Assert.Equal("400", await StatusOfAsync(Encoding.Latin1.GetBytes(Request(token, Length)), "what all others are made of"));

        List<(string Name, byte[] Bytes)> requests = [.. _odd.Select(odd => (odd.Name, Encoding.Latin1.GetBytes(odd.Of(token))))];
        while (requests.Count < TestCounts.RawRequests)
        {
            (string name, Func<string, string> of) = _odd[random.Next(_odd.Length)];
            string text = random.Next(2) == 0 ? of(token) : Request(token, Length);
            requests.Add(($"{name}, changed, seed {seed}", [.. Change(random, Encoding.Latin1.GetBytes(text)), .. _filler]));
        }

        SortedDictionary<string, int> statuses = new(StringComparer.Ordinal);
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (request, _) =>
        {
            string status = await StatusOfAsync(request.Bytes, request.Name);
            lock (statuses)
            {
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
            }
        });

        // The host is alive, and serves.
        (CscClient client, TestCredential credential) = await _host.MakeAsync();
        Assert.Equal(200, (await client.PostAsync("credentials/info", new { credentialID = credential.Id })).Status);
        Assert.True(statuses.GetValueOrDefault("400") > requests.Count / 4, string.Join(", ", statuses));
        TestReport.Add("raw HTTP", $"{requests.Count} connections, {_odd.Length} kinds, {string.Join(", ", statuses.Select(s => $"{s.Key}: {s.Value}"))}, seed {seed}");
    }

    [Fact]
    public async Task Bodies_that_do_not_come_are_not_waited_for()
    {
        string token = await _host.GetTokenAsync($"sca-{Guid.NewGuid():n}");
        byte[][] halves = [.. new[] { Request(token, "Content-Length: 200"), Request(token, "Transfer-Encoding: chunked", "2\r\n{}\r\n") }.Select(Encoding.Latin1.GetBytes)];
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => ExchangeAsync(halves[i % 2])));

        // The server gives up before the pipeline does: its least rate is not kept.
        Assert.Equal(["HTTP/1.1 408 "], answers.Select(answer => answer[..13]).Distinct());
        using HttpResponseMessage health = await _host.Http.GetAsync(new Uri("healthz", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(health.IsSuccessStatusCode);
        TestReport.Add("slow bodies", $"{answers.Length} at once, each answered 408");
    }

    private static string Request(string token, string headers, string body = Body) =>
        $"POST /csc/v2/credentials/list HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n{headers}\r\n\r\n{body}";

    private static byte[] Change(Random random, byte[] bytes)
    {
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            // Most of a request is its token: what stands before and behind it is changed as often.
            int at = random.Next(3) switch { 0 => random.Next(Math.Min(bytes.Length, 120)), 1 => bytes.Length - 1 - random.Next(Math.Min(bytes.Length, 120)), _ => random.Next(bytes.Length) };
            byte noise = (byte)random.Next(256);
            bytes = random.Next(4) switch
            {
                0 => [.. bytes[..at], noise, .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], .. bytes[(at + 1)..], 0],
                2 => [.. bytes[..at], noise, noise, .. bytes[at..]],
                _ => bytes[..Math.Max(1, at)],
            };
        }

        return bytes;
    }

    /// <summary>The status, or that the connection was closed without one.</summary>
    private async Task<string> StatusOfAsync(byte[] request, string name)
    {
        string answer = await ExchangeAsync(request);
        if (answer.Length == 0)
        {
            return "closed";
        }

        if (answer.StartsWith(GoAway, StringComparison.Ordinal))
        {
            return "goaway";
        }

        Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
        string status = answer[9..12];

        // 501 and 505: a method of the API, or a version of HTTP, that is not offered.
        Assert.True(status is "501" or "505" || status[0] is '2' or '4', $"{name}: {answer}\nrequest {Convert.ToBase64String(request)}");
        Assert.True(
            status[0] == '2' || !answer.Contains("Content-Type: application/json", StringComparison.Ordinal) || answer.Contains("\"error\":", StringComparison.Ordinal),
            $"{name}: {answer}");
        return status;
    }

    /// <summary>Sends, and reads until the server closes.</summary>
    private async Task<string> ExchangeAsync(byte[] request)
    {
        using CancellationTokenSource patience = new(_patience);
        using TcpClient connection = new();
        await connection.ConnectAsync(_host.Http.BaseAddress!.Host, _host.Http.BaseAddress.Port, patience.Token);
        NetworkStream stream = connection.GetStream();
        using MemoryStream answer = new();
        try
        {
            await stream.WriteAsync(request, patience.Token);
            await stream.CopyToAsync(answer, patience.Token);
        }
        catch (IOException)
        {
            // Cut off while it was being sent or read: what came before that counts.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
