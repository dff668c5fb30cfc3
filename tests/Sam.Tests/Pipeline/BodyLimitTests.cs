using Microsoft.AspNetCore.Http.Features;
using Sam.Api.Pipeline;
using Sam.Core.Results;
using Xunit;

namespace Sam.Tests.Pipeline;

/// <summary>The limit of a body where no server keeps it, as in a function.</summary>
public sealed class BodyLimitTests
{
    private const int Limit = 2_000;

    // As much as is read in one piece.
    private const int Buffer = 16_384;

    private static readonly SamRoute _reader = new(
        "reader", ["POST"], "/reader", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: true, (_, _) => Task.FromResult<SamResponse>(new SamResponse.Empty()));

    [Fact]
    public async Task A_body_that_says_it_is_too_large_is_not_read()
    {
        await using PipelineBed bed = await OpenAsync();
        CountedBody body = Body(Limit + 1);
        (await bed.SendAsync("reader", body)).Is(413, "invalid_request");
        Assert.Equal(0, body.Reads);
        bed.Counted(SamErrorCode.BodyTooLarge);
    }

    [Theory]
    [InlineData(null, int.MaxValue)]
    [InlineData(null, 1)]
    [InlineData(0L, int.MaxValue)]
    [InlineData(10L, int.MaxValue)]
    [InlineData(10L, 7)]
    public async Task A_body_that_hides_its_length_or_lies_about_it_is_read_up_to_the_limit_only(long? said, int atATime)
    {
        await using PipelineBed bed = await OpenAsync();
        CountedBody body = Body(10_000_000, atATime);
        (await bed.SendAsync("reader", body, context => context.Request.ContentLength = said)).Is(413, "invalid_request");
        Assert.InRange(body.BytesRead, Limit + 1, Limit + Buffer);
        bed.Counted(SamErrorCode.BodyTooLarge);
    }

    [Theory]
    [InlineData(Limit, 204, int.MaxValue)]
    [InlineData(Limit, 204, 1)]
    [InlineData(Limit + 1, 413, int.MaxValue)]
    [InlineData(Limit + 1, 413, 1)]
    public async Task The_limit_itself_is_allowed(int length, int status, int atATime)
    {
        await using PipelineBed bed = await OpenAsync();
        Assert.Equal(status, (await bed.SendAsync("reader", Body(length, atATime), context => context.Request.ContentLength = null)).Status);
    }

    /// <summary>A server that keeps the limit by itself answers a body that hides its length without it being read to us.</summary>
    [Fact]
    public async Task A_server_that_can_keep_the_limit_is_told_of_it()
    {
        await using PipelineBed bed = await OpenAsync();
        ServerLimit open = new(isReadOnly: false);
        ServerLimit closed = new(isReadOnly: true);
        Assert.Equal(204, (await bed.SendAsync("reader", Body(2), context => context.Features.Set<IHttpMaxRequestBodySizeFeature>(open))).Status);
        Assert.Equal(204, (await bed.SendAsync("reader", Body(2), context => context.Features.Set<IHttpMaxRequestBodySizeFeature>(closed))).Status);
        Assert.Equal((Limit, null), (open.MaxRequestBodySize, closed.MaxRequestBodySize));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("text/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/jsonx")]
    [InlineData("application/octet-stream")]
    public async Task Another_media_type_is_refused_unread(string? type)
    {
        await using PipelineBed bed = await OpenAsync();
        CountedBody body = Body(2);
        (await bed.SendAsync("reader", body, context => context.Request.ContentType = type)).Is(415, "invalid_request");
        Assert.Equal(0, body.Reads);
        bed.Counted(SamErrorCode.MediaTypeUnsupported);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("application/json;charset=UTF-8")]
    [InlineData("application/json; charset=utf-8")]
    public async Task Json_is_named_in_any_of_its_ways(string type)
    {
        await using PipelineBed bed = await OpenAsync();
        Assert.Equal(204, (await bed.SendAsync("reader", Body(2), context => context.Request.ContentType = type)).Status);
    }

    [Fact]
    public async Task A_route_that_reads_no_body_reads_none()
    {
        await using PipelineBed bed = await OpenAsync();
        foreach (SamRoute route in RouteTable.All.Where(r => !r.ReadsBody))
        {
            CountedBody body = Body(10_000_000);
            Assert.NotEqual(415, (await bed.SendAsync(route.Name, body, context => context.Request.ContentType = "text/plain")).Status);
            Assert.Equal(0, body.Reads);
        }
    }

    private static Task<PipelineBed> OpenAsync() => PipelineBed.OpenAsync(options => options.MaxBodyBytes = Limit, _reader);

    /// <summary>An object of this length: blanks before its end.</summary>
    private static CountedBody Body(int length, int atATime = int.MaxValue)
    {
        byte[] content = new byte[length];
        content.AsSpan().Fill((byte)' ');
        (content[0], content[^1]) = ((byte)'{', (byte)'}');
        return new CountedBody(content, atATime);
    }

    private sealed class ServerLimit(bool isReadOnly) : IHttpMaxRequestBodySizeFeature
    {
        private long? _limit;

        public bool IsReadOnly => isReadOnly;

        public long? MaxRequestBodySize
        {
            get => _limit;
            set => _limit = isReadOnly ? throw new InvalidOperationException("The body is being read.") : value;
        }
    }
}
