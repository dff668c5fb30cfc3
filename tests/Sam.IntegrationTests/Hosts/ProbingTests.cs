using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sam.Core.Algorithms;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>
/// A client that tries ids which are not its own: by what it is told, and by how long that takes, it does not learn which of them there are. Two times are compared by the two-sample test of
/// Kolmogorov and Smirnov, which sees any difference of two distributions; that it would see 1 ms more is tried beside.
/// </summary>
[Trait("Requirement", "T-USE-1")]
public sealed class ProbingTests(SoftHsmFixture hsm, AzuriteFixture azurite)
{
    // Of 2,000 against 2,000 it is exceeded once in 10^5 comparisons of what is the same.
    private const double CriticalValue = 2.47;

    private const int WarmUp = 50;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Soak", "probing")]
    public async Task What_is_not_there_is_refused_as_what_is_not_ones_own()
    {
        await using LocalHostProcess host = await new Deployment(hsm, azurite).StartAsync(("Logging__LogLevel__Default", "Warning"), ("Logging__LogLevel__Microsoft.Hosting.Lifetime", "Information"));
        TestSigner stranger = await host.MakeSignerAsync("another-sca");
        string foreign = (await host.MakeCredentialAsync(stranger, KeyAlgorithm.P256)).Id;
        string token = await host.GetTokenAsync("probing-sca");
        string signer = foreign.Split('-')[0];
        Dictionary<string, object> found = [];
        foreach ((string method, Func<string> unknown) in new (string, Func<string>)[]
        {
            ("credentials/authorize", () => $"{Hex(16)}-{Hex(8)}"),
            ("credentials/authorize", () => $"{signer}-{Hex(8)}"),
            ("credentials/info", () => $"{Hex(16)}-{Hex(8)}"),
            ("credentials/list", () => "Signer, " + Hex(16)),
        })
        {
            string known = method == "credentials/list" ? stranger.UserId : foreign;
            double[] unknowns = new double[TestCounts.TimedProbes];
            double[] knowns = new double[TestCounts.TimedProbes];
            for (int i = -WarmUp; i < TestCounts.TimedProbes; i++)
            {
                // One after the other, in either order: what the machine does meanwhile does both alike.
                bool first = RandomNumberGenerator.GetInt32(2) == 0;
                string one = first ? unknown() : known;
                (double time, string answer) = await TimeAsync(host, token, method, one);
                string two = first ? known : unknown();
                (double otherTime, string otherAnswer) = await TimeAsync(host, token, method, two);
                Assert.Equal(answer, otherAnswer);
                if (i >= 0)
                {
                    (unknowns[i], knowns[i]) = first ? (time, otherTime) : (otherTime, time);
                }
            }

            double distance = Distance(unknowns, knowns);
            double planted = Distance(unknowns, [.. knowns.Select(time => time + 1)]);
            double limit = CriticalValue * Math.Sqrt(2.0 / TestCounts.TimedProbes);
            string name = $"{method}, {(found.Count == 1 ? "of a signer that there is" : "of nobody")}";
            TestReport.Add("probing", $"{name}: distance {distance:0.000}, with 1 ms more {planted:0.000}; {limit:0.000} would be a difference; medians {Median(unknowns):0.00} and {Median(knowns):0.00} ms");
            found[name] = new { distance, withOneMillisecondMore = planted, limit, medianUnknown = Median(unknowns), medianForeign = Median(knowns) };

            // Times are judged where nothing else runs, and not in a run of all tests.
            Assert.True(!TestCounts.TimesAreJudged || distance < limit, $"{name}: {distance} is a difference (medians {Median(unknowns)} and {Median(knowns)} ms)");
            Assert.True(!TestCounts.TimesAreJudged || planted > limit, $"{name}: 1 ms more would not be seen ({planted})");
        }

        await SoakResults.WriteAsync("probing", new { samples = TestCounts.TimedProbes, found });
    }

    [Fact]
    public void The_distance_is_that_of_the_two_distributions()
    {
        Assert.Equal(0, Distance([1, 2, 3, 4], [1, 2, 3, 4]));
        Assert.Equal(1, Distance([1, 2], [3, 4, 5]));
        Assert.Equal(0.5, Distance([1, 2, 3, 4], [3, 4, 5, 6]), 12);
        Assert.Equal(0.25, Distance([1, 1, 1, 2], [1, 1, 2, 2]), 12);
    }

    /// <summary>The largest difference of the two empirical distributions.</summary>
    private static double Distance(IEnumerable<double> one, IEnumerable<double> other)
    {
        double[] a = [.. one.Order()];
        double[] b = [.. other.Order()];
        double largest = 0;
        for (int i = 0, j = 0; i < a.Length && j < b.Length;)
        {
            double value = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] <= value)
            {
                i++;
            }

            while (j < b.Length && b[j] <= value)
            {
                j++;
            }

            largest = Math.Max(largest, Math.Abs(((double)i / a.Length) - ((double)j / b.Length)));
        }

        return largest;
    }

    private static double Median(double[] times) => times.Order().ElementAt(times.Length / 2);

    private static string Hex(int bytes) => RandomNumberGenerator.GetHexString(2 * bytes, lowercase: true);

    private static async Task<(double Milliseconds, string Answer)> TimeAsync(LocalHostProcess host, string token, string method, string id)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes<object>(method switch
        {
            "credentials/list" => new { userID = id },
            "credentials/info" => new { credentialID = id },
            _ => new
            {
                credentialID = id,
                numSignatures = 1,
                hashes = new[] { Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(id))) },
                hashAlgorithmOID = Core.Algorithms.HashAlgorithm.Sha256.Oid,
                authData = new[] { new { id = "PIN", value = "123456" } },
            },
        });
        using ByteArrayContent content = new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri($"csc/v2/{method}", UriKind.Relative)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await host.Http.SendAsync(request, Cancellation);
        string answer = await response.Content.ReadAsStringAsync(Cancellation);
        return (Stopwatch.GetElapsedTime(start).TotalMilliseconds, $"{(int)response.StatusCode} {answer}");
    }
}
