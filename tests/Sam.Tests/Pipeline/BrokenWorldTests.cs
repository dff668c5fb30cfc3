using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sam.Api.Pipeline;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Randomness;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Pipeline;

public sealed class BrokenWorldTests
{
    private const string Detail = "host-7.internal:5657 slot 3";
    private const string Sign = "v2-signatures-signHash";

    private static readonly Digest _digest = Digests.Of("a document");

    private static readonly Dictionary<string, Exception> _exceptions = new(StringComparer.Ordinal)
    {
        ["store"] = new RowStoreException(Detail, new TimeoutException(Detail)),
        ["hsm"] = new KeyBackendException(KeyBackendFailure.KeyNotFound, Detail),
        ["audit"] = new AuditUnavailableException(Detail),
        ["random"] = new RandomnessException(Detail),
        ["length"] = new BadHttpRequestException(Detail, StatusCodes.Status413PayloadTooLarge),
        ["request"] = new BadHttpRequestException(Detail, StatusCodes.Status400BadRequest),
        ["slow"] = new BadHttpRequestException(Detail, StatusCodes.Status408RequestTimeout),
        ["state"] = new InvalidOperationException(Detail),
        ["timeout"] = new TimeoutException(Detail),
        ["memory"] = new InsufficientMemoryException(Detail),

        // Somebody else's token: the client is still there, and waits for an answer.
        ["cancelled"] = new OperationCanceledException(Detail),
    };

    public static TheoryData<string, SamErrorCode, int> Kinds => new()
    {
        { "store", SamErrorCode.StorageUnavailable, 503 },
        { "hsm", SamErrorCode.HsmUnavailable, 503 },
        { "audit", SamErrorCode.AuditUnavailable, 503 },
        { "random", SamErrorCode.RandomnessFailed, 500 },
        { "length", SamErrorCode.BodyTooLarge, 413 },
        { "request", SamErrorCode.BodyMalformed, 400 },
        { "slow", SamErrorCode.BodyTooSlow, 408 },
        { "state", SamErrorCode.Unexpected, 500 },
        { "timeout", SamErrorCode.Unexpected, 500 },
        { "memory", SamErrorCode.Unexpected, 500 },
        { "cancelled", SamErrorCode.Unexpected, 500 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_a_handler_throws_has_its_cause_and_tells_nothing(string kind, SamErrorCode cause, int status)
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync(null, Route(_ => throw _exceptions[kind]));
        Told(bed, await bed.SendAsync("try"), _exceptions[kind], cause, status);
    }

    /// <summary>A server tells by exceptions that a body is too long, or ends too soon.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_the_body_throws_has_its_cause_and_tells_nothing(string kind, SamErrorCode cause, int status)
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync(null, Route(_ => Task.FromResult<SamResponse>(new SamResponse.Empty())));
        Told(bed, await bed.SendAsync("try", new CountedBody("{}"u8.ToArray()) { Fault = _exceptions[kind] }), _exceptions[kind], cause, status);
    }

    [Fact]
    public async Task A_body_that_the_server_cannot_read_is_malformed_and_no_error_of_ours()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();

        Answer answer = await bed.SendAsync("v2-credentials-list", new CountedBody("{}"u8.ToArray()) { Fault = new IOException("Bad chunk size data.", new OverflowException()) });

