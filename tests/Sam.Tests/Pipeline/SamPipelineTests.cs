using Sam.Api.Pipeline;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Pipeline;

public sealed class SamPipelineTests
{
    public static TheoryData<string> ClientRoutes => [.. RouteTable.All.Where(r => r.Policy == RoutePolicy.Client).Select(r => r.Name)];

    [Fact]
    public void Anybody_may_ask_what_the_service_is_and_how_it_is_and_nothing_else() =>
        Assert.Equal(["v2-info", "logo", "healthz", "readyz", "sam-openapi", "sam-docs"], RouteTable.All.Where(r => r.Policy == RoutePolicy.Anonymous).Select(r => r.Name));

    [Fact]
    public async Task Anonymous_routes_need_no_token()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        bed.Tokens.Answer = () => SamErrorCode.AuthorizationHeaderMalformed;
        foreach (SamRoute route in RouteTable.All.Where(r => r.Policy == RoutePolicy.Anonymous))
        {
            Assert.Equal(200, (await bed.SendAsync(route.Name)).Status);
        }

        Assert.Equal(0, bed.Tokens.Calls);
        Assert.Empty(bed.Refusals);
    }

    /// <summary>Of the anonymous routes only readyz asks HSM and stores, so that strangers cannot make a serverless host open them.</summary>
    [Theory]
    [InlineData("v2-info", 0)]
    [InlineData("logo", 0)]
    [InlineData("healthz", 0)]
    [InlineData("readyz", 1)]
    [InlineData("sam-openapi", 0)]
    [InlineData("sam-docs", 0)]
    public async Task Only_readiness_opens_the_module_for_anybody(string route, int opened)
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        _ = await bed.SendAsync(route);
        Assert.Equal(opened, bed.Opened);
    }

    [Theory]
    [MemberData(nameof(ClientRoutes))]
    public async Task Without_a_good_token_nothing_is_read_or_touched(string route)
    {
        foreach ((SamErrorCode cause, int status) in new[]
        {
            (SamErrorCode.AuthorizationHeaderMalformed, 400), (SamErrorCode.TokenInvalid, 401), (SamErrorCode.TokenExpired, 401), (SamErrorCode.IdentityProviderUnavailable, 503),
        })
        {
            await using PipelineBed bed = await PipelineBed.OpenAsync();
            bed.Tokens.Answer = () => cause;
            (int, int, int, int) touched = bed.Touched();
            CountedBody body = new(new byte[1_000_000]);
            Answer answer = await bed.SendAsync(route, body, context => context.Request.ContentType = "text/plain");
            Assert.Equal((status, 1, 0, 0), (answer.Status, bed.Tokens.Calls, body.Reads, bed.Opened));
            Assert.Equal(touched, bed.Touched());
            bed.Counted(cause);
        }
    }

    [Fact]
    public async Task A_stranger_takes_no_place()
    {
        TaskCompletionSource inside = new();
        TaskCompletionSource goOn = new();
        SamRoute hold = new("held", ["POST"], "/held", RoutePolicy.Anonymous, RouteGate.Signing, ReadsBody: false, async (_, _) =>
        {
            inside.SetResult();
            await goOn.Task;
            return new SamResponse.Empty();
        });
        await using PipelineBed bed = await PipelineBed.OpenAsync(options => options.Gate.MaxSigning = 1, hold);
        bed.Tokens.Answer = () => SamErrorCode.TokenInvalid;
        Task<Answer> held = bed.SendAsync("held");
        await inside.Task;

        // Nor does a stranger learn that the service is busy.
        (await bed.SendAsync("v2-signatures-signHash")).Is(401, "invalid_token");
        goOn.SetResult();
        _ = await held;
    }

    [Fact]
    public async Task A_handler_gets_the_verified_caller_and_the_body()
    {
        Caller? seen = null;
        string? text = null;
        SamRoute route = new("who", ["POST"], "/who", RoutePolicy.Client, RouteGate.Open, ReadsBody: true, (request, _) =>
        {
            (seen, text) = (request.Caller, request.Body.RequiredString("text").Value);
            return Task.FromResult<SamResponse>(new SamResponse.Empty());
        });
        await using PipelineBed bed = await PipelineBed.OpenAsync(null, route);
        Caller alice = new(SamTestBed.Id("other"), SamTestBed.Login("alice"));
        bed.Tokens.Answer = () => alice;
        Answer answer = await bed.SendAsync("who", """{"text":"hello"}""");
        Assert.Equal((204, 0), (answer.Status, answer.Length));
        Assert.Equal((alice, "hello"), (seen, text));
    }

    [Theory]
    [InlineData("POST", "/", SamErrorCode.RouteUnknown, 404, null)]
    [InlineData("POST", "", SamErrorCode.RouteUnknown, 404, null)]
    [InlineData("GET", "/csc/v2/nothing", SamErrorCode.RouteUnknown, 404, null)]
    [InlineData("POST", "/csc/v1/info", SamErrorCode.RouteUnknown, 404, null)]
    [InlineData("POST", "/csc/v2/", SamErrorCode.RouteUnknown, 404, null)]
    [InlineData("POST", "/csc/v1/signatures/signDoc", SamErrorCode.RouteUnknown, 404, null)]
    [InlineData("POST", "/signatures/signDoc", SamErrorCode.RouteUnknown, 404, null)]
    [InlineData("POST", "/csc/v2/signatures/signDoc", SamErrorCode.MethodNotImplemented, 501, null)]
    [InlineData("GET", "/csc/v2/oauth2/authorize", SamErrorCode.MethodNotImplemented, 501, null)]
    [InlineData("GET", "/csc/v2/signatures/signHash", SamErrorCode.HttpMethodNotAllowed, 405, "POST")]
    [InlineData("get", "/CSC/V2/Signatures/SignHash", SamErrorCode.HttpMethodNotAllowed, 405, "POST")]
    [InlineData("DELETE", "/csc/v2/info", SamErrorCode.HttpMethodNotAllowed, 405, "POST, GET")]
    [InlineData("POST", "/readyz", SamErrorCode.HttpMethodNotAllowed, 405, "GET")]
    [InlineData("HEAD", "/logo.png", SamErrorCode.HttpMethodNotAllowed, 405, "GET")]
    public async Task What_is_no_route_is_told_apart(string method, string path, SamErrorCode cause, int status, string? allow)
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        Answer answer = await bed.SendUnroutedAsync(method, path);
        answer.Is(status, "invalid_request");
        Assert.Equal(allow, (string?)answer.Headers.Allow);
        Assert.Equal((0, 0), (bed.Tokens.Calls, bed.Opened));
        bed.Counted(cause);
        KeptNowhere(answer);
    }

    [Fact]
    public async Task No_answer_is_kept_or_guessed_at()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        foreach (SamRoute route in RouteTable.All)
        {
            KeptNowhere(await bed.SendAsync(route.Name));
            bed.Tokens.Answer = () => SamErrorCode.TokenInvalid;
        }
    }

    [Fact]
    public async Task An_answer_names_its_type_and_length()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        foreach (SamRoute route in RouteTable.All)
        {
            Answer answer = await bed.SendAsync(route.Name);
            string json = answer.Code is null ? "application/json;charset=UTF-8" : "application/problem+json";
            Assert.Equal(route.Name switch { "logo" => "image/png", "sam-docs" => "text/html;charset=UTF-8", _ => json }, answer.Headers.ContentType);
            Assert.Equal(answer.Length, answer.Headers.ContentLength);
        }
    }

    private static void KeptNowhere(Answer answer) =>
        Assert.Equal(("no-store", "nosniff"), ((string?)answer.Headers.CacheControl, (string?)answer.Headers.XContentTypeOptions));
}
