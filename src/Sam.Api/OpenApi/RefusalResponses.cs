using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sam.Api.Admin;
using Sam.Api.Csc;
using Sam.Core.Results;

namespace Sam.Api.OpenApi;

/// <summary>The answers to refused requests, status by status: as the API's own renderer makes them of the codes.</summary>
internal static class RefusalResponses
{
    // Stands for a parameter's name in a text.
    private const string AnyName = "{name}";

    /// <summary>Responses by status.</summary>
    internal static IEnumerable<(int Status, JsonObject Response)> Of(bool isAdmin, IReadOnlyList<SamErrorCode> codes, AnswerSchemas schemas) =>
        isAdmin ? OfAdmin(codes, schemas) : OfCsc(codes, schemas);

    private static IEnumerable<(int Status, JsonObject Response)> OfAdmin(IReadOnlyList<SamErrorCode> codes, AnswerSchemas schemas)
    {
        JsonObject problem = schemas.Add(AdminJson.Web.Problem);
        return codes.Select(code => ProblemRenderer.Render(code)).GroupBy(p => p.Status).Select(group => (
            group.Key,
            Response(group.Key, "application/problem+json", isRetried: group.Key == 503 || group.Any(p => p.Code == nameof(SamErrorCode.RequestUnderWay)), group.Select(p => p.Title), problem, new JsonObject
            {
                ["status"] = new JsonObject { ["const"] = group.Key },
                ["code"] = Enum(group.Select(p => p.Code)),
            })));
    }

    private static IEnumerable<(int Status, JsonObject Response)> OfCsc(IReadOnlyList<SamErrorCode> codes, AnswerSchemas schemas)
    {
        JsonObject error = schemas.Add(CscJson.Web.CscError);
        return codes.Select(code => CscErrorRenderer.Render(new Refusal(code, AnyName))).GroupBy(e => e.Status).Select(group =>
        {
            string[] texts = [.. group.Select(e => e.Description!).Distinct()];
            return (group.Key, Response(group.Key, "application/json", isRetried: CscErrorRenderer.SaysWhen(group.Key), texts, error, new JsonObject
            {
                ["error"] = Enum(group.Select(e => e.Error)),
                ["error_description"] = Texts(texts),
            }));
        });
    }

    private static JsonObject Response(int status, string mediaType, bool isRetried, IEnumerable<string> meanings, JsonObject schema, JsonObject members)
    {
        JsonObject response = new() { ["description"] = string.Join("\n", meanings.Distinct().Select(m => $"- {m}")) };
        JsonObject headers = [];
        if (status == 401)
        {
            headers["WWW-Authenticate"] = new JsonObject { ["$ref"] = "#/components/headers/WWW-Authenticate" };
        }

        if (isRetried)
        {
            headers["Retry-After"] = new JsonObject { ["$ref"] = "#/components/headers/Retry-After" };
        }

        if (headers.Count > 0)
        {
            response["headers"] = headers;
        }

        response["content"] = new JsonObject
        {
            [mediaType] = new JsonObject
            {
                ["schema"] = new JsonObject { ["allOf"] = new JsonArray(schema.DeepClone(), new JsonObject { ["properties"] = members }) },
            },
        };
        return response;
    }

    private static JsonObject Texts(string[] texts)
    {
        string[] whole = [.. texts.Where(t => !t.Contains(AnyName, StringComparison.Ordinal))];
        JsonObject[] schemas =
        [
            .. whole.Length == 0 ? [] : new[] { Enum(whole) },
            .. texts.Except(whole).Select(t => new JsonObject { ["pattern"] = string.Create(CultureInfo.InvariantCulture, $"^{Escape(t)}$") }),
        ];
        return schemas is [{ } only] ? only : new JsonObject { ["anyOf"] = new JsonArray(schemas) };
    }

    /// <summary>As a regular expression of ECMA-262, which takes no escape that means nothing.</summary>
    private static string Escape(string text) =>
        string.Join("\\S+", text.Split(AnyName).Select(part => Regex.Escape(part).Replace("\\ ", " ", StringComparison.Ordinal).Replace("\\#", "#", StringComparison.Ordinal)));

    private static JsonObject Enum(IEnumerable<string> values) => new() { ["enum"] = new JsonArray([.. values.Distinct().Select(v => JsonValue.Create(v))]) };
}
