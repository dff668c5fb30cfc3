using Sam.Cli.Audit;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Keys;
using Sam.Core.Sealing;
using Sam.Testing.Audit;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Audit;

/// <summary>Processes that write audits to one table, with the SAM's key in one HSM: what the real writer makes, and nothing beside it.</summary>
internal sealed class AuditSite : IAsyncDisposable
{
    private readonly SoftwareKeyBackend _keys = new();
    private readonly List<Process> _processes = [];

    private AuditSite()
    {
        Table = new InMemoryRowStore(Clock);
        Way = new FaultyRowStore(Table);
        Hsm = new FaultyKeyBackend<SoftwareKeyBackend>(_keys);
    }

    internal TestClock Clock { get; } = new();

    internal InMemoryRowStore Table { get; }

    internal FaultyRowStore Way { get; }

    internal FaultyKeyBackend<SoftwareKeyBackend> Hsm { get; }

    internal ModuleIdentity Identity { get; private set; } = null!;

    internal byte[] Certificate { get; private set; } = [];

    /// <summary>What checkpoints and witness of all processes told.</summary>
    internal List<Exception> Told { get; } = [];

    internal static async Task<AuditSite> OpenAsync()
    {
        AuditSite site = new();
        SigningKey key = await site._keys.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, CancellationToken.None);
        site.Identity = new ModuleIdentity(site.Hsm, key.Reference, key.SubjectPublicKeyInfo.ToArray());
        site.Certificate = await IdentityCertificate.CreateAsync(
            new string('d', 32), key.SubjectPublicKeyInfo, site.Clock.GetUtcNow(), site.Identity.SignDigestAsync, CancellationToken.None);
        return site;
    }

    internal Process Start(IHeadWitness? witness = null)
    {
        Process process = new(this, witness);
        _processes.Add(process);
        return process;
    }

    /// <summary>The table as whoever exports it gets it.</summary>
    internal AuditRow[] Export() => [.. Table.Attacker.Rows().Select(row => new AuditRow(row.Address.PartitionKey, row.Address.RowKey, row.Content.ToArray()))];

    /// <summary>The checkpoints of a chain, in order.</summary>
    internal CheckpointContent[] CheckpointsOf(string chain) =>
        [.. Table.Attacker.Rows().Where(row => !AuditTrail.IsOfChain(row)).Select(row => CheckpointContent.Read(row.Content)!).Where(c => c.Head.ChainId == chain)];

    /// <summary>Turns the clock until each chain has signed its last row.</summary>
    internal Task TurnUntilSignedAsync(params Process[] processes) =>
        Clock.TurnUntilAsync(() => processes.All(p => CheckpointsOf(p.Chain) is [.., { } last] && last.Head.Sequence == p.Log.Latest!.Sequence));

    public async ValueTask DisposeAsync()
    {
        (Way.Before, Way.After, Way.Fate, Hsm.BeforeSign) = (null, null, null, null);
        foreach (Process process in _processes)
        {
            await process.EndAsync();
        }

        await _keys.DisposeAsync();
    }

    /// <summary>One process: its log, and what signs it.</summary>
#pragma warning disable CA1001 // EndAsync disposes of it: a test ends a process when it likes, and the site ends the others.
    internal sealed class Process
#pragma warning restore CA1001
    {
        private readonly AuditCheckpoints _checkpoints;
        private readonly TestClock _clock;
        private bool _ended;

        internal Process(AuditSite site, IHeadWitness? witness)
        {
            _clock = site.Clock;
            Log = new AuditLog(site.Way, Seals.NewSealer(), site.Clock, Seals.NewRatchet());
            AuditSurroundings surroundings = new() { Witness = witness, HeadNotKept = site.Told.Add, CheckpointNotMade = site.Told.Add };
            _checkpoints = new AuditCheckpoints(site.Way, Log, site.Identity, new AuditPolicy(), surroundings, site.Clock);
        }

        internal AuditLog Log { get; }

        internal string Chain => Log.ChainId;

        /// <summary>So many records, one a row.</summary>
        internal async Task WriteAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                await Log.AppendAsync(new AuditRecord { Event = AuditEvent.SigningRefused, Operation = $"{i}" }).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            }
        }

        /// <summary>The process ends as it should. What the log waits for may take its time; the checkpoints have five seconds by this clock, however busy this machine is.</summary>
        internal async Task EndAsync()
        {
            if (!_ended)
            {
                _ended = true;
                await _clock.TurnUntilAsync(Log.DisposeAsync().AsTask());
                await _checkpoints.DisposeAsync();
            }
        }
    }
}

/// <summary>Keeps heads in a list.</summary>
internal sealed class ListedHeads : IHeadWitness
{
    internal List<ChainHead> Heads { get; } = [];

    internal Func<Exception?>? Fault { get; set; }

    public Task KeepAsync(ChainHead head, CancellationToken cancellationToken)
    {
        if (Fault?.Invoke() is { } fault)
        {
            throw fault;
        }

        Heads.Add(head);
        return Task.CompletedTask;
    }
}
