using System.Collections.Concurrent;
using System.Diagnostics;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>More than the HSM can sign (security decision 7): who is refused keeps the SAD, who is let in gets signatures, and soon.</summary>
public sealed class OverloadTests(AzuriteFixture azurite)
{
    private const int Signers = 8;
    private const string Refused = "503 temporarily_unavailable, again after 1 s";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Requirement", "SIG-3")]
    public async Task Who_is_refused_at_a_full_hsm_keeps_the_sad_and_who_is_let_in_is_signed_for()
    {
        const int requests = 96;
        const int largest = 50;

        // Taken together they are 2,400 digests of 8 ms on 8 sessions. If all were let in, many would wait longer than the 2 s after which a spent SAD signs nothing.
        await using HostOnFaultyHsm bed = await StartAsync(sessions: 8, digestsInHand: 2 * largest);
        int seed = Random.Shared.Next();
        Random random = new(seed);
        Ticket[] tickets = await AuthorizeAsync(bed, [.. Enumerable.Range(0, requests).Select(_ => random.Next(1, largest + 1))]);
        bed.Shim.Inject(Pkcs11Shim.Sign, ShimFault.Delay(TimeSpan.FromMilliseconds(8)), always: true);

        CscReply[] replies = await Task.WhenAll(tickets.Select(ticket => ticket.SignAsync()));

        bed.Shim.Clear(Pkcs11Shim.Sign);
        Ticket[] refused = [.. tickets.Zip(replies).Where(pair => pair.Second.Status != 200).Select(pair => pair.First)];
        Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal(Refused, HostOnFaultyHsm.Told(reply)));
        Assert.Equal($"Overloaded {refused.Length}", await bed.CausesAsync());
        Assert.InRange(refused.Length, 1, requests - 1);
        Assert.All(tickets.Zip(replies).Where(pair => pair.Second.Status == 200), pair => Assert.True(pair.First.IsSignedBy(pair.Second), $"Seed {seed}"));

        // One at a time there is room for each.
        foreach (Ticket ticket in refused)
        {
            Assert.True(ticket.IsSignedBy(await ticket.SignAsync()), $"Seed {seed}");
        }

