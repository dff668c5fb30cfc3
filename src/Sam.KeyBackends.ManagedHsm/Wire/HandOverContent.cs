using Azure.Core;

namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>A request's body, which marks its operation as handed over right before its first byte is written to the connection.</summary>
internal sealed class HandOverContent : RequestContent
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly Operation _operation;

    internal HandOverContent(ReadOnlyMemory<byte> body, Operation operation)
    {
        _body = body;
        _operation = operation;
    }

    public override async Task WriteToAsync(Stream stream, CancellationToken cancellation)
    {
        HandOver();
        await stream.WriteAsync(_body, cancellation);
    }

    public override void WriteTo(Stream stream, CancellationToken cancellation)
    {
        HandOver();
        stream.Write(_body.Span);
    }

    public override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }

    public override void Dispose()
    {
    }

    private void HandOver()
    {
        if (!_operation.TryHandOver())
        {
            throw new OperationCanceledException("The call was taken back before it was sent.");
        }
    }
}
