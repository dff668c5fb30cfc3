using Sam.Core;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Rows;

/// <summary>
/// Every write of every call arrives late in turn, up to, at and beyond the tolerance of the seal, and its answer may be lost as well. No row may be lost by it:
/// a counters, signer, credential or client row that looks rolled back ends the use of a key.
/// </summary>
[Trait("Requirement", "SIG-3")]
public sealed class LateWriteTests
{
    private static readonly Digest _digest = Digests.Of("contract");

    private static readonly int[] _delays = [4_000, 4_001, 5_000, 5_001, 30_000];

    private static readonly WriteFate[] _fates = [WriteFate.Answered, WriteFate.ArrivesUnanswered, WriteFate.ArrivesAnsweredAsConflict];

    private static readonly string[] _calls =
    [
        "authorize", "wrong PIN", "signHash", "set PIN", "new credential", "new certificate", "suspend", "register", "stop client", "approve client",
    ];

    private static SecretText NewPin { get; } = SamTestBed.NewPin();

    [Fact]
    public async Task A_write_that_arrives_late_leaves_every_row_readable()
    {
        int tried = 0;
        foreach (string name in _calls)
        {
            int before = tried;
            foreach (int delay in _delays)
            {
                foreach (WriteFate fate in _fates)
                {
                    // Whole seconds, as a Date header has them, or exact dates: in turn.
                    tried += await RunAsync(name, wholeSeconds: delay % 2 == 0, TimeSpan.FromMilliseconds(delay), fate);
                }
            }

            Assert.True(tried - before >= _delays.Length * _fates.Length, "A call without a write.");
        }

        TestReport.Add("clocks: late writes", $"{tried} cases of {_calls.Length} calls, every row readable");
    }

    /// <summary>The store is having a bad time: the write comes late, and what is to mend it is lost on its way, or its answer is.</summary>
    [Theory]
    [InlineData("authorize", WriteFate.LostBeforeArriving)]
    [InlineData("authorize", WriteFate.ArrivesUnanswered)]
    [InlineData("set PIN", WriteFate.LostBeforeArriving)]
    [InlineData("set PIN", WriteFate.ArrivesUnanswered)]
    [InlineData("stop client", WriteFate.LostBeforeArriving)]
    [InlineData("stop client", WriteFate.ArrivesUnanswered)]
    public async Task A_late_row_whose_new_seal_is_lost_is_sealed_once_more(string name, WriteFate fate)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        SetFates(bed, write => write == 2 ? fate : WriteFate.Answered);

