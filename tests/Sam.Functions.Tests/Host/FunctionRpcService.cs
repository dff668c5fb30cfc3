using Grpc.Core;
using Sam.Functions.Tests.Host.Rpc;

namespace Sam.Functions.Tests.Host;

/// <summary>The gRPC service that a worker calls when it starts.</summary>
internal sealed class FunctionRpcService(WorkerSession session) : FunctionRpc.FunctionRpcBase
{
    public override Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context) =>
        session.RunAsync(requestStream, responseStream, context.CancellationToken);
}