        Assert.Equal($"Overloaded {refused.Length}", await bed.CausesAsync());
        await bed.EndAsync();
        IReadOnlyList<AuditRecord> audit = await bed.Deployment.ReadAuditAsync();
        Assert.Equal(requests, audit.Count(r => r.Event == AuditEvent.SignaturesReleased));
        Assert.DoesNotContain(audit, r => r.Event is AuditEvent.SigningFailed or AuditEvent.SigningRefused);
        TestReport.Add(
            "overload", $"{requests} requests of 1 to {largest} hashes at once: {requests - refused.Length} signed, {refused.Length} refused, none of these lost its SAD, seed {seed}");
    }

    [Fact]
    [Trait("Soak", "overload")]
    public async Task At_twice_the_capacity_who_is_let_in_waits_at_most_three_times_as_long()
    {
        const int capacity = 16;
        await using HostOnFaultyHsm bed = await StartAsync(sessions: 4, digestsInHand: capacity);
        bed.Shim.Inject(Pkcs11Shim.Sign, ShimFault.Delay(TimeSpan.FromMilliseconds(10)), always: true);
        _ = await LoadAsync(bed, capacity, 4 * capacity);

        Load at = await LoadAsync(bed, capacity, TestCounts.CallsUnderLoad);
        Load twice = await LoadAsync(bed, 2 * capacity, TestCounts.CallsUnderLoad);

        string causes = await bed.CausesAsync();
        Assert.Equal(0, at.Refused);
        Assert.True(twice.Refused > 0 && causes == $"Overloaded {twice.Refused}", causes);

        // A time is judged where nothing else runs, and not in a run of all tests.
        Assert.True(!TestCounts.TimesAreJudged || twice.P99 <= 3 * at.P99, $"{twice} against {at}");
        TestReport.Add("overload, closed loop", $"p99 {at.P99:0} ms at capacity, {twice.P99:0} ms at twice the capacity, {TestCounts.CallsUnderLoad} signed calls each");
        await SoakResults.WriteAsync("overload", new { digestsInHand = capacity, sessions = 4, hsmMillisecondsPerSignature = 10, atCapacity = at, atTwiceTheCapacity = twice, ratioOfP99 = twice.P99 / at.P99 });
    }

    /// <summary>The gate at the HSM is the only one that can be full; and the log is short, because writing it would be most of what is measured.</summary>
    private Task<HostOnFaultyHsm> StartAsync(int sessions, int digestsInHand) => HostOnFaultyHsm.StartAsync(
        azurite,
        ("Sam__Pkcs11__MaxSessions", $"{sessions}"),
        ("Sam__Activation__MaxDigestsInHand", $"{digestsInHand}"),
        ("Sam__Gate__MaxSigning", "1000"),
        ("Logging__LogLevel__Default", "Warning"),
        ("Logging__LogLevel__Microsoft.AspNetCore", "Warning"),
        ("Logging__LogLevel__Microsoft.AspNetCore.Hosting", "Information"),
        ("Logging__LogLevel__Microsoft.Hosting.Lifetime", "Information"));

    /// <summary>Each client sends its next call when the last was signed, and a refused one again after a while.</summary>
    private static async Task<Load> LoadAsync(HostOnFaultyHsm bed, int clients, int calls)
    {
        ConcurrentQueue<Ticket> waiting = new(await AuthorizeAsync(bed, [.. Enumerable.Repeat(1, calls)]));
        ConcurrentBag<double> latencies = [];
        int refused = 0;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(
            async () =>
            {
                while (waiting.TryDequeue(out Ticket? ticket))
                {
                    while (true)
                    {
                        long sent = Stopwatch.GetTimestamp();
                        CscReply reply = await ticket.SignAsync();
                        double latency = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
                        if (reply.Status == 200)
                        {
                            Assert.True(ticket.IsSignedBy(reply));
                            latencies.Add(latency);
                            break;
                        }

                        Assert.Equal(Refused, HostOnFaultyHsm.Told(reply));
                        _ = Interlocked.Increment(ref refused);
                        await Task.Delay(50, Cancellation);
                    }
                }
            },
            Cancellation)));
        double[] sorted = [.. latencies.Order()];
        return new Load(clients, calls, refused, calls / Stopwatch.GetElapsedTime(start).TotalSeconds, sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
    }

    /// <summary>A SAD for as many digests as each of these says. One signer's authorizations stand in each other's way, those of several do not.</summary>
    private static async Task<Ticket[]> AuthorizeAsync(HostOnFaultyHsm bed, IReadOnlyList<int> sizes)
    {
        ConcurrentBag<Ticket> tickets = [];
        await Task.WhenAll(Enumerable.Range(0, Signers).Select(async signer =>
        {
            (CscClient client, TestCredential credential) = await bed.Host.MakeAsync(KeyAlgorithm.P256);
            for (int i = signer; i < sizes.Count; i += Signers)
            {
                byte[][] digests = [.. Enumerable.Range(0, sizes[i]).Select(_ => HostOnFaultyHsm.NewDigest())];
                tickets.Add(new Ticket(client, credential, await client.GetSadAsync(credential, digests), digests));
            }
        }));
        return [.. tickets];
    }

    /// <summary>A SAD, and all that it is good for.</summary>
    private sealed record Ticket(CscClient Client, TestCredential Credential, string Sad, byte[][] Digests)
    {
        public override string ToString() => $"{Digests.Length} hashes";

        internal Task<CscReply> SignAsync() => Client.SignHashAsync(Credential, Sad, Digests);

        internal bool IsSignedBy(CscReply reply) =>
            reply.Signatures is { } signatures && signatures.Count == Digests.Length && Digests.Zip(signatures).All(pair => Credential.Verifies(pair.First, pair.Second));
    }

    private sealed record Load(int Clients, int Signed, int Refused, double SignedPerSecond, double MedianMilliseconds, double P99);
}
