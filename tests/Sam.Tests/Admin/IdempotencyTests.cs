using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Sam.Tests.Pipeline;
using Xunit;

namespace Sam.Tests.Admin;

/// <summary>What a privileged user asks for under one idempotency key is made once, whatever is lost, sent twice or breaks off.</summary>
[Trait("Requirement", "MGT-2")]
public sealed class IdempotencyTests : IAsyncLifetime
{
    private CreationBed _bed = null!;

    public static TheoryData<string> Made => [.. CreationBed.Made];

    public async ValueTask InitializeAsync() => _bed = await CreationBed.OpenAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [MemberData(nameof(Made))]
    public async Task The_same_request_is_told_what_was_made(string what)
    {
        Answer first = await _bed.SendAsync(what, "one");
        Answer again = await _bed.SendAsync(what, "one");
        Assert.Equal((201, first.Text, first.Headers.Location, first.Headers.ETag), (again.Status, again.Text, again.Headers.Location, again.Headers.ETag));
        Assert.Equal(1, await _bed.CountAsync(what, "one"));
    }

    [Theory]
    [MemberData(nameof(Made))]
    public async Task Without_a_key_or_under_another_one_it_is_asked_for_again(string what)
    {
        Answer first = await _bed.SendAsync(what, "one");
        foreach (string? other in new[] { null, "another key" })
        {
            Answer again = await _bed.SendAsync(what, "one", other);
            Assert.NotEqual(first.Text, again.Text);
            Assert.Equal(what == "signer" ? 409 : 201, again.Status);
        }
    }

