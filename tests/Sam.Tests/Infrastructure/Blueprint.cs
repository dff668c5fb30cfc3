using System.Text.Json;

namespace Sam.Tests.Infrastructure;

/// <summary>Everything that both layers would deploy at one stage.</summary>
internal sealed class Blueprint(string stage, IReadOnlyList<PredictedResource> resources)
{
    internal const string Tenant = "00000000-0000-0000-0000-000000000002";
    internal const string Subscription = "00000000-0000-0000-0000-000000000001";
    internal const string EntraClientId = "22222222-2222-2222-2222-222222222222";

    internal static string InitializationSecretDigest { get; } = new('a', 64);

    private static readonly string[] _layers = ["keys", "main"];

    /// <summary>What azd and the first layer would say to the parameter files.</summary>
    internal static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["AZURE_ENV_NAME"] = "sam",
        ["AZURE_LOCATION"] = "japaneast",
        ["AZURE_PRINCIPAL_ID"] = "11111111-1111-1111-1111-111111111111",
        ["SAM_VAULT_ADDRESS"] = "https://samhsm.managedhsm.azure.net/",
        ["SAM_ENTRA_CLIENT_ID"] = EntraClientId,
        ["SAM_INITIALIZATION_SECRET_DIGEST"] = InitializationSecretDigest,
    };

    internal string Stage => stage;

    internal bool IsProduction => stage == "production";

    internal IReadOnlyList<PredictedResource> Resources => resources;

    internal static async Task<Blueprint> DrawAsync(BicepCompiler compiler, string folder, string stage)
    {
        List<PredictedResource> resources = [];
        foreach (string layer in _layers)
        {
            // One compiler serves both stages, and its environment is fixed when it starts: the choice is written into a copy of the file.
            string source = Path.Combine(folder, $"{layer}.bicepparam");
            string chosen = Path.Combine(folder, $"{layer}.{stage}.bicepparam");
            await File.WriteAllTextAsync(chosen, (await File.ReadAllTextAsync(source)).Replace("readEnvironmentVariable('SAM_STAGE')", $"'{stage}'", StringComparison.Ordinal));
            using JsonDocument snapshot = JsonDocument.Parse(await compiler.PredictAsync(chosen));
            resources.AddRange(snapshot.RootElement.GetProperty("predictedResources").EnumerateArray().Select(r => new PredictedResource(r.Clone())));
        }

        return new Blueprint(stage, resources);
    }

    internal IEnumerable<PredictedResource> Of(string type) => resources.Where(r => r.Is(type));

    internal PredictedResource One(string type) => Of(type).Single();
}
