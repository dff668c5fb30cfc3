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

    /// <summary>A body as JSON, with its version and its place where there are such.</summary>
    public static SamResponse Ok<T>(T body, JsonTypeInfo<T> type, int status = 200, string? etag = null, string? location = null) =>
        new Body(status, "application/json;charset=UTF-8", JsonSerializer.SerializeToUtf8Bytes(body, type)) { ETag = etag, Location = location };

    /// <summary>A refusal.</summary>
    public static SamResponse Refuse(Refusal refusal) => new Refused(refusal);

    /// <summary>Status, media type and content.</summary>
    public sealed record Body(int Status, string MediaType, ReadOnlyMemory<byte> Content) : SamResponse
    {
        /// <summary>The version of what is told, with its quotation marks; null where there is none.</summary>
        public string? ETag { get; init; }

        /// <summary>Where what was made is found; null where nothing was.</summary>
        public string? Location { get; init; }

        /// <summary>What a page may do; null for what is none.</summary>
        public string? ContentSecurityPolicy { get; init; }
    }

    /// <summary>Status 204.</summary>
    public sealed record Empty : SamResponse;

    /// <summary>Not answered but refused; the pipeline counts and renders it.</summary>
    public sealed record Refused(Refusal Refusal) : SamResponse;
}