        answer.Is(400, "invalid_request");
        bed.Counted(SamErrorCode.BodyMalformed);
        Assert.Empty(bed.Logged);
    }

    [Fact]
    public async Task What_the_authenticator_throws_lets_nobody_in()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        bed.Tokens.Answer = () => throw _exceptions["state"];
        CountedBody body = new("{}"u8.ToArray());
        Told(bed, await bed.SendAsync(Sign, body), _exceptions["state"], SamErrorCode.Unexpected, 500);
        Assert.Equal((0, 0), (body.Reads, bed.Opened));
    }

    [Fact]
    public async Task A_store_that_is_away_is_answered_through_all_layers()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        bed.Sam.Rows.Before = _ => throw new RowStoreException(Detail);
        Answer answer = await bed.SendAsync("v2-credentials-list", """{"userID":"alice"}""");
        answer.Is(503, "temporarily_unavailable");
        Assert.DoesNotContain(Detail, answer.Text, StringComparison.Ordinal);
        bed.Counted(SamErrorCode.StorageUnavailable);
    }

    [Fact]
    public async Task A_client_that_hangs_up_before_the_spend_ends_quietly_and_nothing_is_spent()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        TestSigner signer = await bed.Sam.AddSignerAsync();
        SecretText sad = await bed.Sam.AuthorizeAsync(signer, _digest);
        using CancellationTokenSource client = new();
        bed.Sam.Rows.Before = _ => client.CancelAsync();

        Answer nothing = await SignAsync(bed, signer, sad, client.Token);

        Assert.Equal(0, nothing.Length);
        Assert.Empty(bed.Refusals);
        Assert.Empty(bed.Logged);
        Assert.Equal(0, bed.Sam.Hsm.SignCalls);
        Assert.DoesNotContain(bed.Sam.AuditRecords(), record => record.Event is AuditEvent.SignaturesReleased or AuditEvent.SigningFailed);
        bed.Sam.Rows.Before = null;
        Assert.Equal(200, (await SignAsync(bed, signer, sad, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_client_that_hangs_up_while_its_body_is_read_ends_quietly()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        Answer nothing = await bed.SendAsync(Sign, new CountedBody("{}"u8.ToArray()), context => context.RequestAborted = new CancellationToken(canceled: true));
        Assert.Equal(0, nothing.Length);
        Assert.Empty(bed.Refusals);
        Assert.Empty(bed.Logged);
        Assert.Equal(0, bed.Opened);
    }

    /// <summary>What is spent is finished and audited, whoever still listens.</summary>
    [Fact]
    public async Task A_client_that_hangs_up_after_the_spend_stops_nothing()
    {
        await using PipelineBed bed = await PipelineBed.OpenAsync();
        TestSigner signer = await bed.Sam.AddSignerAsync();
        SecretText sad = await bed.Sam.AuthorizeAsync(signer, _digest);
        using CancellationTokenSource client = new();
        bed.Sam.Hsm.BeforeSign = client.CancelAsync;

        Assert.Equal(200, (await SignAsync(bed, signer, sad, client.Token)).Status);
        Assert.Single(bed.Sam.AuditRecords(), record => record.Event == AuditEvent.SignaturesReleased);
        Assert.Empty(bed.Refusals);
    }

    private static void Told(PipelineBed bed, Answer answer, Exception broken, SamErrorCode cause, int status)
    {
        Assert.Equal(status, answer.Status);
        Assert.Equal(["error", "error_description"], JsonElement.Parse(answer.Text).EnumerateObject().Select(member => member.Name));
        foreach (string inside in new[] { Detail, broken.GetType().Name, "   at ", cause.ToString() })
        {
            Assert.DoesNotContain(inside, answer.Text, StringComparison.Ordinal);
        }

        bed.Counted(cause);
        Assert.Equal([(1001, broken)], bed.Logged);
    }

    private static Task<Answer> SignAsync(PipelineBed bed, TestSigner signer, SecretText sad, CancellationToken client)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            credentialID = signer.Credential.Value,
            SAD = sad.Reveal(),
            hashes = new[] { Convert.ToBase64String(_digest.Value) },
            signAlgo = "1.2.840.10045.4.3.2",
        });
        return bed.SendAsync(Sign, new CountedBody(body), context => context.RequestAborted = client);
    }

    private static SamRoute Route(Func<SamRequest, Task<SamResponse>> handler) =>
        new("try", ["POST"], "/try", RoutePolicy.Client, RouteGate.Signing, ReadsBody: true, (request, _) => handler(request));
}