        Assert.Null(await CallAsync(bed, name, signer, sad));
        AssertReadable(bed);
    }

    /// <summary>Nobody was left to seal it anew. The row is refused, and the next one to write it as a whole puts it right.</summary>
    [Theory]
    [InlineData("wrong PIN", SamErrorCode.RowRolledBack)]
    [InlineData("stop client", SamErrorCode.RowRolledBack)]
    public async Task A_late_row_whose_writer_ended_is_put_right_by_who_writes_it_next(string name, SamErrorCode meanwhile)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        SetFates(bed, write => write > 1 ? WriteFate.LostBeforeArriving : WriteFate.Answered);
        _ = await Assert.ThrowsAsync<RowStoreException>(() => CallAsync(bed, name, signer, sad));
        (bed.Rows.Before, bed.Rows.Fate) = (null, null);

        // Its writer knew better than the table; another process has the table alone.
        ActivationModule other = await bed.OpenProcessAsync();
        Assert.Equal(meanwhile, name == "wrong PIN"
            ? (await other.AuthorizeAsync(bed.AuthorizationOf(signer, _digest), CancellationToken.None)).Refusal?.Code
            : (await other.SignHashAsync(bed.SigningOf(signer, sad, _digest), CancellationToken.None)).Refusal?.Code);

        Assert.Null((await other.SetPinAsync(signer.Id, NewPin, CancellationToken.None)).Refusal);
        Assert.Null((await other.Clients.SetApprovedAsync(bed.Client, approved: true, CancellationToken.None)).Refusal);
        AssertReadable(bed);
        SecretText next = (await other.AuthorizeAsync(bed.AuthorizationOf(signer, _digest) with { Pin = NewPin }, CancellationToken.None)).Value.Sad;
        Assert.Single((await other.SignHashAsync(bed.SigningOf(signer, next, _digest), CancellationToken.None)).Value);
    }

    /// <summary>The first write comes late, and each has the fate of its number.</summary>
    private static void SetFates(SamTestBed bed, Func<int, WriteFate> fateOf)
    {
        int writes = 0;
        bed.Rows.Before = call =>
        {
            if (call.IsWrite && Interlocked.Increment(ref writes) == 1)
            {
                bed.Clock.Advance(TimeSpan.FromSeconds(20));
            }

            return Task.CompletedTask;
        };
        bed.Rows.Fate = call => call.IsWrite ? fateOf(Volatile.Read(ref writes)) : WriteFate.Answered;
    }

    private static async Task<int> RunAsync(string name, bool wholeSeconds, TimeSpan delay, WriteFate fate)
    {
        for (int late = 1; ; late++)
        {
            await using SamTestBed bed = await SamTestBed.OpenAsync();
            bed.Table.WholeSecondDates = wholeSeconds;
            TestSigner signer = await bed.AddSignerAsync();
            SecretText sad = await bed.AuthorizeAsync(signer, _digest);
            int writes = 0;
            bed.Rows.Before = call =>
            {
                // As long as it is on its way, the service's clock goes on.
                if (call.IsWrite && Interlocked.Increment(ref writes) == late)
                {
                    bed.Clock.Advance(delay);
                }

                return Task.CompletedTask;
            };
            bed.Rows.Fate = call => call.IsWrite && Volatile.Read(ref writes) == late ? fate : WriteFate.Answered;
            Assert.Null(await CallAsync(bed, name, signer, sad));
            (bed.Rows.Before, bed.Rows.Fate) = (null, null);
            if (writes < late)
            {
                return late - 1;
            }

            AssertReadable(bed);

            // And life goes on, where the call was not a stop.
            if (name is not ("suspend" or "stop client"))
            {
                SecretText pin = name == "set PIN" ? NewPin : signer.Pin;
                SecretText next = (await bed.Sam.AuthorizeAsync(bed.AuthorizationOf(signer, _digest) with { Pin = pin }, CancellationToken.None)).Value.Sad;
                Assert.Single((await bed.SignAsync(signer, next, _digest)).Value);
            }
        }
    }

    private static async Task<SamErrorCode?> CallAsync(SamTestBed bed, string name, TestSigner signer, SecretText sad)
    {
        switch (name)
        {
            case "authorize":
                return (await bed.Sam.AuthorizeAsync(bed.AuthorizationOf(signer, _digest), CancellationToken.None)).Refusal?.Code;
            case "wrong PIN":
                SamErrorCode? wrong = (await bed.Sam.AuthorizeAsync(bed.AuthorizationOf(signer, _digest) with { Pin = NewPin }, CancellationToken.None)).Refusal?.Code;
                Assert.Equal(1, (await bed.CountersAsync(signer)).PinAttempts);
                return wrong == SamErrorCode.PinWrong ? null : wrong;
            case "signHash":
                return (await bed.SignAsync(signer, sad, _digest)).Refusal?.Code;
            case "set PIN":
                return (await bed.Sam.SetPinAsync(signer.Id, NewPin, CancellationToken.None)).Refusal?.Code;
            case "new credential":
                return (await bed.Sam.CreateCredentialAsync(signer.Id, KeyAlgorithm.P256, 1, null, CancellationToken.None)).Refusal?.Code;
            case "new certificate":
                return (await bed.Sam.SetCertificateAsync(signer.Credential, [signer.Certificate], CancellationToken.None)).Refusal?.Code;
            case "suspend":
                return (await bed.Sam.SetSuspendedAsync(signer.Credential, suspended: true, CancellationToken.None)).Refusal?.Code;
            case "register":
                return (await bed.Sam.RegisterAsync("bob", LinkedClients.Of(bed.Client), CancellationToken.None)).Refusal?.Code;
            case "stop client":
                return (await bed.Sam.Clients.SetApprovedAsync(bed.Client, approved: false, CancellationToken.None)).Refusal?.Code;
            default:
                return (await bed.Sam.Clients.SetApprovedAsync(SamTestBed.Id("another"), approved: true, CancellationToken.None)).Refusal?.Code;
        }
    }

    private static void AssertReadable(SamTestBed bed)
    {
        RowSealer sealer = new(bed.SystemKeys.Envelope);
        foreach (StoredRow row in bed.Table.Attacker.Rows().Where(r => r.Address.Table != SamTable.Keys))
        {
            Assert.Null(sealer.Open(row, RowSchemas.NameOf(row.Address)).Refusal);
        }
    }
}
