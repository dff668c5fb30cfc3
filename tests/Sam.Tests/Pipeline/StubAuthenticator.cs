using Microsoft.AspNetCore.Http;
using Sam.Api.Authentication;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Tests.Pipeline;

/// <summary>Says who sends a request, without asking for a token, and counts how often it was asked.</summary>
internal sealed class StubAuthenticator(Caller caller) : ITokenAuthenticator
{
    private int _calls;

    internal int Calls => Volatile.Read(ref _calls);

    /// <summary>What it says; it may throw.</summary>
    internal Func<Result<Caller>> Answer { get; set; } = () => caller;

    public Task<Result<Caller>> AuthenticateAsync(HttpContext context)
    {
        _ = Interlocked.Increment(ref _calls);
        return Task.FromResult(Answer());
    }
}
