using System.Text.Json;
using Sam.Core.Officers;
using Sam.Testing.InMemory;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Sam.Tests.Pipeline;

namespace Sam.Tests.Admin;

/// <summary>Requests that make something, under idempotency keys.</summary>
internal sealed class CreationBed : IAsyncDisposable
{
    internal const string Key = "a key of the console's own choice";

    private readonly AdminBed _admin;

    private CreationBed(AdminBed admin, TestOfficer rita, TestOfficer rolf)
    {
        _admin = admin;
        (Rita, Rolf) = (rita, rolf);
    }

    /// <summary>What can be made under a key, and is told again.</summary>
    internal static IReadOnlyList<string> Made { get; } = ["signer", "credential", "proposal"];

    internal AdminBed Admin => _admin;

    internal SamTestBed Sam => _admin.Officers.Bed;

    /// <summary>A registration officer.</summary>
    internal TestOfficer Rita { get; }

    /// <summary>Another one.</summary>
    internal TestOfficer Rolf { get; }

    /// <summary>Whose credentials are made.</summary>
    internal string Signer { get; private set; } = string.Empty;

    internal static async Task<CreationBed> OpenAsync()
    {
        AdminBed admin = await AdminBed.OpenAsync();
        CreationBed bed = new(
            admin, await admin.Officers.AddAsync("rita", PrivilegedRole.RegistrationOfficer), await admin.Officers.AddAsync("rolf", PrivilegedRole.RegistrationOfficer));
        bed.Signer = Json(await bed.SendAsync("signer", "sina", key: null)).GetProperty("id").GetString()!;
        return bed;
    }

    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    /// <summary>Whether a call notes a key.</summary>
    internal static bool IsBegun(RowStoreCall call) => call.Kind == RowStoreCallKind.Insert && call.Address.PartitionKey.StartsWith("requests-", StringComparison.Ordinal);

    internal static JsonElement Json(Answer answer) => JsonElement.Parse(answer.Text);

    internal static string Body(string what, string name) => what switch
    {
        "signer" => $$"""{"userID":"{{name}}","issuer":"https://issuer.test","subject":"{{name}}","proofing":"file {{name}}","identity":{"commonName":"{{name}}"},"clients":["sca"]}""",
        "credential" => $$"""{"key":"p256","description":"{{name}}"}""",
        _ => $$"""{"kind":"approve-client","client":"{{name}}"}""",
    };

    internal string Target(string what) => what switch
    {
        "signer" => "/sam/v1/signers",
        "credential" => $"/sam/v1/signers/{Signer}/credentials",
        _ => "/sam/v1/proposals",
    };

    internal Task<Answer> SendAsync(string what, string name, string? key = Key) =>
        _admin.SendAsync(what == "proposal" ? _admin.Officers.Three[0] : Rita, "POST", Target(what), Body(what, name), idempotencyKey: key);

    internal async Task<int> CountAsync(string what, string name)
    {
        JsonElement items = Json(await _admin.SendAsync(Rita, "GET", what == "credential" ? Target(what) : $"{Target(what)}?limit=200")).GetProperty("items");
        return items.EnumerateArray().Count(item => what switch
        {
            "signer" => item.GetProperty("userID").GetString() == name,
            "credential" => item.GetProperty("description").GetString() == name,
            _ => item.GetProperty("change").TryGetProperty("client", out JsonElement client) && client.GetString() == name,
        });
    }
}
