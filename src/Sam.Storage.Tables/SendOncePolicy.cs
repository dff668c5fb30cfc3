using Azure.Core;
using Azure.Core.Pipeline;

namespace Sam.Storage.Tables;

/// <summary>
/// Gives DELETE an empty body. SocketsHttpHandler sends a request without a body again, on its own and up to three times, when the connection is closed before the answer:
/// the second DELETE would find the row gone and answer Conflict to the call that won. A request with a body is sent once.
/// </summary>
internal sealed class SendOncePolicy : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        if (message.Request.Method == RequestMethod.Delete)
        {
            message.Request.Content ??= RequestContent.Create(ReadOnlyMemory<byte>.Empty);
        }
    }
}
