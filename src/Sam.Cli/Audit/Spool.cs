using Microsoft.Win32.SafeHandles;

namespace Sam.Cli.Audit;

/// <summary>Entries of one size in a file that goes with the process: an audit of years must not be held in memory.</summary>
internal sealed class Spool : IDisposable
{
    private const int BufferSize = 1 << 16;

    private readonly FileStream _file;
    private readonly int _size;

    internal Spool(int size)
    {
        _size = size;
        _file = new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose,
            BufferSize = BufferSize,
        });
    }

    internal long Count { get; private set; }

    public void Dispose() => _file.Dispose();

    internal void Add(ReadOnlySpan<byte> entry)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(entry.Length, _size);
        _file.Write(entry);
        Count++;
    }

    /// <summary>All was added.</summary>
    internal SafeFileHandle Close()
    {
        _file.Flush();
        return _file.SafeFileHandle;
    }

    internal void Read(SafeFileHandle closed, long index, Span<byte> entry)
    {
        if (RandomAccess.Read(closed, entry[.._size], index * _size) != _size)
        {
            throw new IOException("A temporary file was cut off.");
        }
    }
}
