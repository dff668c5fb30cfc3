using System.Text.Json;
using Sam.Functions.Tests.Host.Rpc;

namespace Sam.Functions.Tests.Host;

/// <summary>The httpTrigger of a function, as its metadata describe it.</summary>
/// <param name="Parameter">The parameter that it binds.</param>
/// <param name="Route">The route, without the prefix.</param>
/// <param name="Methods">The methods, upper-case; none: any.</param>
/// <param name="AuthLevel">Who the host lets through.</param>
internal sealed record HttpTrigger(string Parameter, string Route, IReadOnlyList<string> Methods, string AuthLevel)
{
    /// <summary>The trigger, or null for a function of another kind.</summary>
    internal static HttpTrigger? Of(RpcFunctionMetadata function)
    {
        foreach (string raw in function.RawBindings)
        {
            using JsonDocument binding = JsonDocument.Parse(raw);
            JsonElement root = binding.RootElement;
            if (Text(root, "type") == "httpTrigger")
            {
                string[] methods = root.TryGetProperty("methods", out JsonElement named) ? [.. named.EnumerateArray().Select(m => m.GetString()!.ToUpperInvariant())] : [];
                return new HttpTrigger(Text(root, "name")!, Text(root, "route") ?? function.Name, methods, Text(root, "authLevel")!);
            }
        }

        return null;
    }

    private static string? Text(JsonElement binding, string name) => binding.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
