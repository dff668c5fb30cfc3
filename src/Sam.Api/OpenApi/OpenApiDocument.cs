using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sam.Api.Admin;
using Sam.Api.Pipeline;
using Sam.Core.Officers;

namespace Sam.Api.OpenApi;

/// <summary>
/// Writes the OpenAPI 3.1 document of a table of routes. It is written when sources change (<c>./dev openapi</c>), reviewed with them and embedded: a SAM only hands it out.
/// </summary>
internal static partial class OpenApiDocument
{
    // A document is read by people too; it stands in no page, so quotation marks stay as they are.
    private static readonly JsonSerializerOptions _readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>The document, with a line feed at its end.</summary>
    /// <exception cref="InvalidOperationException">A route has no description, or a description no route.</exception>
    internal static string Write(IReadOnlyList<SamRoute> routes)
    {
        string[] orphans = [.. RouteDescriptions.All.Keys.Except(routes.Select(r => r.Name))];
        if (orphans.Length > 0)
        {
            throw new InvalidOperationException($"These descriptions have no route: {string.Join(", ", orphans)}.");
        }

        AnswerSchemas schemas = new();
        JsonObject paths = [];
        foreach (SamRoute route in routes)
        {
            if (!RouteDescriptions.All.TryGetValue(route.Name, out (string Group, RouteDescription Description) described))
            {
                throw new InvalidOperationException($"The route {route.Name} has no description: it wants one beside its handler.");
            }

            if (paths[route.Path] is not JsonObject path)
            {
                paths[route.Path] = path = [];
            }

            foreach (string method in route.Methods)
            {
                string id = method == route.Methods[0] ? route.Name : $"{route.Name}-{Lower(method)}";
                path[Lower(method)] = Operation(id, route, described.Group, described.Description, schemas);
            }
        }

        JsonObject responses = SharedResponses.TakeFrom(paths);
        JsonObject document = new()
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "FunctionsSam",
                ["version"] = "1",
                ["description"] = "A signature activation module: the CSC API, version 2, for signature creation applications, and the Admin API for privileged users and signers.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["tags"] = new JsonArray([.. RouteDescriptions.Groups.Select(group => new JsonObject { ["name"] = group })]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = SharedParts.SecuritySchemes(),
                ["parameters"] = SharedParts.Parameters(),
                ["headers"] = SharedParts.Headers(),
                ["responses"] = responses,
                ["schemas"] = schemas.ToComponents(),
            },
        };
        return $"{document.ToJsonString(_readable)}\n";
    }

    private static JsonObject Operation(string id, SamRoute route, string group, RouteDescription description, AnswerSchemas schemas)
    {
        JsonObject operation = new() { ["operationId"] = id, ["tags"] = new JsonArray(group), ["summary"] = description.Summary };
        string[] details = [.. new[] { WhoMay(route.Policy), description.Details, description.Idempotency }.OfType<string>()];
        if (details.Length > 0)
        {
            operation["description"] = string.Join("\n\n", details);
        }

        operation["security"] = Security(route.Policy, description);
        JsonArray parameters = Parameters(route, description);
        if (parameters.Count > 0)
        {
            operation["parameters"] = parameters;
        }

        if (route.ReadsBody)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = Content("application/json", description.Kinds is { } kinds
                    ? schemas.Add(ChangeSchema.Name, ChangeSchema.Of(kinds))
                    : RequestMember.ToSchema(description.Body)),
            };
        }

        operation["responses"] = Responses(route, description, schemas);
        return operation;
    }

    private static JsonObject Responses(SamRoute route, RouteDescription description, AnswerSchemas schemas)
    {
        SortedDictionary<int, JsonObject> responses = [];
        foreach ((int status, JsonObject refusal) in RefusalResponses.Of(AdminSurface.Has(route.Path), RouteRefusals.Of(route, description), schemas))
        {
            responses.Add(status, refusal);
        }

        responses.Add(description.Status, Answer(description, "Done.", schemas));
        if (description.OtherStatus is { } other)
        {
            responses.Add(other.Status, Answer(description, other.Meaning, schemas));
        }

        if (description.Pending is { } pending)
        {
            responses.Add(202, new JsonObject { ["description"] = "Not decided yet.", ["content"] = Content("application/json", schemas.Add(pending)) });
        }

        return new JsonObject(responses.Select(r => KeyValuePair.Create(r.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)r.Value)));
    }

    private static JsonObject Answer(RouteDescription description, string meaning, AnswerSchemas schemas)
    {
        JsonObject answer = new() { ["description"] = meaning };
        JsonObject headers = [];
        if (description.HasETag)
        {
            headers["ETag"] = SharedParts.Header("ETag");
        }

        if (description is { Status: 201, HasLocation: true })
        {
            headers["Location"] = SharedParts.Header("Location");
        }

        if (headers.Count > 0)
        {
            answer["headers"] = headers;
        }

        if (description.MediaType is { } media)
        {
            answer["content"] = new JsonObject { [media] = new JsonObject() };
        }
        else if (description.Answer is { } type)
        {
            answer["content"] = Content("application/json", schemas.Add(type));
        }

        return answer;
    }

    private static JsonArray Parameters(SamRoute route, RouteDescription description) =>
    [
        .. PathParameter().Matches(route.Path).Select(m => SharedParts.Parameter(m.Groups["name"].Value)),
        .. description.IsPaged ? [SharedParts.Parameter("limit"), SharedParts.Parameter("page")] : Array.Empty<JsonObject>(),
        .. description.IsVersioned ? [SharedParts.Parameter("If-Match")] : Array.Empty<JsonObject>(),
        .. description.Idempotency is not null ? [SharedParts.Parameter("Idempotency-Key")] : Array.Empty<JsonObject>(),
    ];

    /// <summary>Both, for privileged users: a token without the proof is nobody's.</summary>
    private static JsonArray Security(RoutePolicy policy, RouteDescription description)
    {
        JsonObject needed = [];
        if (policy.Kind != CallerKind.Anybody)
        {
            needed[SharedParts.Token] = new JsonArray();
        }

        if (policy.Kind == CallerKind.Officer || description.IsProved)
        {
            needed[SharedParts.Proof] = new JsonArray();
        }

        return needed.Count == 0 ? [] : [needed];
    }

    private static string? WhoMay(RoutePolicy policy) => policy switch
    {
        { Right: { } right } => $"For the roles {string.Join(", ", Enum.GetValues<PrivilegedRole>().Where(role => role.Allows(right)).Select(role => role.ToName()))}.",
        { Kind: CallerKind.User } => "Under a user's own token, never a client's.",
        _ => null,
    };

    private static JsonObject Content(string mediaType, JsonObject schema) => new() { [mediaType] = new JsonObject { ["schema"] = schema } };

#pragma warning disable CA1308 // OpenAPI spells methods in small letters.
    private static string Lower(string method) => method.ToLowerInvariant();
#pragma warning restore CA1308

    [GeneratedRegex(@"\{(?<name>\w+)\}")]
    private static partial Regex PathParameter();
}
