using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Credentials;

/// <summary>
/// A stop against 64 calls to signHash at two processes: some are held between their reading and their spend, some between their spend and the HSM, some run free. No request whose spend was
/// stored after the stop was stored releases a signature. One whose spend was stored before it may, within its ten seconds.
/// </summary>
[Trait("Requirement", "STP-1")]
[Trait("Requirement", "T-USE-2")]
public sealed class StopRaceTests
{
    private const int Held = 24;
    private const int Free = 16;

    [Theory]
    [InlineData("by the signer")]
    [InlineData("by an officer")]
    [InlineData("of the signer")]
    [InlineData("for good")]
    public async Task A_stop_holds_against_everything_that_is_under_way(string stop)
    {
        ActivationModuleOptions options = new() { Activation = new ActivationPolicy { MaxDigestsInHand = 1_000 } };
        await using SamTestBed bed = await SamTestBed.OpenAsync(options);
        ActivationModule[] processes = [bed.Sam, await bed.OpenProcessAsync()];
        TestSigner alice = await bed.AddSignerAsync();
        Digest[] digests = Digests.Some((2 * Held) + Free);
        List<SecretText> sads = [];
        foreach (Digest digest in digests)
        {
            sads.Add(await bed.AuthorizeAsync(alice, digest));
        }

        // The first ones are held before their spend, the next ones before the HSM.
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource allHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);
        AsyncLocal<int> call = new();
        HashSet<int> late = [];
        int spends = 0;
        int uses = 0;
        int held = 0;
        bed.Rows.Before = row =>
        {
            if (row.Kind != RowStoreCallKind.Replace || row.Address.Table != SamTable.Transactions || Interlocked.Increment(ref spends) > Held)
            {
                return Task.CompletedTask;
            }

            lock (late)
            {
                _ = late.Add(call.Value);
            }

            return HoldAsync();
        };
        bed.Hsm.BeforeSign = () => Interlocked.Increment(ref uses) <= Held ? HoldAsync() : Task.CompletedTask;
        Task<Result<IReadOnlyList<byte[]>>>[] waiting = [.. Enumerable.Range(0, 2 * Held).Select(i => SignAsync(i))];
        await allHeld.Task;

        Task<Result<IReadOnlyList<byte[]>>>[] free = [.. Enumerable.Range(2 * Held, Free).Select(i => Task.Run(() => SignAsync(i)))];
        int callsBefore = bed.Rows.Calls.Count;
        await StopAsync();
        stopped.SetResult();

        Result<IReadOnlyList<byte[]>>[] results = await Task.WhenAll(waiting);
        Assert.Equal(Held, late.Count);
        foreach (int i in late)
        {
            Assert.Contains(Assert.IsType<Refusal>(results[i].Refusal).Code, new[] { SamErrorCode.StoppedWhileSigning, SamErrorCode.CredentialDisabled, SamErrorCode.HsmUnavailable });
        }

        // Who was not held may have been before the stop; each that comes after it is refused.
        int signed = (await Task.WhenAll(free)).Count(r => r.Refusal is null);
        Assert.InRange(signed, 0, Free);
        Assert.True(bed.Rows.Calls.Count > callsBefore);
        Assert.NotNull((await bed.Sam.AuthorizeAsync(bed.AuthorizationOf(alice, digests[0]), CancellationToken.None)).Refusal);

        async Task<Result<IReadOnlyList<byte[]>>> SignAsync(int i)
        {
            call.Value = i;
            try
            {
                return await processes[i % 2].SignHashAsync(bed.SigningOf(alice, sads[i], digests[i]), CancellationToken.None);
            }
            catch (KeyBackendException gone) when (gone.Failure == KeyBackendFailure.KeyNotFound)
            {
                // The key was destroyed while the call was on its way to it.
                return SamErrorCode.HsmUnavailable;
            }
        }

        Task HoldAsync()
        {
            if (Interlocked.Increment(ref held) == 2 * Held)
            {
                allHeld.SetResult();
            }

            return stopped.Task;
        }

        async Task StopAsync()
        {
            switch (stop)
            {
                case "by the signer":
                    SecretText challenge = (await processes[1].Own.ChallengeAsync(SamTestBed.Login("alice"), alice.Credential, CredentialAct.Suspend, CancellationToken.None)).Value.Challenge;
                    _ = (await processes[0].Own.StopAsync(SamTestBed.Login("alice"), alice.Credential, CredentialAct.Suspend, challenge, alice.Pin, "stolen", CancellationToken.None)).Value;
                    break;
                case "by an officer":
                    _ = (await processes[1].Credentials.RevokeAsync(alice.Credential, Actor.Sam, "asked for", null, CancellationToken.None)).Value;
                    break;
                case "of the signer":
                    _ = (await processes[1].Signers.SuspendAsync(alice.Id, Actor.Sam, "asked for", null, CancellationToken.None)).Value;
                    break;
                default:
                    _ = (await processes[1].Credentials.DestroyAsync(alice.Credential, Actor.Sam, "asked for", null, CancellationToken.None)).Value;
                    break;
            }
        }
    }
}
