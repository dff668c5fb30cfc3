using System.Text.Json.Nodes;

namespace Sam.Api.OpenApi;

/// <summary>What many operations share: how callers show who they are, parameters and headers.</summary>
internal static class SharedParts
{
    internal const string Token = "accessToken";
    internal const string Proof = "samProof";

    internal static JsonObject Header(string name) => new() { ["$ref"] = $"#/components/headers/{name}" };

    internal static JsonObject Parameter(string name) => new() { ["$ref"] = $"#/components/parameters/{name}" };

    internal static JsonObject SecuritySchemes() => new()
    {
        [Token] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "JWT", ["description"] = "An access token of this service's issuer." },
        [Proof] = new JsonObject
        {
            ["type"] = "apiKey",
            ["in"] = "header",
            ["name"] = "Sam-Proof",
            ["description"] =
                "A compact JWS, header exactly {\"alg\":\"ES256\",\"typ\":\"sam-proof+jwt\"}, by the P-256 key that the privileged user enrolled, over sam (the deployment's id, from /sam/v1/status), "
                + "htm, htu (path and query), ath and bdh (SHA-256 of token and body, base64url), ifm and idk (the headers If-Match and Idempotency-Key, if sent), jti and iat. Good once, and for a minute.",
        },
    };

    internal static JsonObject Parameters() => new()
    {
        ["signer"] = InPath("signer", "The signer's id.", "^[0-9a-f]{32}$"),
        ["credential"] = InPath("credential", "The credential's id.", "^[0-9a-f]{32}-[0-9a-f]{16}$"),
        ["approval"] = InPath("approval", "The approval's id.", "^[0-9a-f]{32}$"),
        ["proposal"] = InPath("proposal", "The proposal's id.", "^[0-9a-f]{32}$"),
        ["chain"] = InPath("chain", "The chain's id.", "^[0-9a-f]{32}$"),
        ["sequence"] = InPath("sequence", "The number of the row in its chain, from 0.", "^[0-9]{1,12}$"),
        ["index"] = InPath("index", "The number of the record in its row, from 0.", "^[0-9]{1,9}$"),
        ["transaction"] = InPath("transaction", "The transaction's id.", "^[0-9a-f]{32}$"),
        ["limit"] = InQuery("limit", "How many at most.", new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = 200, ["default"] = 50 }),
        ["page"] = InQuery("page", "What the page before said in next; absent for the first one.", new JsonObject { ["type"] = "string", ["maxLength"] = 512 }),
        ["If-Match"] = InHeader("If-Match", "The version that the change starts from: one ETag, as an answer gave it.", isRequired: true, new JsonObject { ["type"] = "string", ["pattern"] = "^\"([0-9a-f]{2})+\"$" }),
        ["Idempotency-Key"] = InHeader(
            "Idempotency-Key", "Names this request, so that it can be sent again: the client's own choice, printable ASCII.", isRequired: false,
            new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 255 }),
    };

    internal static JsonObject Headers() => new()
    {
        ["ETag"] = Of("The version of what is told."),
        ["Location"] = Of("Where what was made is found."),
        ["Retry-After"] = Of("In how many seconds to try again."),
        ["WWW-Authenticate"] = Of("Bearer, and what is wrong with the token."),
    };

    private static JsonObject Of(string meaning) => new() { ["description"] = meaning, ["schema"] = new JsonObject { ["type"] = "string" } };

    private static JsonObject InPath(string name, string meaning, string pattern) =>
        Parameter(name, "path", meaning, isRequired: true, new JsonObject { ["type"] = "string", ["pattern"] = pattern });

    private static JsonObject InQuery(string name, string meaning, JsonObject schema) => Parameter(name, "query", meaning, isRequired: false, schema);

    private static JsonObject InHeader(string name, string meaning, bool isRequired, JsonObject schema) => Parameter(name, "header", meaning, isRequired, schema);

    private static JsonObject Parameter(string name, string place, string meaning, bool isRequired, JsonObject schema) =>
        new() { ["name"] = name, ["in"] = place, ["description"] = meaning, ["required"] = isRequired, ["schema"] = schema };
}
