using Sam.Api.Csc;

namespace Sam.Api.OpenApi;

/// <summary>What is neither the CSC API nor the Admin API.</summary>
internal static class ServiceDescriptions
{
    internal static IReadOnlyDictionary<string, RouteDescription> All { get; } = new Dictionary<string, RouteDescription>(StringComparer.Ordinal)
    {
        ["logo"] = new("The logo that info names", null) { MediaType = "image/png" },
        ["healthz"] = new("Whether the process answers", CscJson.Web.HealthAnswer),
        ["readyz"] = new("Whether HSM and storage answer", CscJson.Web.ReadyAnswer) { OtherStatus = (503, "Not ready.") },
        ["sam-docs"] = new("A page that shows this document and sends requests", null) { MediaType = "text/html" },
        ["sam-openapi"] = new("This document", null) { MediaType = "application/json" },
    };
}
