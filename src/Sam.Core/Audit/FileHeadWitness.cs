using System.Text;

namespace Sam.Core.Audit;

/// <summary>
/// Heads as lines <c>CHAIN SEQUENCE HASH</c> at the end of a file. Where the file may only be added to, is for its owner to see to: a mount, an attribute, a copy elsewhere.
/// </summary>
public sealed class FileHeadWitness : IHeadWitness
{
    private readonly string _path;

    /// <summary>Opens nothing yet.</summary>
    public FileHeadWitness(string path) => _path = path;

    /// <inheritdoc/>
    public async Task KeepAsync(ChainHead head, CancellationToken cancellationToken)
    {
        // One process at a time: of two that add at once, one would write over the other's line, and so it is refused and comes again.
        FileStream file = new(_path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, Options = FileOptions.WriteThrough });
        await using (file)
        {
            string line = head.ToLine() + "\n";
            byte[] bytes = Encoding.ASCII.GetBytes(IsWhole(file) ? line : "\n" + line);
            await file.WriteAsync(bytes, cancellationToken);
            await file.FlushAsync(cancellationToken);
        }
    }

    /// <summary>A process that ended in the middle of a line must not spoil the next one. Leaves the file at its end.</summary>
    private static bool IsWhole(FileStream file)
    {
        if (file.Length == 0)
        {
            return true;
        }

        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }
}