    [Theory]
    [MemberData(nameof(Made))]
    public async Task Of_16_at_once_one_makes_it(string what)
    {
        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => _bed.SendAsync(what, "one"))));
        Assert.All(answers, a => Assert.True(a.Status == 201 || a.Code == nameof(SamErrorCode.RequestUnderWay), a.Text));
        _ = Assert.Single(answers.Where(a => a.Status == 201).Select(a => a.Text).Distinct());
        Assert.Equal(1, await _bed.CountAsync(what, "one"));
    }

    [Theory]
    [MemberData(nameof(Made))]
    public async Task While_the_first_is_at_work_the_next_are_told_to_wait(string what)
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _bed.Sam.Rows.After = async call =>
        {
            if (CreationBed.IsBegun(call))
            {
                arrived.SetResult();
                await goOn.Task;
            }
        };
        Task<Answer> first = _bed.SendAsync(what, "one");
        await arrived.Task;
        _bed.Sam.Rows.After = null;
        for (int i = 0; i < 3; i++)
        {
            Answer waiting = await _bed.SendAsync(what, "one");
            Assert.Equal((409, nameof(SamErrorCode.RequestUnderWay), "1"), (waiting.Status, waiting.Code, waiting.Headers.RetryAfter.ToString()));
        }

        goOn.SetResult();
        Assert.Equal((await first).Text, (await _bed.SendAsync(what, "one")).Text);
        Assert.Equal(1, await _bed.CountAsync(what, "one"));
    }

    [Theory]
    [MemberData(nameof(Made))]
    public async Task Another_request_under_the_key_is_refused(string what)
    {
        _ = await _bed.SendAsync(what, "one");
        Answer other = await _bed.SendAsync(what, "two");
        Assert.Equal((422, nameof(SamErrorCode.IdempotencyKeyReused)), (other.Status, other.Code));
        Assert.Equal(0, await _bed.CountAsync(what, "two"));
    }

    [Fact]
    public async Task The_same_body_for_something_else_is_another_request()
    {
        string other = CreationBed.Json(await _bed.SendAsync("signer", "two", key: null)).GetProperty("id").GetString()!;
        _ = await _bed.SendAsync("credential", "one");
        Answer elsewhere = await _bed.Admin.SendAsync(_bed.Rita, "POST", $"/sam/v1/signers/{other}/credentials", CreationBed.Body("credential", "one"), idempotencyKey: CreationBed.Key);
        Assert.Equal(nameof(SamErrorCode.IdempotencyKeyReused), elsewhere.Code);
    }

    [Fact]
    public async Task Another_officers_key_is_another_key()
    {
        Answer ritas = await _bed.SendAsync("credential", "one");
        Answer rolfs = await _bed.Admin.SendAsync(_bed.Rolf, "POST", _bed.Target("credential"), CreationBed.Body("credential", "two"), idempotencyKey: CreationBed.Key);
        Assert.Equal((201, 201), (ritas.Status, rolfs.Status));
        Assert.NotEqual(ritas.Headers.Location, rolfs.Headers.Location);
    }

    [Theory]
    [InlineData("credential")]
    [InlineData("proposal")]
    public async Task After_a_day_the_key_is_as_good_as_new(string what)
    {
        Answer first = await _bed.SendAsync(what, "one");
        _bed.Sam.Clock.Advance(Creations.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(first.Headers.Location, (await _bed.SendAsync(what, "one")).Headers.Location);

        _bed.Sam.Clock.Advance(TimeSpan.FromSeconds(1));
        Answer anew = await _bed.SendAsync(what, "two");
        Assert.Equal(201, anew.Status);
        Assert.NotEqual(first.Headers.Location, anew.Headers.Location);
    }

    [Fact]
    public async Task What_was_refused_leaves_the_key_free()
    {
        Assert.Equal(nameof(SamErrorCode.UserIdTaken), (await _bed.SendAsync("signer", "sina")).Code);
        Answer mended = await _bed.SendAsync("signer", "sabine");
        Assert.Equal(201, mended.Status);
        Assert.Equal(mended.Text, (await _bed.SendAsync("signer", "sabine")).Text);
    }

    [Fact]
    public async Task A_code_is_told_once_and_stays_the_one()
    {
        string target = $"/sam/v1/signers/{_bed.Signer}/enrolment-code";
        Answer first = await _bed.Admin.SendAsync(_bed.Rita, "POST", target, idempotencyKey: CreationBed.Key);
        Assert.Equal(201, first.Status);
        for (int i = 0; i < 2; i++)
        {
            Answer again = await _bed.Admin.SendAsync(_bed.Rita, "POST", target, idempotencyKey: CreationBed.Key);
            Assert.Equal((409, nameof(SamErrorCode.AnswerNotKept)), (again.Status, again.Code));
            _bed.Sam.Clock.Advance(TimeSpan.FromMinutes(2));
        }

        // The code that arrived is still good.
        string code = CreationBed.Json(first).GetProperty("code").GetString()!;
        Answer enrolled = await _bed.Admin.SendAsync(
            new Core.Values.Caller(SamTestBed.Id("app"), SamTestBed.Login("sina")), "POST", "/sam/v1/enrolment", $$"""{"code":"{{code}}","pin":"{{SamTestBed.NewPin().Reveal()}}"}""");
        Assert.Equal(200, enrolled.Status);
        Assert.Equal(201, (await _bed.Admin.SendAsync(_bed.Rita, "POST", target, idempotencyKey: "another key")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("schlüssel")]
    [InlineData("two\tparts")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        Answer answer = await _bed.SendAsync("credential", "one", key);
        Assert.Equal((400, nameof(SamErrorCode.ParameterInvalid)), (answer.Status, answer.Code));
        Assert.Equal(0, await _bed.CountAsync("credential", "one"));
    }

    [Fact]
    public async Task A_key_that_the_proof_does_not_cover_is_refused()
    {
        Answer answer = await _bed.Admin.SendAsync(_bed.Rita, "POST", _bed.Target("credential"), CreationBed.Body("credential", "one"), context => context.Request.Headers["Idempotency-Key"] = CreationBed.Key);
        Assert.Equal(nameof(SamErrorCode.ProofInvalid), answer.Code);
    }

    [Fact]
    public async Task Rows_are_forgotten_after_their_time_and_not_before()
    {
        InMemoryRowStore table = _bed.Sam.Table;
        _ = await _bed.SendAsync("credential", "one");
        Assert.Equal(1, Remembered());
        _bed.Sam.Clock.Advance(Creations.Lifetime);
        Assert.Equal(0, await PassAsync());
        _bed.Sam.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await PassAsync());
        Assert.Equal(0, Remembered());

        int Remembered() => table.Attacker.Rows(SamTable.Registry).Count(row => row.Address.PartitionKey.StartsWith("requests-", StringComparison.Ordinal));

        async Task<int> PassAsync()
        {
            int deleted = 0;
            for (int minute = 0; minute < Creations.Shards; minute++)
            {
                deleted += await new ForgottenRequests(table).PurgeDueAsync(CancellationToken.None);
                _bed.Sam.Clock.Advance(TimeSpan.FromMinutes(1));
            }

            return deleted;
        }
    }
}
