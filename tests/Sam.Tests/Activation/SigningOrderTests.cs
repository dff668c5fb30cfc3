using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>
/// The order of checks of signHash, by the causes that are seen: for each check, a world in which it fails and every later one would fail too.
/// </summary>
[Trait("Requirement", "SIG-1")]
[Trait("Requirement", "T-USE-2")]
public sealed class SigningOrderTests
{
    private static readonly (SamErrorCode Cause, Func<World, Task> Violate)[] _order =
    [
        (SamErrorCode.SadForged, w => w.ForgeAsync()),
        (SamErrorCode.SadExpired, w => w.WaitAsync(TimeSpan.FromSeconds(300))),
        (SamErrorCode.TransactionMissing, w => w.DeleteTransactionAsync()),
        (SamErrorCode.SadOfAnotherClient, w => w.AskAsync(r => r with { Caller = w.OtherClient })),
        (SamErrorCode.SadOfAnotherCredential, w => w.AskAsync(r => r with { Credential = w.OtherCredential.Credential })),
        (SamErrorCode.SadSpent, w => w.SpendAsync()),
        (SamErrorCode.TransactionRowReplaced, w => w.ReplaceTransactionAsync()),
        (SamErrorCode.RowRolledBack, w => w.RollClientsBackAsync()),
        (SamErrorCode.ClientStopped, w => w.StopClientsAsync()),
        (SamErrorCode.RowBroken, w => w.BreakCredentialsAsync()),
        (SamErrorCode.CredentialOfAnotherSigner, w => w.AskAsync(r => r with { Caller = r.Caller with { Login = SamTestBed.Login("mallory") } })),
        (SamErrorCode.CredentialDisabled, w => w.SuspendAsync()),
        (SamErrorCode.CredentialChanged, w => w.SuspendAndResumeAsync()),
        (SamErrorCode.HashNotAuthorized, w => w.AskAsync(r => r with { Digests = [Digests.Of("something else")] })),
        (SamErrorCode.HashAlgorithmInvalid, w => w.AskAsync(r => r with { Algorithm = SignatureAlgorithm.EcdsaSha384 })),
        (SamErrorCode.SignAlgoInvalid, w => w.AskAsync(r => r with { Algorithm = SignatureAlgorithm.RsaSha256 })),
        (SamErrorCode.CertificateExpired, w => w.WaitAsync(World.CertificateLife)),
    ];

    // What an insider does to the transaction's row is done while it is young; all else from the last check to the first.
    private static readonly SamErrorCode[] _early = [SamErrorCode.SadSpent, SamErrorCode.TransactionRowReplaced];

    public static TheoryData<SamErrorCode> Causes => [.. _order.Select(o => o.Cause)];

    [Theory]
    [MemberData(nameof(Causes))]
    public async Task Each_check_stands_before_all_later_ones(SamErrorCode first)
    {
        await using World world = await World.BeginAsync();
        (SamErrorCode Cause, Func<World, Task> Violate)[] violated = _order[Array.FindIndex(_order, o => o.Cause == first)..];
        foreach ((_, Func<World, Task> violate) in violated.Where(v => _early.Contains(v.Cause)).Concat(violated.Where(v => !_early.Contains(v.Cause)).Reverse()))
        {
            await violate(world);
        }

        int signed = world.Bed.Hsm.SignCalls;
        Assert.Equal(first, (await world.SignAsync()).Refusal?.Code);

        Assert.Equal(signed, world.Bed.Hsm.SignCalls);
        AuditRecord last = world.Bed.AuditRecords().Last(r => r.Event == AuditEvent.SigningRefused);
        Assert.Equal(first.ToString(), last.Cause);
    }

