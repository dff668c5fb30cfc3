using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Rows;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>Opening and closing.</summary>
public sealed class ActivationModuleTests
{
    public static TheoryData<string, ActivationModuleOptions> Faults => new()
    {
        { "Activation:SadLifetime", With(new ActivationPolicy { SadLifetime = TimeSpan.Zero }) },
        { "Activation:SadLifetime", With(new ActivationPolicy { SadLifetime = TimeSpan.FromSeconds(301) }) },
        { "Activation:Retention", With(new ActivationPolicy { Retention = TimeSpan.FromSeconds(-1) }) },
        { "Activation:MaxSpendToKeyUse", With(new ActivationPolicy { MaxSpendToKeyUse = TimeSpan.FromSeconds(2.1) }) },
        { "Activation:MaxSpendToRelease", With(new ActivationPolicy { MaxSpendToRelease = TimeSpan.FromSeconds(10.1) }) },
        { "Pin:MaxAttempts", With(new PinPolicy { MaxAttempts = 0 }) },
        { "Pin:MaxAttempts", With(new PinPolicy { MaxAttempts = 11 }) },
        { "Pin:MaxAttemptsEver", With(new PinPolicy { MaxAttemptsEver = 4 }) },
        { "Pin:Cost", With(new PinPolicy { Cost = new PasswordHashCost(7, 1, 1) }) },
        { "Pin:MaxConcurrentEvaluations", With(new PinPolicy { MaxConcurrentEvaluations = 0 }) },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Faults))]
    public async Task An_option_out_of_its_bounds_stops_the_start_before_anything_is_touched(string option, ActivationModuleOptions options)
    {
        InMemoryRowStore table = new(new TestClock());
        await using SoftwareKeyBackend keys = new();

        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(() =>
            ActivationModule.OpenAsync(table, table, keys, new Pbkdf2TestHash(), options, TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.StartsWith(option + " ", fault.Message, StringComparison.Ordinal);
        Assert.Empty(table.Attacker.Rows());
        Assert.Empty(keys.KeyNames);
    }

    /// <summary>It answers every question and uses no key: what no check of the token shows. Asked for now and then, since an HSM's signatures per second are few.</summary>
    [Fact]
    public async Task An_HSM_that_uses_no_key_is_away()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        int used = 0;
        bed.Hsm.BeforeMac = () =>
        {
            used++;
            return Task.CompletedTask;
        };
        for (int i = 0; i < 10; i++)
        {
            Assert.True((await bed.Sam.CheckAsync(CancellationToken.None)).IsReady);
        }

        Assert.Equal(1, used);
        bed.Hsm.BeforeMac = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "test");
        bed.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.False((await bed.Sam.CheckAsync(CancellationToken.None)).Hsm);
        Assert.False((await bed.Sam.CheckAsync(CancellationToken.None)).Hsm);
        bed.Hsm.BeforeMac = null;
        Assert.True((await bed.Sam.CheckAsync(CancellationToken.None)).IsReady);
    }

    [Fact]
    public void The_default_options_are_within_their_bounds() => Assert.Null(new ActivationModuleOptions().FindFault());

    [Fact]
    public async Task Each_process_opens_a_chain()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        _ = await bed.OpenProcessAsync();
        Assert.Equal(2, bed.AuditRecords().Count(r => r.Event == AuditEvent.ChainOpened));
        Assert.Equal(2, bed.AuditTable.Attacker.Rows().Select(r => r.Address.PartitionKey).Distinct().Count());
    }

    [Fact]
    public async Task A_start_without_audit_fails_and_leaves_nothing_running()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        bed.Audit.Before = _ => throw new RowStoreException("test");
        Task<ActivationModule> opening = bed.OpenProcessAsync();
        await Assert.ThrowsAsync<AuditUnavailableException>(() => bed.Clock.TurnUntilAsync(opening));
        bed.Audit.Before = null;
        bed.Audit.ForgetCalls();

        // A writer left behind would try again now.
        for (int i = 0; i < 100; i++)
        {
            bed.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        // What is written are the checkpoints of the process that did start.
        Assert.DoesNotContain(bed.Audit.Calls, call => call.IsWrite && !call.Address.PartitionKey.StartsWith(AuditFormat.CheckpointPartition, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_is_what_answers_now()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        Assert.Equal(new ModuleHealth(Hsm: true, Storage: true, Audit: true), await bed.Sam.CheckAsync(TestContext.Current.CancellationToken));
        bed.Rows.Before = _ => throw new RowStoreException("test");
        Assert.Equal(new ModuleHealth(Hsm: true, Storage: false, Audit: true), await bed.Sam.CheckAsync(TestContext.Current.CancellationToken));
        bed.Rows.Before = null;
        bed.Audit.Before = _ => throw new RowStoreException("test");
        ModuleHealth health = await bed.Sam.CheckAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new ModuleHealth(Hsm: true, Storage: true, Audit: false), health);
        Assert.False(health.IsReady);
        bed.Audit.Before = null;
        bed.Hsm.BeforeCheck = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "test");
        Assert.Equal(new ModuleHealth(Hsm: false, Storage: true, Audit: true), await bed.Sam.CheckAsync(TestContext.Current.CancellationToken));
    }

    private static ActivationModuleOptions With(ActivationPolicy policy) => new() { Activation = policy };

    private static ActivationModuleOptions With(PinPolicy policy) => new() { Pin = policy };
}
