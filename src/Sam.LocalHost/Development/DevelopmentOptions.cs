namespace Sam.LocalHost.Development;

/// <summary>Section <c>Sam:Development</c>, read in the Development environment only.</summary>
internal sealed class DevelopmentOptions
{
    /// <summary>
    /// Where the development issuer's key is kept; made there when missing. Hosts that share the file accept each other's tokens, and tokens
    /// outlive a restart. Null: a key of this process, gone with it.
    /// </summary>
    public string? IssuerKeyFile { get; set; }

    /// <summary>
    /// The file with the deployment's one-time secret, which names the first officers, for whoever initialises a development deployment by hand. Null: one that only the development officers know.
    /// </summary>
    public string? InitializationSecretFile { get; set; }
}