    [Fact]
    public async Task When_nothing_is_violated_it_signs()
    {
        await using World world = await World.BeginAsync();
        Assert.Single((await world.SignAsync()).Value);
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly TestSigner _signer;
        private readonly StoredRow[] _clientRows;
        private SignHashRequest _request;

        private World(SamTestBed bed, TestSigner signer, TestSigner otherCredential, Caller otherClient, SignHashRequest request, StoredRow[] clientRows)
        {
            Bed = bed;
            _signer = signer;
            OtherCredential = otherCredential;
            OtherClient = otherClient;
            _request = request;
            _clientRows = clientRows;
        }

        internal static TimeSpan CertificateLife { get; } = TimeSpan.FromSeconds(60);

        internal SamTestBed Bed { get; }

        internal TestSigner OtherCredential { get; }

        internal Caller OtherClient { get; }

        private IEnumerable<CredentialId> Credentials => [_signer.Credential, OtherCredential.Credential];

        internal static async Task<World> BeginAsync()
        {
            SamTestBed bed = await SamTestBed.OpenAsync();
            Caller otherClient = await bed.AddClientAsync("other-sca");
            TestSigner signer = await bed.AddSignerAsync(clients: LinkedClients.Of(bed.Client, otherClient.Client));
            TestSigner otherCredential = await bed.AddCredentialAsync(signer.UserId, signer.Id, signer.Pin, KeyAlgorithm.P256);

            // Old enough to be seen when written back; and the certificates end before the SAD does.
            bed.Clock.Advance(TimeSpan.FromSeconds(6));
            foreach (TestSigner credential in new[] { signer, otherCredential })
            {
                byte[] certificate = bed.IssueCertificate(credential.Key, bed.Clock.GetUtcNow().AddDays(-1), bed.Clock.GetUtcNow() + CertificateLife);
                _ = (await bed.Sam.SetCertificateAsync(credential.Credential, [certificate], CancellationToken.None)).Value;
            }

            Digest digest = Digests.Of("contract");
            SignHashRequest request = bed.SigningOf(signer, await bed.AuthorizeAsync(signer, digest), digest);
            return new World(bed, signer, otherCredential, otherClient, request, [.. bed.Table.Attacker.Rows(SamTable.Clients)]);
        }

        public ValueTask DisposeAsync() => Bed.DisposeAsync();

        internal Task<Result<IReadOnlyList<byte[]>>> SignAsync() => Bed.Sam.SignHashAsync(_request, CancellationToken.None);

        internal Task AskAsync(Func<SignHashRequest, SignHashRequest> change)
        {
            _request = change(_request);
            return Task.CompletedTask;
        }

        internal Task ForgeAsync() => AskAsync(r => r with { Sad = new SecretText(new string('A', r.Sad.Length)) });

        internal Task WaitAsync(TimeSpan time)
        {
            Bed.Clock.Advance(time);
            return Task.CompletedTask;
        }

        internal Task DeleteTransactionAsync()
        {
            Assert.True(Bed.Table.Attacker.Delete(Assert.Single(Bed.Table.Attacker.Rows(SamTable.Transactions)).Address));
            return Task.CompletedTask;
        }

        internal async Task SpendAsync() => _ = (await SignAsync()).Value;

        internal Task ReplaceTransactionAsync()
        {
            _ = Bed.Table.Attacker.WriteBack(Assert.Single(Bed.Table.Attacker.Rows(SamTable.Transactions)));
            return Task.CompletedTask;
        }

        internal Task RollClientsBackAsync()
        {
            Array.ForEach(_clientRows, row => Bed.Table.Attacker.WriteBack(row));
            return Task.CompletedTask;
        }

        internal async Task StopClientsAsync()
        {
            foreach (ClientId client in new[] { Bed.Client, OtherClient.Client })
            {
                _ = (await Bed.Sam.Clients.SetApprovedAsync(client, approved: false, CancellationToken.None)).Value;
            }
        }

        internal Task BreakCredentialsAsync()
        {
            foreach (CredentialId credential in Credentials)
            {
                StoredRow row = Bed.Table.Attacker.Row(SignerRows.Credential(credential));
                byte[] changed = row.Content.ToArray();
                changed[^1] ^= 1;
                _ = Bed.Table.Attacker.Write(row.Address, changed);
            }

            return Task.CompletedTask;
        }

        internal Task SuspendAndResumeAsync() => SetSuspendedAsync(true, false);

        internal Task SuspendAsync() => SetSuspendedAsync(true);

        private async Task SetSuspendedAsync(params bool[] states)
        {
            foreach (CredentialId credential in Credentials)
            {
                foreach (bool suspended in states)
                {
                    _ = (await Bed.Sam.SetSuspendedAsync(credential, suspended, CancellationToken.None)).Value;
                }
            }
        }
    }
}
