using System.Text.Json.Nodes;

namespace Sam.Api.OpenApi;

/// <summary>The schema of a body that is one of several kinds: the changes that two officers sign.</summary>
internal static class ChangeSchema
{
    internal const string Name = "OfficerChange";

    internal static JsonObject Of(IReadOnlyDictionary<string, IReadOnlyList<RequestMember>> kinds) => new()
    {
        ["oneOf"] = new JsonArray([.. kinds.Select(kind => RequestMember.ToSchema([RequestMember.OneOf("kind", "The kind of change, the first member.", kind.Key), .. kind.Value], isClosed: true))]),
    };
}
