using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sam.LocalHost.Development;

/// <summary>The development officers, and what initialises a deployment with them. A class: a record would print it.</summary>
internal sealed class DevelopmentOfficersAnswer
{
    /// <summary>Whose logins the subjects are.</summary>
    public required string Issuer { get; init; }

    /// <summary>The deployment's one-time secret; absent where it has another one.</summary>
    public required string? Secret { get; init; }

    public required IReadOnlyList<DevelopmentOfficerAnswer> Officers { get; init; }
}

/// <summary>One of them. A class: a record would print the key.</summary>
internal sealed class DevelopmentOfficerAnswer
{
    public required string Subject { get; init; }

    public required string Role { get; init; }

    /// <summary>PKCS#8, DER.</summary>
    public required byte[] Key { get; init; }
}

[JsonSerializable(typeof(DevelopmentOfficersAnswer))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, long>))]
internal sealed partial class DevelopmentJson : JsonSerializerContext
{
    internal static DevelopmentJson Web { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
