using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Sam.Api.Pipeline;

namespace Sam.Api.Composition;

/// <summary>
/// Lets the refusals' counter out, by OpenTelemetry: where it goes is said by the environment variables that OpenTelemetry defines, and nothing goes out without them.
/// Counts only: a trace of a request would have to be kept clean of what a request carries.
/// </summary>
internal static class SamTelemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    internal static void AddSamTelemetry(this IServiceCollection services, IConfiguration configuration) =>
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(RefusalMeter.MeterName);
            if (configuration[Endpoint] is { Length: > 0 } || configuration[MetricsEndpoint] is { Length: > 0 })
            {
                metrics.AddOtlpExporter();
            }
        });
}
