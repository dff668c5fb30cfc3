using System.Text.Json.Serialization.Metadata;
using Sam.Core.Results;

namespace Sam.Api.OpenApi;

/// <summary>
/// What the OpenAPI document says of a route beyond what the route itself says. It stands beside the route's handlers. Who may use a route, and the refusals that come with that, with the
/// gate and with reading a body, are taken from the route.
/// </summary>
/// <param name="Summary">One line.</param>
/// <param name="Answer">The type of the answer's body; null for none.</param>
/// <param name="Refusals">Why this route refuses, beside what every route of its kind does.</param>
internal sealed record RouteDescription(string Summary, JsonTypeInfo? Answer, params IReadOnlyList<SamErrorCode> Refusals)
{
    /// <summary>What an idempotency key does for what is made.</summary>
    internal const string MadeOnce =
        "With an Idempotency-Key it is made once: who lost the answer sends the same request (a new proof, the same bytes) with the same key within 24 hours, and is told what was made, as it is by then. "
        + "While the first one is being served, 409 with Retry-After; so it is for a minute after one that broke off.";

    /// <summary>What the summary has no room for.</summary>
    internal string? Details { get; init; }

    /// <summary>The status with the answer.</summary>
    internal int Status { get; init; } = 200;

    /// <summary>A second status with the same body, and what it means.</summary>
    internal (int Status, string Meaning)? OtherStatus { get; init; }

    /// <summary>The type of what is answered with 202, while the answer is still to come; null where that cannot be.</summary>
    internal JsonTypeInfo? Pending { get; init; }

    /// <summary>The members of the body that are read.</summary>
    internal IReadOnlyList<RequestMember> Body { get; init; } = [];

    /// <summary>For a body that is one of several kinds: by the member <c>kind</c>, and without further members.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<RequestMember>>? Kinds { get; init; }

    /// <summary>The media type of an answer that is no JSON of ours.</summary>
    internal string? MediaType { get; init; }

    /// <summary>A change of what has versions: the request names one.</summary>
    internal bool IsVersioned { get; init; }

    /// <summary>The answer says the version.</summary>
    internal bool HasETag { get; init; }

    /// <summary>The answer says where what was made is found.</summary>
    internal bool HasLocation { get; init; }

    /// <summary>A list in pages.</summary>
    internal bool IsPaged { get; init; }

    /// <summary>The request may carry an idempotency key, and what that does.</summary>
    internal string? Idempotency { get; init; }

    /// <summary>The request carries a proof although the route asks for no role.</summary>
    internal bool IsProved { get; init; }
}
