using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Sam.Functions;

/// <summary>
/// Sends the refusals' counter to Application Insights, under the app's identity. Requests and logs go there through the Functions host, which reads the same two settings.
/// </summary>
internal static class ApplicationInsights
{
    private const string ConnectionString = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>As the Functions host spells it: <c>ClientId=…;Authorization=AAD</c>.</summary>
    private const string Authentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    internal static void AddApplicationInsights(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration[ConnectionString] is { Length: > 0 } connection)
        {
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddAzureMonitorMetricExporter(exporter =>
            {
                exporter.ConnectionString = connection;
                exporter.Credential = CredentialOf(configuration[Authentication]);

                // Counts of yesterday on the disk of an instance that is gone help nobody.
                exporter.DisableOfflineStorage = true;
            }));
        }
    }

    private static ManagedIdentityCredential? CredentialOf(string? authentication)
    {
        Dictionary<string, string> parts = new(StringComparer.OrdinalIgnoreCase);
        foreach (string part in (authentication ?? string.Empty).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] pair = part.Split('=', 2);
            parts[pair[0]] = pair.Length == 2 ? pair[1] : string.Empty;
        }

        // Without "Authorization=AAD" the connection string's own key counts, which a deployment by infra/ turns off.
        return !string.Equals(parts.GetValueOrDefault("Authorization"), "AAD", StringComparison.OrdinalIgnoreCase) ? null
            : parts.TryGetValue("ClientId", out string? clientId) ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId))
            : new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned);
    }
}
