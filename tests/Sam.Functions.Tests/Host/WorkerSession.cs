using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Sam.Functions.Tests.Host.Rpc;

namespace Sam.Functions.Tests.Host;

/// <summary>The host's side of the stream with one worker: what it asks, and the answers, told apart by the id of the request.</summary>
internal sealed class WorkerSession
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _asked = new(StringComparer.Ordinal);
    private readonly Channel<StreamingMessage> _outgoing = Channel.CreateUnbounded<StreamingMessage>();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<string> _log;

    /// <param name="log">Takes the worker's log, line by line.</param>
    internal WorkerSession(Action<string> log) => _log = log;

    /// <summary>Done when the worker has called.</summary>
    internal Task Started => _started.Task;

    /// <summary>Serves the stream until the worker ends it.</summary>
    internal async Task RunAsync(IAsyncStreamReader<StreamingMessage> incoming, IServerStreamWriter<StreamingMessage> outgoing, CancellationToken cancellationToken)
    {
        Task writing = WriteAsync(outgoing, cancellationToken);
        try
        {
            await foreach (StreamingMessage message in incoming.ReadAllAsync(cancellationToken))
            {
                Take(message);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or Grpc.Core.RpcException)
        {
            // A worker that ends does not take its leave; whoever waits for an answer is told below.
        }

        _outgoing.Writer.TryComplete();
        foreach (TaskCompletionSource<StreamingMessage> waiting in _asked.Values)
        {
            waiting.TrySetException(new InvalidOperationException("The worker is gone."));
        }

        await writing;
    }

    /// <summary>Asks the worker, and waits for its answer.</summary>
    internal async Task<StreamingMessage> AskAsync(StreamingMessage question)
    {
        TaskCompletionSource<StreamingMessage> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        question.RequestId = Guid.NewGuid().ToString();
        _asked[question.RequestId] = answer;
        try
        {
            Tell(question);
            return await answer.Task.WaitAsync(_patience);
        }
        finally
        {
            _asked.TryRemove(question.RequestId, out _);
        }
    }

    /// <summary>Tells the worker something that it does not answer.</summary>
    internal void Tell(StreamingMessage message)
    {
        if (!_outgoing.Writer.TryWrite(message))
        {
            throw new InvalidOperationException("The worker is gone.");
        }
    }

    private void Take(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.StartStream:
                _started.TrySetResult();
                break;
            case StreamingMessage.ContentOneofCase.RpcLog:
                _log($"{message.RpcLog.Level} {message.RpcLog.Category}: {message.RpcLog.Message} {message.RpcLog.Exception}");
                break;
            default:
                if (_asked.TryGetValue(message.RequestId, out TaskCompletionSource<StreamingMessage>? waiting))
                {
                    waiting.TrySetResult(message);
                }

                break;
        }
    }

    private async Task WriteAsync(IServerStreamWriter<StreamingMessage> outgoing, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (StreamingMessage message in _outgoing.Reader.ReadAllAsync(cancellationToken))
            {
                await outgoing.WriteAsync(message, cancellationToken);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or InvalidOperationException or IOException)
        {
            // As above.
        }
    }
}
