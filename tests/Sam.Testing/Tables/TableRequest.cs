using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sam.Core.Rows;

namespace Sam.Testing.Tables;

/// <summary>A request to the table service, as the wire has it.</summary>
/// <param name="Kind">What it asks.</param>
/// <param name="Table">The table's name, with its prefix; empty where there is none.</param>
/// <param name="PartitionKey">Null where the request does not name one.</param>
/// <param name="RowKey">Null where the request does not name one.</param>
/// <param name="IfMatch">The condition; null if there is none.</param>
/// <param name="Prefer">What it would rather have in the answer; null if it does not say.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Target">Path and query.</param>
public sealed partial record TableRequest(
    TableRequestKind Kind, string Table, string? PartitionKey, string? RowKey, string? IfMatch, string? Prefer, string Method, string Target)
{
    /// <summary>Whether it is one that must not be sent twice.</summary>
    public bool IsWrite => Kind is not (TableRequestKind.Read or TableRequestKind.List);

    /// <summary>Whether it is about this table, under whatever prefix.</summary>
    public bool Is(SamTable table) => Table.EndsWith(table.ToString(), StringComparison.Ordinal);

    /// <summary>Whether it is of this kind, about this table.</summary>
    public bool Is(TableRequestKind kind, SamTable table) => Kind == kind && Is(table);

    internal static TableRequest Parse(string method, string target, string? ifMatch, string? prefer, ReadOnlySpan<byte> body)
    {
        string resource = Uri.UnescapeDataString(target.Split('?')[0].Split('/', 3).Last());
        Match row = Row().Match(resource);
        TableRequestKind kind = (method, resource) switch
        {
            ("POST", "$batch") => TableRequestKind.Commit,
            ("POST", "Tables") => TableRequestKind.CreateTable,
            ("GET", _) when row.Success => TableRequestKind.Read,
            ("GET", _) => TableRequestKind.List,
            ("POST", _) => TableRequestKind.Insert,
            ("PUT", _) => TableRequestKind.Replace,
            ("MERGE" or "PATCH", _) => TableRequestKind.Merge,
            ("DELETE", _) when row.Success => TableRequestKind.Delete,
            _ => TableRequestKind.Other,
        };
        return kind switch
        {
            TableRequestKind.Commit => new(kind, FirstTable().Match(Encoding.UTF8.GetString(body)).Groups["table"].Value, null, null, ifMatch, prefer, method, target),
            TableRequestKind.Insert => new(kind, resource, Property(body, "PartitionKey"), Property(body, "RowKey"), ifMatch, prefer, method, target),
            TableRequestKind.CreateTable => new(kind, Property(body, "TableName") ?? "", null, null, ifMatch, prefer, method, target),
            _ when row.Success => new(kind, row.Groups["table"].Value, row.Groups["partition"].Value, row.Groups["row"].Value, ifMatch, prefer, method, target),
            _ => new(kind, resource.Split('(')[0], null, null, ifMatch, prefer, method, target),
        };
    }

    private static string? Property(ReadOnlySpan<byte> body, string name)
    {
        Utf8JsonReader json = new(body);
        using JsonDocument document = JsonDocument.ParseValue(ref json);
        return document.RootElement.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
    }

    [GeneratedRegex(@"^(?<table>\w+)\(PartitionKey='(?<partition>[^']*)',RowKey='(?<row>[^']*)'\)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    // The requests inside a group transaction name the table in their targets.
    [GeneratedRegex(@"^(POST|PUT|DELETE|MERGE|PATCH) \w+://[^/]+/\w+/(?<table>\w+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex FirstTable();
}
