namespace Sam.Testing.OpenApi;

/// <summary>A request and its answer, as they passed.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, without its query.</param>
/// <param name="Body">What was sent.</param>
/// <param name="Status">The answer's status.</param>
/// <param name="MediaType">The answer's media type, without parameters; null for none.</param>
/// <param name="Headers">The names of the answer's headers.</param>
/// <param name="Answer">The answer's body.</param>
public sealed record RecordedExchange(
    string Method, string Path, ReadOnlyMemory<byte> Body, int Status, string? MediaType, IReadOnlyCollection<string> Headers, ReadOnlyMemory<byte> Answer)
{
    /// <summary>The request may have members that nobody reads, as clients' requests may.</summary>
    public bool HasStrangers { get; init; }
}
