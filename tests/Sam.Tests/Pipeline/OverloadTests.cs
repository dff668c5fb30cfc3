using System.Text.Json;
using Sam.Api.Composition;
using Sam.Api.Pipeline;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Pipeline;

/// <summary>Security decision 7: overload is refused before anything is read from the stores, counted or spent.</summary>
public sealed class OverloadTests
{
    private const string Sign = "v2-signatures-signHash";
    private const string Authorize = "v2-credentials-authorize";

    private static readonly Digest _digest = Digests.Of("a document");

    [Fact]
    public async Task A_full_gate_refuses_to_sign_before_anything_is_read_or_spent()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync(options => options.Gate.MaxSigning = 1);
        TestSigner signer = await bed.Sam.AddSignerAsync();
        SecretText first = await bed.Sam.AuthorizeAsync(signer, _digest);
        SecretText second = await bed.Sam.AuthorizeAsync(signer, _digest);
        TaskCompletionSource reached = new();
        TaskCompletionSource goOn = new();
        bed.Sam.Hsm.BeforeSign = () =>
        {
            reached.SetResult();
            return goOn.Task;
        };
        Task<Answer> signing = bed.SendAsync(Sign, Signing(signer, first));
        await reached.Task;

        (int, int, int, int) touched = bed.Touched();
        CountedBody body = new(JsonSerializer.SerializeToUtf8Bytes(new { SAD = second.Reveal() }));
        Answer refused = await bed.SendAsync(Sign, body);

        refused.Is(503, "temporarily_unavailable");
        Assert.Equal("1", refused.Headers.RetryAfter);
        Assert.Equal(touched, bed.Touched());
        bed.Counted(SamErrorCode.Overloaded);

