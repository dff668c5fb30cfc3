using Microsoft.AspNetCore.Http;

namespace Sam.Testing.ManagedHsm;

/// <summary>One request that has come as far as the HSM, and what a fault can do with it.</summary>
public sealed class HsmExchange
{
    private readonly HttpContext _context;
    private readonly Func<HsmReply> _carryOut;
    private readonly CancellationToken _stopping;

    internal HsmExchange(HttpContext context, HsmRequest request, Func<HsmReply> carryOut, CancellationToken stopping)
    {
        _context = context;
        Request = request;
        _carryOut = carryOut;
        _stopping = stopping;
    }

    /// <summary>The request.</summary>
    public HsmRequest Request { get; }

    /// <summary>Has the HSM do it.</summary>
    public HsmReply CarryOut() => _carryOut();

    /// <summary>Sends an answer.</summary>
    public async Task AnswerAsync(HsmReply reply)
    {
        await StartAsync(reply);
        await _context.Response.Body.WriteAsync(reply.Body, _stopping);
    }

    /// <summary>Sends half of an answer's body and breaks the connection.</summary>
    public async Task TruncateAsync(HsmReply reply)
    {
        await StartAsync(reply);
        await _context.Response.Body.WriteAsync(reply.Body.AsMemory(0, reply.Body.Length / 2), _stopping);
        await _context.Response.Body.FlushAsync(_stopping);
        Reset();
    }

    /// <summary>Redirects to another address.</summary>
    public void Redirect(string location) => _context.Response.Redirect(location, permanent: false, preserveMethod: true);

    /// <summary>Breaks the connection.</summary>
    public void Reset() => _context.Abort();

    /// <summary>Says nothing until the client has gone.</summary>
    public async Task WaitUntilGivenUpAsync()
    {
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(_context.RequestAborted, _stopping);
        TaskCompletionSource given = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = gone.Token.Register(given.SetResult);
        await given.Task;
    }

    private async Task StartAsync(HsmReply reply)
    {
        _context.Response.StatusCode = reply.Status;
        _context.Response.ContentType = "application/json; charset=utf-8";
        _context.Response.ContentLength = reply.Body.Length;
        if (reply.RetryAfter is { } retryAfter)
        {
            _context.Response.Headers.RetryAfter = retryAfter;
        }

        await _context.Response.StartAsync(_stopping);
    }
}
