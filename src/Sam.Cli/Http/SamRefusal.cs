namespace Sam.Cli.Http;

/// <summary>The answer of a SAM that did not do what it was asked.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">The member <c>error</c>; <c>HTTP nnn</c> where the body has none.</param>
/// <param name="Description">The member <c>error_description</c>; empty where the body has none.</param>
internal sealed record SamRefusal(int Status, string Error, string Description)
{
    /// <summary>The line that people read: <c>error: error_description</c>.</summary>
    public override string ToString() => Printable.OneLine(Description.Length == 0 ? Error : $"{Error}: {Description}");
}