        bed.Sam.Hsm.BeforeSign = null;
        goOn.SetResult();
        Assert.Equal(200, (await signing).Status);
        Assert.Equal(200, (await bed.SendAsync(Sign, Signing(signer, second))).Status);
    }

    [Fact]
    [Trait("Requirement", "SIG-3")]
    public async Task Who_trickles_a_body_holds_no_place()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync(options => options.Gate.MaxSigning = 1);
        TestSigner signer = await bed.Sam.AddSignerAsync();
        SecretText sad = await bed.Sam.AuthorizeAsync(signer, _digest);
        TaskCompletionSource reached = new();
        TaskCompletionSource goOn = new();
        Task<Answer> trickling = bed.SendAsync(Sign, new CountedBody("{}"u8.ToArray()) { Before = () => { reached.TrySetResult(); return goOn.Task; } });
        await reached.Task;

        Assert.Equal(200, (await bed.SendAsync(Sign, Signing(signer, sad))).Status);

        goOn.SetResult();
        Assert.Equal(400, (await trickling).Status);
    }

    [Fact]
    public async Task A_full_gate_refuses_to_authorize_before_a_pin_is_counted()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync(options => options.Gate.MaxAuthorizing = 1);
        TestSigner signer = await bed.Sam.AddSignerAsync();
        TaskCompletionSource reached = new();
        TaskCompletionSource goOn = new();
        bed.Sam.Rows.Before = _ =>
        {
            reached.TrySetResult();
            return goOn.Task;
        };
        Task<Answer> authorizing = bed.SendAsync(Authorize, Authorization(signer));
        await reached.Task;

        (int, int, int, int) touched = bed.Touched();
        CountedBody body = new("{}"u8.ToArray());
        (await bed.SendAsync(Authorize, body)).Is(503, "temporarily_unavailable");

        Assert.Equal(touched, bed.Touched());
        bed.Counted(SamErrorCode.Overloaded);

        bed.Sam.Rows.Before = null;
        goOn.SetResult();
        Assert.Equal(200, (await authorizing).Status);
    }

    [Fact]
    public async Task A_full_gate_does_not_open_the_module()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync(options => options.Gate.MaxSigning = 1, Held(RouteGate.Signing, out TaskCompletionSource reached, out TaskCompletionSource goOn));
        Task<Answer> held = bed.SendAsync("held");
        await reached.Task;
        (await bed.SendAsync(Sign)).Is(503, "temporarily_unavailable");
        Assert.Equal(0, bed.Opened);
        goOn.SetResult();
        _ = await held;
    }

    /// <summary>Each gate bounds its own routes: signers who wait for the HSM do not keep others from authorizing, and nobody from reading.</summary>
    [Theory]
    [InlineData(RouteGate.Signing)]
    [InlineData(RouteGate.Authorizing)]
    [InlineData(RouteGate.Administering)]
    public async Task A_full_gate_stops_its_own_routes_only(RouteGate gate)
    {
        SamRoute hold = Held(gate, out TaskCompletionSource reached, out TaskCompletionSource goOn);
        await using PipelineBed bed = await PipelineBed.OpenAsync(One, hold);
        bed.Tokens.Answer = () => bed.Sam.Caller with { Login = SamTestBed.Login("alice") };
        Task<Answer> held = bed.SendAsync("held");
        await reached.Task;
        foreach (SamRoute route in RouteTable.All)
        {
            Answer answer = await bed.SendAsync(route.Name);
            Assert.Equal((route.Name, route.Gate == gate), (route.Name, answer.Status == 503));
        }

        goOn.SetResult();
        Assert.Equal(204, (await held).Status);
    }

    [Fact]
    public async Task A_gate_lets_in_as_many_as_it_has_places()
    {
        const int Places = 3;
        SamRoute hold = Held(RouteGate.Signing, out _, out TaskCompletionSource goOn);
        await using PipelineBed bed = await PipelineBed.OpenAsync(options => options.Gate.MaxSigning = Places, hold);
        Task<Answer>[] sent = [.. Enumerable.Range(0, Places + 2).Select(_ => bed.SendAsync("held"))];
        goOn.SetResult();
        Assert.Equal([204, 204, 204, 503, 503], (await Task.WhenAll(sent)).Select(answer => answer.Status));
    }

    /// <summary>With one place, a place that is lost once is missed at once.</summary>
    [Theory]
    [InlineData(RouteGate.Signing)]
    [InlineData(RouteGate.Authorizing)]
    [InlineData(RouteGate.Administering)]
    public async Task A_place_is_given_back_however_a_request_ends(RouteGate gate)
    {
        using CancellationTokenSource hangUp = new();
        (string Name, Func<SamResponse> End)[] ends =
        [
            ("success", () => new SamResponse.Empty()),
            ("refusal", () => SamResponse.Refuse(SamErrorCode.SadSpent)),
            ("known exception", () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "away")),
            ("unknown exception", () => throw new InvalidOperationException("broken")),
            ("hang-up", () =>
            {
                hangUp.Cancel();
                throw new OperationCanceledException(hangUp.Token);
            }),
        ];
        SamRoute[] routes = [.. ends.Select(end => Route(end.Name, gate, _ => Task.FromResult(end.End())))];
        await using PipelineBed bed = await PipelineBed.OpenAsync(One, routes);

        foreach ((string name, _) in ends)
        {
            _ = await bed.SendAsync(name, new CountedBody("{}"u8.ToArray()), context => context.RequestAborted = name == "hang-up" ? hangUp.Token : default);
            Assert.Equal(204, (await bed.SendAsync("success")).Status);
        }

        (string Name, CountedBody Body)[] unread =
        [
            ("malformed", new CountedBody("{"u8.ToArray())),
            ("too large", new CountedBody(new byte[300_000])),
            ("broken off", new CountedBody("{}"u8.ToArray()) { Fault = new IOException("reset") }),
        ];
        foreach ((string name, CountedBody body) in unread)
        {
            Assert.True((await bed.SendAsync("success", body)).Status >= 400, name);
            Assert.Equal(204, (await bed.SendAsync("success")).Status);
        }
    }

    private static string Signing(TestSigner signer, SecretText sad) => JsonSerializer.Serialize(new
    {
        credentialID = signer.Credential.Value,
        SAD = sad.Reveal(),
        hashes = new[] { Convert.ToBase64String(_digest.Value) },
        signAlgo = "1.2.840.10045.4.3.2",
    });

    private static string Authorization(TestSigner signer) => JsonSerializer.Serialize(new
    {
        credentialID = signer.Credential.Value,
        numSignatures = 1,
        hashes = new[] { Convert.ToBase64String(_digest.Value) },
        hashAlgorithmOID = _digest.Algorithm.Oid,
        authData = new[] { new { id = "PIN", value = signer.Pin.Reveal() } },
    });

    private static void One(SamApiOptions options) => (options.Gate.MaxSigning, options.Gate.MaxAuthorizing, options.Gate.MaxAdministering) = (1, 1, 1);

    private static SamRoute Route(string name, RouteGate gate, Func<SamRequest, Task<SamResponse>> handler) =>
        new(name, ["POST"], "/" + name, RoutePolicy.Anonymous, gate, ReadsBody: true, (request, _) => handler(request));

    /// <summary>A route that holds its place until it is told to go on.</summary>
    private static SamRoute Held(RouteGate gate, out TaskCompletionSource reached, out TaskCompletionSource goOn)
    {
        TaskCompletionSource inside = reached = new();
        TaskCompletionSource end = goOn = new();
        return Route("held", gate, async _ =>
        {
            inside.TrySetResult();
            await end.Task;
            return new SamResponse.Empty();
        });
    }
}
