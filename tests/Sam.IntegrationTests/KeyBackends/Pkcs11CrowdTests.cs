using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>Sixty-four callers at once, and each of the HSM's faults in the midst of them: what each is told, what becomes of the SADs, and what stays open.</summary>
public sealed class Pkcs11CrowdTests
{
    private const int Crowd = 64;
    private const int MaxSessions = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Requirement", "APX-4")]
    public async Task Sixty_four_signatures_at_once_survive_each_fault_or_fail_as_they_should()
    {
        await using ModuleOnHsm bed = await ModuleOnHsm.OpenAsync(MaxSessions);
        List<string> expected = [];
        List<string> found = [];
        int failed = 0;
        foreach (HsmFault fault in HsmFault.All)
        {
            int failing = fault.Survived ? 0 : fault.Always ? Crowd : 1;
            failed += failing;
            expected.Add($"{fault}: {Crowd - failing} signed, {failing} told HsmUnavailable, {Crowd} SADs spent, sound again");

            (SecretText Sad, Digest Digest)[] sads = await bed.AuthorizeManyAsync(Crowd);
            fault.InjectInto(bed.Shim);
            SamErrorCode?[] told = await Task.WhenAll(sads.Select(sad => Task.Run(() => bed.SignAsync(sad.Sad, sad.Digest), Cancellation)));
            bed.Shim.Clear(fault.Function);
            SamErrorCode?[] again = await Task.WhenAll(sads.Select(sad => bed.SignAsync(sad.Sad, sad.Digest)));
            bool sound = await bed.SignAsync(await bed.AuthorizeAsync(Digests.Of("after")), Digests.Of("after")) is null;
            found.Add(
                $"{fault}: {told.Count(t => t is null)} signed, {told.Count(t => t == SamErrorCode.HsmUnavailable)} told HsmUnavailable, "
                + $"{again.Count(a => a == SamErrorCode.SadSpent)} SADs spent, {(sound ? "sound again" : "broken for good")}");
            Assert.InRange(bed.Shim.OpenSessions(), 1, MaxSessions + 1);
        }

        Assert.Equal(expected, found);
        Assert.Equal(failed, bed.AuditRecords().Count(r => r is { Event: AuditEvent.SigningFailed, Cause: nameof(SamErrorCode.HsmUnavailable) }));
        Assert.Equal((Crowd + 1) * HsmFault.All.Count - failed, bed.AuditRecords().Count(r => r.Event == AuditEvent.SignaturesReleased));
        TestReport.Add("PKCS#11 faults, 64 signatures at once", $"{HsmFault.All.Count} faults, {Crowd * HsmFault.All.Count - failed} signed, {failed} refused, every SAD spent");
    }

    [Fact]
    public async Task Sixty_four_macs_at_once_are_right_or_fail_as_they_should()
    {
        await using ModuleOnHsm bed = await ModuleOnHsm.OpenAsync(MaxSessions);
        byte[] right = Assert.IsType<byte[]>(await bed.MacAsync());
        List<string> expected = [];
        List<string> found = [];
        foreach (HsmFault fault in HsmFault.All.Select(f => f.OfMacs))
        {
            int failing = fault.Survived ? 0 : fault.Always ? Crowd : 1;
            expected.Add($"{fault}: {Crowd - failing} right, {failing} refused, sound again");
            fault.InjectInto(bed.Shim);
            byte[]?[] macs = await Task.WhenAll(Enumerable.Range(0, Crowd).Select(_ => Task.Run(bed.MacAsync, Cancellation)));
            bed.Shim.Clear(fault.Function);
            bool sound = await bed.MacAsync() is not null;
            found.Add(
                $"{fault}: {macs.Count(m => m is not null && m.AsSpan().SequenceEqual(right))} right, {macs.Count(m => m is null)} refused, "
                + $"{(sound ? "sound again" : "broken for good")}");
            Assert.InRange(bed.Shim.OpenSessions(), 1, MaxSessions + 1);
        }

        Assert.Equal(expected, found);
        TestReport.Add("PKCS#11 faults, 64 MACs at once", $"{HsmFault.All.Count} faults, none wrong");
    }

    [Fact]
    public async Task A_thousand_faulty_and_sound_signatures_leave_nothing_open_and_nothing_behind()
    {
        const int batch = 20;
        int seed = Random.Shared.Next();
        Random random = new(seed);
        int signed = 0;
        int refused = 0;
        ModuleOnHsm bed = await ModuleOnHsm.OpenAsync(MaxSessions);
        await using (bed)
        {
            int objects = bed.CountObjects();
            for (int done = 0; done < 1_000; done += batch)
            {
                HsmFault? fault = random.Next(3) == 0 ? null : HsmFault.All[random.Next(HsmFault.All.Count)];
                (SecretText Sad, Digest Digest)[] sads = await bed.AuthorizeManyAsync(batch);
                fault?.InjectInto(bed.Shim);
                SamErrorCode?[] told = await Task.WhenAll(sads.Select(sad => Task.Run(() => bed.SignAsync(sad.Sad, sad.Digest), Cancellation)));
                if (fault is not null)
                {
                    bed.Shim.Clear(fault.Function);
                }

                int failing = fault is null || fault.Survived ? 0 : fault.Always ? batch : 1;
                Assert.True(
                    told.Count(t => t is null) == batch - failing && told.Count(t => t == SamErrorCode.HsmUnavailable) == failing,
                    $"Seed {seed}, {fault?.Name ?? "no fault"}: {string.Join(' ', told)}");
                signed += batch - failing;
                refused += failing;
            }

            Assert.InRange(bed.Shim.OpenSessions(), 1, MaxSessions + 1);
            Assert.Equal(objects, bed.CountObjects());
        }

        Assert.Equal(0, bed.OpenAtEnd);
        TestReport.Add("PKCS#11 faults, mixed", $"{signed} signed, {refused} refused, no object more, {MaxSessions + 1} sessions at most and none at the end, seed {seed}");
    }
}
