namespace Sam.Api.OpenApi;

/// <summary>Files that travel in the assembly.</summary>
internal static class EmbeddedFile
{
    /// <exception cref="InvalidOperationException">There is none of this name.</exception>
    internal static byte[] Read(string name)
    {
        using Stream stream = typeof(EmbeddedFile).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
