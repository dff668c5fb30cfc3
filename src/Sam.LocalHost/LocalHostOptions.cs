namespace Sam.LocalHost;

/// <summary>Where this host finds its stores: sections <c>Sam:Storage</c> and <c>Sam:Audit</c>.</summary>
internal sealed class StoreOptions
{
    /// <summary>A connection string of Table Storage or Azurite.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>What the names of the tables begin with: 3 to 20 lower-case letters and digits, the first a letter.</summary>
    public string TablePrefix { get; set; } = "sam";
}
