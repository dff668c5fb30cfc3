using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sam.Core.Results;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>The refusals' counter reaches a collector (OpenTelemetry, OTLP over HTTP), and nothing secret goes with it.</summary>
public sealed class TelemetryTests(SoftHsmFixture hsm, AzuriteFixture azurite)
{
    [Fact]
    public async Task A_refusal_is_counted_at_the_collector_by_its_cause()
    {
        TaskCompletionSource<string> arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        StringBuilder everything = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication collector = builder.Build();
        collector.MapPost("/v1/metrics", async (HttpRequest request) =>
        {
            using MemoryStream body = new();
            await request.Body.CopyToAsync(body);

            // Protocol buffers hold texts as they are.
            string text = Encoding.Latin1.GetString(body.ToArray());
            lock (everything)
            {
                everything.Append(text);
            }

            if (text.Contains("sam.refusals", StringComparison.Ordinal) && text.Contains(nameof(SamErrorCode.SadMalformed), StringComparison.Ordinal))
            {
                arrived.TrySetResult(text);
            }
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        await using LocalHostProcess host = await new Deployment(hsm, azurite).StartAsync(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.Single()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "100"));
        (CscClient client, TestCredential credential) = await host.MakeAsync();
        string sad = await client.GetSadAsync(credential, HostOnFaultyHsm.NewDigest());

        // A dot is no base64url, wherever it stands; a SAD that is only shorter may have a SAD's form by chance, and is forged then.
        _ = await client.SignHashAsync(credential, sad[..^1] + ".", [HostOnFaultyHsm.NewDigest()]);

        _ = await arrived.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(sad[..16], everything.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(credential.Id, everything.ToString(), StringComparison.Ordinal);
    }
}
