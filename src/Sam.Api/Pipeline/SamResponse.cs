using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sam.Core.Results;

namespace Sam.Api.Pipeline;

/// <summary>What a handler answers: a body, nothing, or a refusal for the renderer.</summary>
public abstract record SamResponse
{
    // Closed: the cases below are all there are.
    private SamResponse()
    {
    }

    /// <summary>A body as JSON.</summary>
    public static SamResponse Ok<T>(T body, JsonTypeInfo<T> type, int status = 200) => new Body(status, "application/json;charset=UTF-8", JsonSerializer.SerializeToUtf8Bytes(body, type));

    /// <summary>A refusal.</summary>
    public static SamResponse Refuse(Refusal refusal) => new Refused(refusal);

    /// <summary>Status, media type and content.</summary>
    public sealed record Body(int Status, string MediaType, ReadOnlyMemory<byte> Content) : SamResponse;

    /// <summary>Status 204.</summary>
    public sealed record Empty : SamResponse;

    /// <summary>Not answered but refused; the pipeline counts and renders it.</summary>
    public sealed record Refused(Refusal Refusal) : SamResponse;
}
