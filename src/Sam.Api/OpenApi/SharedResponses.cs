using System.Text.Json.Nodes;

namespace Sam.Api.OpenApi;

/// <summary>Refusals that several operations have in common stand in the document once, under the name of the first operation that has them.</summary>
internal static class SharedResponses
{
    /// <summary>Takes them out of the operations, and gives them by name.</summary>
    internal static JsonObject TakeFrom(JsonObject paths)
    {
        (string Name, JsonObject All, string Status)[] places =
        [
            .. paths.SelectMany(path => path.Value!.AsObject()).Select(o => o.Value!.AsObject())
                .SelectMany(o => o["responses"]!.AsObject().Select(r => ($"{o["operationId"]}.{r.Key}", o["responses"]!.AsObject(), r.Key))),
        ];
        JsonObject shared = [];
        foreach (IGrouping<string, (string Name, JsonObject All, string Status)> same in places.GroupBy(p => p.All[p.Status]!.ToJsonString(), StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            string name = same.First().Name;
            shared[name] = same.First().All[same.First().Status]!.DeepClone();
            foreach ((string _, JsonObject all, string status) in same)
            {
                all[status] = new JsonObject { ["$ref"] = $"#/components/responses/{name}" };
            }
        }

        return shared;
    }
}
