using System.Text.Json.Serialization;

namespace Sam.Cli.Http;

// What travels where the signer's device approves, and where a SAD is exchanged for the next.

internal sealed class HandleAnswer
{
    public required Secret Handle { get; init; }
}

/// <summary>The SAD, or the handle again while the signer has not decided.</summary>
internal sealed class CheckAnswer
{
    [JsonPropertyName("SAD")]
    public Secret? SAD { get; init; }

    public Secret? Handle { get; init; }
}

internal sealed class ChallengeRequest
{
    public required string CredentialID { get; init; }

    public string AuthObjectID { get; init; } = "DEVICE-ANSWER";
}

internal sealed class ChallengeAnswer
{
    public required string Challenge { get; init; }
}

internal sealed class ExtendRequest
{
    public required string CredentialID { get; init; }

    [JsonPropertyName("SAD")]
    public required Secret SAD { get; init; }
}
