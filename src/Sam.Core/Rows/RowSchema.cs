using System.Text.Json.Serialization.Metadata;

namespace Sam.Core.Rows;

/// <summary>A kind of row: its name and version, which the seal covers, and its JSON form inside the seal.</summary>
internal sealed record RowSchema<T>(string Name, JsonTypeInfo<T> Json)
    where T : class;
