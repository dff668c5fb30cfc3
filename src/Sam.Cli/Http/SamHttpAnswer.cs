namespace Sam.Cli.Http;

/// <summary>What came back. A class: a record would print a body that may hold a SAD.</summary>
internal sealed class SamHttpAnswer(int status, byte[] body, string? etag)
{
    internal int Status => status;

    internal byte[] Body => body;

    /// <summary>The header ETag as it came; null without one.</summary>
    internal string? ETag => etag;

    internal bool IsSuccess => status is >= 200 and < 300;
}
