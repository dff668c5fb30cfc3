using Microsoft.AspNetCore.Http;
using Sam.Api.Certificates;
using Sam.Core.Certificates;
using Xunit;

namespace Sam.Tests.Certificates;

/// <summary>An authority's server that is away, slow or hostile costs a bounded time and decides nothing.</summary>
public sealed class RevocationClientTests : IAsyncLifetime
{
    private static readonly DateTimeOffset _now = RevocationBed.Now;
    private RevocationBed _bed = null!;

    public async ValueTask InitializeAsync() => _bed = await RevocationBed.StartAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_certificate_that_names_nobody_to_ask_is_unknown()
    {
        Assert.Equal(RevocationAnswer.None, await _bed.AskAsync(_bed.Issue()));
        Assert.Equal(RevocationAnswer.None, await _bed.AskAsync(_bed.Issue(change: wish => wish with { OcspAddress = "ldap://example.com/x", CrlAddress = "file:///etc/passwd" })));
        Assert.Equal(RevocationAnswer.None, await _bed.AskAsync([0x30, 0x00]));
        Assert.Empty(_bed.Responder.Requests);
    }

    [Fact]
    public async Task The_list_is_read_when_the_responder_gives_no_answer()
    {
        byte[] eve = _bed.Issue(ocsp: true, crl: "/crl");
        _bed.Responder.Serve("/crl", _ => _bed.Issuer.ListRevoked(_now, _now.AddDays(1), eve));
        Assert.Equal(RevocationStatus.Revoked, (await _bed.AskAsync(eve)).Status);
        _bed.Responder.Serve("/ocsp", _ => "no answer"u8.ToArray());
        Assert.Equal(RevocationStatus.Revoked, (await _bed.AskAsync(eve)).Status);
        _bed.Responder.Serve("/ocsp", (_bed.Good with { Status = RevocationStatus.Unknown }).To);
        Assert.Equal(RevocationStatus.Revoked, (await _bed.AskAsync(eve)).Status);
        _bed.Responder.Serve("/ocsp", _bed.Good.To);
        Assert.Equal(RevocationStatus.Good, (await _bed.AskAsync(eve)).Status);
        Assert.Equal(["/ocsp", "/crl", "/ocsp", "/crl", "/ocsp", "/crl", "/ocsp"], _bed.Responder.Requests);
    }

    [Fact]
    public async Task A_redirection_is_not_followed()
    {
        byte[] eve = _bed.Issue(crl: "/crl");
        _bed.Responder.Serve("/elsewhere", _ => _bed.Issuer.ListRevoked(_now, _now.AddDays(1)));
        _bed.Responder.Serve("/crl", (_, context) =>
        {
            context.Response.Redirect(_bed.Responder.AddressOf("/elsewhere"));
            return Task.CompletedTask;
        });
        Assert.Equal(RevocationAnswer.None, await _bed.AskAsync(eve));
        Assert.Equal(["/crl"], _bed.Responder.Requests);
    }

    [Fact]
    public async Task A_huge_answer_is_not_read_to_its_end()
    {
        TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _bed.Responder.Serve("/crl", async (_, context) =>
        {
            try
            {
                byte[] block = new byte[65_536];
                while (true)
                {
                    await context.Response.Body.WriteAsync(block, context.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
                finished.SetResult();
            }
        });
        Assert.Equal(RevocationAnswer.None, await _bed.AskAsync(_bed.Issue(crl: "/crl")));
        await finished.Task;
    }

    [Fact]
    public async Task An_answer_that_announces_too_much_is_not_read_at_all()
    {
        byte[] list = _bed.Issuer.ListRevoked(_now, _now.AddDays(1));
        _bed.Responder.Serve("/crl", (_, context) =>
        {
            context.Response.ContentLength = RevocationClient.MaxAnswer + 1;
            return context.Response.Body.WriteAsync(list, context.RequestAborted).AsTask();
        });
        Assert.Equal(RevocationAnswer.None, await _bed.AskAsync(_bed.Issue(crl: "/crl")));
    }

    [Fact]
    public async Task A_responder_that_hangs_leaves_time_for_the_list()
    {
        byte[] eve = _bed.Issue(ocsp: true, crl: "/crl");
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _bed.Responder.Serve("/ocsp", (_, context) =>
        {
            arrived.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        _bed.Responder.Serve("/crl", _ => _bed.Issuer.ListRevoked(_now, _now.AddDays(1), eve));
        Task<RevocationAnswer> asking = _bed.AskAsync(eve);
        await arrived.Task;
        Assert.False(asking.IsCompleted);
        _bed.Clock.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(RevocationStatus.Revoked, (await asking).Status);
    }

    [Fact]
    public async Task One_that_hangs_alone_is_unknown_after_the_time_out()
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _bed.Responder.Serve("/ocsp", (_, context) =>
        {
            arrived.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        Task<RevocationAnswer> asking = _bed.AskAsync(_bed.Issue(ocsp: true));
        await arrived.Task;
        _bed.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(RevocationAnswer.None, await asking);
    }

    [Fact]
    public async Task An_error_with_a_good_answer_in_it_is_none()
    {
        _bed.Responder.Serve("/ocsp", (question, context) =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return context.Response.Body.WriteAsync(_bed.Good.To(question), context.RequestAborted).AsTask();
        });
        Assert.Equal(RevocationAnswer.None, await _bed.AskAsync(_bed.Issue(ocsp: true)));
    }
}
