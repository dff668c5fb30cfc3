using Azure.Core;
using Azure.Core.Pipeline;

namespace Sam.Storage.Tables;

/// <summary>Reads the Date of every answer, refusals included, next to the transport: nothing between it and the wire adds waiting.</summary>
internal sealed class ServerDatePolicy : HttpPipelinePolicy
{
    private readonly ServerClock _clock;
    private readonly TimeProvider _time;

    internal ServerDatePolicy(ServerClock clock, TimeProvider time)
    {
        _clock = clock;
        _time = time;
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        long sent = _time.GetTimestamp();
        ProcessNext(message, pipeline);
        Observe(message, sent);
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        long sent = _time.GetTimestamp();
        await ProcessNextAsync(message, pipeline);
        Observe(message, sent);
    }

    private void Observe(HttpMessage message, long sent)
    {
        if (message.Response.Headers.Date is { } date)
        {
            _clock.Observe(date, sent);
        }
    }
}
