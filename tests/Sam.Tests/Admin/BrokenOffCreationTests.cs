using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Tests.Pipeline;
using Xunit;

namespace Sam.Tests.Admin;

/// <summary>Requests under an idempotency key that break off, or seem to.</summary>
[Trait("Requirement", "MGT-2")]
public sealed class BrokenOffCreationTests : IAsyncLifetime
{
    private CreationBed _bed = null!;

    public static TheoryData<string> Made => [.. CreationBed.Made];

    public async ValueTask InitializeAsync() => _bed = await CreationBed.OpenAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    /// <summary>The process ends at each of its calls to the table in turn. Sent again a minute later, the request makes what is not there yet, and nothing else.</summary>
    [Theory]
    [MemberData(nameof(Made))]
    public async Task Whatever_breaks_off_is_made_once(string what)
    {
        int keys = _bed.Sam.Keys.KeyNames.Count;
        int crashes = 0;
        int begun = 0;
        for (bool isThrough = false; !isThrough; crashes++)
        {
            int left = crashes;
            bool isBegun = false;
            _bed.Sam.Rows.Before = _ => Interlocked.Decrement(ref left) < 0 ? throw new RowStoreException("The process ends here.") : Task.CompletedTask;
            _bed.Sam.Rows.After = call =>
            {
                isBegun |= CreationBed.IsBegun(call);
                return Task.CompletedTask;
            };
            string name = $"n{crashes}";
            isThrough = (await _bed.SendAsync(what, name, name)).Status == 201;
            (_bed.Sam.Rows.Before, _bed.Sam.Rows.After) = (null, null);
            begun += isBegun ? 1 : 0;

            Answer soon = await _bed.SendAsync(what, name, name);
            Assert.True(soon.Status == 201 || soon.Code == nameof(SamErrorCode.RequestUnderWay), $"{crashes}: {soon.Text}");
            _bed.Sam.Clock.Advance(TimeSpan.FromSeconds(61));
            Answer late = await _bed.SendAsync(what, name, name);
            Assert.True(late.Status == 201, $"{crashes}: {late.Text}");
            Assert.Equal(late.Text, (await _bed.SendAsync(what, name, name)).Text);
            Assert.Equal(1, await _bed.CountAsync(what, name));
        }

        // It ended before and after the key was noted, and at several places behind that.
        Assert.True(begun > 5 && crashes > begun, $"{begun} of {crashes}");
        Assert.Contains(_bed.Sam.AuditRecords(), r => r.Event == AuditEvent.RequestTakenUp && r.By!.Contains(what == "proposal" ? _bed.Admin.Officers.Three[0].Id : _bed.Rita.Id, StringComparison.Ordinal));

        // And no key stays that belongs to nobody.
        _bed.Sam.Clock.Advance(TimeSpan.FromMinutes(11));
        _ = await _bed.Admin.Officers.Sam.Credentials.SweepAsync(CancellationToken.None);
        Assert.Equal(what == "credential" ? crashes : 0, _bed.Sam.Keys.KeyNames.Count - keys);
    }

    /// <summary>Who was thought to have ended was only slow, and wakes up when somebody else has taken its request up.</summary>
    [Theory]
    [MemberData(nameof(Made))]
    public async Task Of_a_slow_one_and_the_one_that_took_over_one_makes_it(string what)
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
        Task<Answer> slow = _bed.SendAsync(what, "one");
        await arrived.Task;
        _bed.Sam.Rows.After = null;
        _bed.Sam.Clock.Advance(TimeSpan.FromSeconds(61));
        Answer other = await _bed.SendAsync(what, "one");
        Assert.Equal(201, other.Status);
        goOn.SetResult();
        Answer woken = await slow;
        Assert.True(woken.Status != 201 || woken.Headers.Location == other.Headers.Location, woken.Text);
        Assert.Equal(1, await _bed.CountAsync(what, "one"));
        Assert.Equal(other.Headers.Location, (await _bed.SendAsync(what, "one")).Headers.Location);
    }
}
