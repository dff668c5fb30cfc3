namespace Sam.Tests.Pipeline;

/// <summary>A body that counts how often and how far it is read, and may give a little at a time or fail.</summary>
internal sealed class CountedBody(byte[] content, int atATime = int.MaxValue) : Stream
{
    private int _position;

    /// <summary>All of it.</summary>
    internal ReadOnlyMemory<byte> Content => content;

    internal int Reads { get; private set; }

    internal int BytesRead => _position;

    /// <summary>Thrown by the next read.</summary>
    internal Exception? Fault { get; init; }

    /// <summary>Awaited before each read.</summary>
    internal Func<Task>? Before { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await (Before?.Invoke() ?? Task.CompletedTask);
        cancellationToken.ThrowIfCancellationRequested();
        return Read(buffer.Span);
    }

    public override int Read(Span<byte> buffer)
    {
        Reads++;
        if (Fault is not null)
        {
            throw Fault;
        }

        int count = Math.Min(Math.Min(buffer.Length, atATime), content.Length - _position);
        content.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
