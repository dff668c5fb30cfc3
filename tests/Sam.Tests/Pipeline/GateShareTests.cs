using Microsoft.AspNetCore.Http;
using Sam.Api.Composition;
using Sam.Api.Pipeline;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Pipeline;

/// <summary>One caller is not all callers, and stops get in where the rest is kept waiting.</summary>
[Trait("Requirement", "STP-1")]
public sealed class GateShareTests
{
    private const int Count = 16;

    private readonly OverloadGate _gate = new(new GateOptions { MaxAuthorizing = Count, MaxSigning = Count, MaxAdministering = Count });

    [Theory]
    [InlineData(RouteGate.Authorizing)]
    [InlineData(RouteGate.Signing)]
    [InlineData(RouteGate.Administering)]
    public void One_login_takes_a_quarter(RouteGate gate)
    {
        List<IDisposable> taken = Fill(gate, User("mallory"), isUrgent: true);
        Assert.Equal(Count / 4, taken.Count);

        // Another login at the same client, and the same login at another.
        Assert.NotNull(_gate.TryEnter(gate, User("alice"), isUrgent: false));
        Assert.NotNull(_gate.TryEnter(gate, User("mallory", "another"), isUrgent: false));

        // What is given back twice is given back once.
        taken[0].Dispose();
        taken[0].Dispose();
        Assert.Single(Fill(gate, User("mallory"), isUrgent: true));
    }

    [Theory]
    [InlineData(RouteGate.Authorizing, 10)]
    [InlineData(RouteGate.Signing, 16)]
    [InlineData(RouteGate.Administering, 4)]
    public void A_clients_own_token_speaks_for_many_but_does_not_administer(RouteGate gate, int most) =>
        Assert.Equal(most, Fill(gate, new Caller(SamTestBed.Id("sca"), Login: null), isUrgent: false).Count);

    [Theory]
    [InlineData(RouteGate.Authorizing)]
    [InlineData(RouteGate.Administering)]
    public void Some_places_are_kept_and_no_caller_takes_all_of_them(RouteGate gate)
    {
        Assert.Equal(10, Fill(gate, caller: null, isUrgent: false).Count);
        Assert.Equal(4, Fill(gate, User("mallory"), isUrgent: true).Count);
        Assert.Equal(2, Fill(gate, User("alice"), isUrgent: true).Count);
        Assert.Empty(Fill(gate, User("bob"), isUrgent: true));
    }

    [Fact]
    public void A_small_gate_still_lets_two_of_one_caller_in()
    {
        OverloadGate small = new(new GateOptions { MaxAdministering = 2 });
        Assert.NotNull(small.TryEnter(RouteGate.Administering, User("alice"), isUrgent: false));
        Assert.NotNull(small.TryEnter(RouteGate.Administering, User("alice"), isUrgent: false));
        Assert.Null(small.TryEnter(RouteGate.Administering, User("bob"), isUrgent: true));
    }

    /// <summary>Mallory and others with tokens, and nothing else, hold what they can get; the officer's stop and the signer's get in.</summary>
    [Fact]
    public async Task Who_holds_tokens_only_keeps_no_stop_out()
    {
        TaskCompletionSource goOn = new();
        async Task<SamResponse> HoldAsync()
        {
            await goOn.Task;
            return new SamResponse.Empty();
        }

        SamRoute administer = new("administer", ["POST"], "/administer", RoutePolicy.Client, RouteGate.Administering, ReadsBody: true, (_, _) => HoldAsync());
        SamRoute authorize = administer with { Name = "authorize", Path = "/authorize", Gate = RouteGate.Authorizing };
        await using PipelineBed bed = await PipelineBed.OpenAsync(o => (o.Gate.MaxAdministering, o.Gate.MaxAuthorizing) = (Count, Count), administer, authorize);
        List<Task<Answer>> held = [];
        foreach (string route in new[] { "administer", "authorize" })
        {
            for (int i = 0; i < Count * 2; i++)
            {
                bed.Tokens.Answer = () => User($"mallory-{i % 8}");
                held.Add(bed.SendAsync(route));
            }
        }

        Assert.Equal(2 * 10, held.Count(h => !h.IsCompleted));
        bed.Tokens.Answer = () => User("alice");
        Assert.Equal(503, (await bed.SendAsync("sam-status")).Status);
        Assert.Equal(503, (await bed.SendAsync("sam-credentials-revocation")).Status);
        Assert.Equal(503, (await bed.SendAsync("v2-credentials-authorize")).Status);
        Assert.Equal(503, (await bed.SendAsync("sam-me-confirmation")).Status);

        // Let in, and refused for what they are.
        static void Prove(HttpContext context) => context.Request.Headers["Sam-Proof"] = "none";
        foreach (string stop in new[] { "sam-credentials-revocation", "sam-signers-suspension", "sam-clients-stop" })
        {
            Assert.Equal((stop, false), (stop, (await bed.SendAsync(stop, new CountedBody("{}"u8.ToArray()), Prove)).Status == 503));
        }

        foreach (string stop in new[] { "sam-me-challenges", "sam-me-stops" })
        {
            Assert.Equal((stop, false), (stop, (await bed.SendAsync(stop)).Status == 503));
        }

        // A proof opens nothing that takes none.
        Assert.Equal(503, (await bed.SendAsync("sam-status", new CountedBody([]), Prove)).Status);
        goOn.SetResult();
        _ = await Task.WhenAll(held);
    }

    private static Caller User(string login, string client = "sca") => new(SamTestBed.Id(client), SamTestBed.Login(login));

    private List<IDisposable> Fill(RouteGate gate, Caller? caller, bool isUrgent)
    {
        List<IDisposable> taken = [];
        while (_gate.TryEnter(gate, caller, isUrgent) is { } place)
        {
            taken.Add(place);
        }

        return taken;
    }
}
