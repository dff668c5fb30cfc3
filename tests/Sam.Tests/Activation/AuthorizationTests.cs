using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary><c>credentials/authorize</c>: who is refused and why, and that nobody but a caller with everything else in order reaches the PIN.</summary>
[Trait("Requirement", "SIG-1")]
public sealed class AuthorizationTests
{
    private static readonly Digest[] _digests = Digests.Some(2);

    private static readonly (SamErrorCode Cause, string What, Func<World, Task> Violate)[] _order =
    [
        (SamErrorCode.CredentialUnknown, "no such credential", w => w.AskAsync(r => r with { Credential = CredentialId.New(w.Signer.Id) })),
        (SamErrorCode.RowBroken, "the credential's row was changed", w => w.BreakAsync()),
        (SamErrorCode.RowRolledBack, "the credential's row was written back", w => w.RollBackAsync()),
        (SamErrorCode.CredentialOfAnotherSigner, "another user's token", w => w.AskAsync(r => r with { Caller = r.Caller with { Login = SamTestBed.Login("mallory") } })),
        (SamErrorCode.ClientNotLinked, "a client that does not act for the signer", w => w.AskAsync(r => r with { Caller = r.Caller with { Client = w.OtherClient.Client } })),
        (SamErrorCode.CredentialDisabled, "a suspended credential", w => w.SuspendAsync()),
        (SamErrorCode.CertificateExpired, "a certificate past its end", w => w.ExpireAsync()),
        (SamErrorCode.NumSignaturesInvalid, "no signatures", w => w.AskAsync(r => r with { NumSignatures = 0 })),
        (SamErrorCode.NumSignaturesTooHigh, "more signatures than the credential gives", w => w.AskAsync(r => r with { NumSignatures = 4 })),
        (SamErrorCode.HashCountMismatch, "fewer signatures than hashes", w => w.AskAsync(r => r with { NumSignatures = 1 })),
        (SamErrorCode.HashAlgorithmInvalid, "hashes of two algorithms", w => w.AskAsync(r => r with { Digests = [_digests[0], Digests.Of(HashAlgorithm.Sha512, "x")] })),
        (SamErrorCode.AuthDataInvalid, "no PIN", w => w.AskAsync(r => r with { Pin = null })),
        (SamErrorCode.AuthDataInvalid, "an empty PIN", w => w.AskAsync(r => r with { Pin = new SecretText(string.Empty) })),
        (SamErrorCode.PinWrong, "a wrong PIN", w => w.AskAsync(r => r with { Pin = SamTestBed.NewPin() })),
    ];

    // What is asked in the same words by an earlier check must not be asked again by a later one.
    private static readonly SamErrorCode[] _onItsOwn = [SamErrorCode.CredentialUnknown, SamErrorCode.RowBroken, SamErrorCode.RowRolledBack];

    public static TheoryData<int> Checks => [.. Enumerable.Range(0, _order.Length)];

    [Theory]
    [MemberData(nameof(Checks))]
    [Trait("Requirement", "SIG-3")]
    public async Task Each_check_stands_before_all_later_ones_and_before_the_PIN(int check)
    {
        await using World world = await World.BeginAsync();
        (SamErrorCode cause, string what, _) = _order[check];
        foreach ((SamErrorCode later, _, Func<World, Task> violate) in _order[check..].Reverse())
        {
            if (later == cause || !_onItsOwn.Contains(later))
            {
                await violate(world);
            }
        }

        RowETag counters = world.CountersRow.ETag;
        Result<IssuedSad> refused = await world.AuthorizeAsync();

        Assert.Equal((what, cause), (what, refused.Refusal?.Code));
        AuditRecord record = world.Bed.AuditRecords()[^1];
        Assert.Equal((AuditEvent.AuthorizationRefused, cause.ToString()), (record.Event, record.Cause));
        Assert.Empty(world.Bed.Table.Attacker.Rows(SamTable.Transactions));

        // Only who has everything else in order has their PIN evaluated, and counted.
        Assert.Equal(cause == SamErrorCode.PinWrong ? 1 : 0, world.Bed.PasswordHash.Evaluations - world.EvaluationsBefore);
        Assert.Equal(cause == SamErrorCode.PinWrong, counters != world.CountersRow.ETag);
    }

    [Fact]
    public async Task When_nothing_is_violated_a_SAD_is_issued()
    {
        await using World world = await World.BeginAsync();
        IssuedSad issued = (await world.AuthorizeAsync()).Value;

        Assert.Equal(TimeSpan.FromSeconds(300), issued.ExpiresIn);
        Assert.Equal(2, (await world.Bed.SignAsync(world.Signer, issued.Sad, _digests)).Value.Count);
    }

    [Theory]
    [InlineData(-1, SamErrorCode.NumSignaturesInvalid)]
    [InlineData(int.MinValue, SamErrorCode.NumSignaturesInvalid)]
    [InlineData(1, SamErrorCode.HashCountMismatch)]
    [InlineData(int.MaxValue, SamErrorCode.NumSignaturesTooHigh)]
    public async Task The_count_is_the_number_of_hashes_or_more(int numSignatures, SamErrorCode cause)
    {
        await using World world = await World.BeginAsync();
        await world.AskAsync(r => r with { NumSignatures = numSignatures });
        Assert.Equal(cause, (await world.AuthorizeAsync()).Refusal?.Code);
    }

    [Fact]
    public async Task No_hashes_are_refused_and_audited()
    {
        await using World world = await World.BeginAsync();
        await world.AskAsync(r => r with { Digests = [], NumSignatures = 1 });
        Assert.Equal(SamErrorCode.HashCountMismatch, (await world.AuthorizeAsync()).Refusal?.Code);
        Assert.Equal(AuditEvent.AuthorizationRefused, world.Bed.AuditRecords()[^1].Event);
    }

    [Fact]
    public async Task A_signer_without_a_PIN_authorizes_nothing()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        SignerId id = (await bed.Sam.RegisterAsync("carol", LinkedClients.Of(bed.Client), CancellationToken.None)).Value;
        TestSigner signer = await bed.AddCredentialAsync("carol", id, SamTestBed.NewPin(), KeyAlgorithm.P256);

        Assert.Equal(SamErrorCode.CredentialDisabled, (await bed.Sam.AuthorizeAsync(bed.AuthorizationOf(signer, _digests), CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task A_credential_without_a_certificate_authorizes_nothing()
    {
        await using World world = await World.BeginAsync();
        (CredentialId bare, _) = (await world.Bed.Sam.CreateCredentialAsync(world.Signer.Id, KeyAlgorithm.P256, 3, null, CancellationToken.None)).Value;
        await world.AskAsync(r => r with { Credential = bare });
        Assert.Equal(SamErrorCode.CredentialDisabled, (await world.AuthorizeAsync()).Refusal?.Code);
    }

    [Fact]
    public async Task The_signers_own_token_may_ask_through_a_linked_client()
    {
        await using World world = await World.BeginAsync();
        await world.AskAsync(r => r with { Caller = r.Caller with { Login = SamTestBed.Login(world.Signer.UserId) } });
        _ = (await world.AuthorizeAsync()).Value;
    }

    [Theory]
    [InlineData(WriteFate.ArrivesUnanswered)]
    [InlineData(WriteFate.ArrivesAnsweredAsConflict)]
    public async Task An_insert_whose_answer_was_lost_is_found_to_be_ours(WriteFate fate)
    {
        await using World world = await World.BeginAsync();
        world.Bed.Rows.Fate = call => IsInsert(call) ? fate : WriteFate.Answered;
        SecretText sad = (await world.AuthorizeAsync()).Value.Sad;
        world.Bed.Rows.Fate = null;

        Assert.Equal(2, (await world.Bed.SignAsync(world.Signer, sad, _digests)).Value.Count);
    }

    [Fact]
    public async Task An_insert_that_never_arrived_issues_no_SAD_and_costs_no_attempt()
    {
        await using World world = await World.BeginAsync();
        world.Bed.Rows.Fate = call => IsInsert(call) ? WriteFate.LostBeforeArriving : WriteFate.Answered;

        await Assert.ThrowsAsync<RowStoreException>(world.AuthorizeAsync);

        Assert.Equal(0, (await world.Bed.CountersAsync(world.Signer)).PinAttempts);
        AuditRecord record = world.Bed.AuditRecords()[^1];
        Assert.Equal((AuditEvent.AuthorizationRefused, nameof(SamErrorCode.StorageUnavailable)), (record.Event, record.Cause));
    }

    [Fact]
    [Trait("Requirement", "SYS-4")]
    public async Task A_SAD_is_given_when_its_audit_record_is_durable_and_not_before()
    {
        await using World world = await World.BeginAsync();
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Bed.Audit.Before = call =>
        {
            _ = call.Kind == RowStoreCallKind.Insert && reached.TrySetResult();
            return call.Kind == RowStoreCallKind.Insert ? go.Task : Task.CompletedTask;
        };

        Task<Result<IssuedSad>> authorizing = world.AuthorizeAsync();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Single(world.Bed.Table.Attacker.Rows(SamTable.Transactions));
        Assert.False(authorizing.IsCompleted);

        go.SetResult();
        _ = (await authorizing).Value;
        Assert.Equal(AuditEvent.Authorized, world.Bed.AuditRecords()[^1].Event);
    }

    [Fact]
    public async Task No_audit_no_SAD()
    {
        await using World world = await World.BeginAsync();
        world.Bed.Audit.Before = _ => throw new RowStoreException("test");
        await Assert.ThrowsAsync<AuditUnavailableException>(world.AuthorizeAsync);
    }

    [Fact]
    public async Task An_HSM_that_is_away_is_audited()
    {
        await using World world = await World.BeginAsync();
        world.Bed.Hsm.BeforeMac = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "test");
        await Assert.ThrowsAsync<KeyBackendException>(world.AuthorizeAsync);

        AuditRecord record = world.Bed.AuditRecords()[^1];
        Assert.Equal((AuditEvent.AuthorizationRefused, nameof(SamErrorCode.HsmUnavailable)), (record.Event, record.Cause));
    }

    [Fact]
    public async Task The_trips_to_storage_are_fixed()
    {
        await using World world = await World.BeginAsync();
        _ = (await world.AuthorizeAsync()).Value;
        world.Bed.Rows.ForgetCalls();
        _ = (await world.AuthorizeAsync()).Value;

        // One read, the attempt's reservation, then its refund beside the insert.
        Assert.Equal(
            [RowStoreCallKind.Read, RowStoreCallKind.Replace, RowStoreCallKind.Replace, RowStoreCallKind.Insert],
            world.Bed.Rows.Calls.Where(c => c.Kind != RowStoreCallKind.Time).Select(c => c.Kind));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_after_the_PIN_stops_nothing()
    {
        await using World world = await World.BeginAsync();
        using CancellationTokenSource hangUp = new();
        world.Bed.PasswordHash.Before = hangUp.Cancel;

        Assert.Null((await world.AuthorizeUntilAsync(hangUp.Token)).Refusal);

        Assert.Equal(0, (await world.Bed.CountersAsync(world.Signer)).PinAttempts);
        Assert.Equal(AuditEvent.Authorized, world.Bed.AuditRecords()[^1].Event);
    }

    private static bool IsInsert(RowStoreCall call) => call is { Kind: RowStoreCallKind.Insert, Address.Table: SamTable.Transactions };

    private sealed class World : IAsyncDisposable
    {
        private readonly StoredRow _oldCredential;
        private AuthorizeRequest _request;

        private World(SamTestBed bed, TestSigner signer, Caller otherClient, StoredRow oldCredential)
        {
            Bed = bed;
            Signer = signer;
            OtherClient = otherClient;
            _oldCredential = oldCredential;
            _request = bed.AuthorizationOf(signer, _digests);
            EvaluationsBefore = bed.PasswordHash.Evaluations;
        }

        internal SamTestBed Bed { get; }

        internal TestSigner Signer { get; }

        internal Caller OtherClient { get; }

        internal int EvaluationsBefore { get; }

        internal StoredRow CountersRow => Bed.Table.Attacker.Row(SignerRows.Counters(Signer.Id));

        private StoredRow CredentialRow => Bed.Table.Attacker.Row(SignerRows.Credential(Signer.Credential));

        internal static async Task<World> BeginAsync()
        {
            SamTestBed bed = await SamTestBed.OpenAsync();
            Caller otherClient = await bed.AddClientAsync("other-sca");
            TestSigner signer = await bed.AddSignerAsync(multisign: 3);
            StoredRow old = bed.Table.Attacker.Row(SignerRows.Credential(signer.Credential));
            bed.Clock.Advance(TimeSpan.FromSeconds(6));
            return new World(bed, signer, otherClient, old);
        }

        public ValueTask DisposeAsync() => Bed.DisposeAsync();

        internal Task<Result<IssuedSad>> AuthorizeAsync() => AuthorizeUntilAsync(CancellationToken.None);

        internal Task<Result<IssuedSad>> AuthorizeUntilAsync(CancellationToken cancellationToken) => Bed.Sam.AuthorizeAsync(_request, cancellationToken);

        internal Task AskAsync(Func<AuthorizeRequest, AuthorizeRequest> change)
        {
            _request = change(_request);
            return Task.CompletedTask;
        }

        internal Task BreakAsync()
        {
            byte[] changed = CredentialRow.Content.ToArray();
            changed[^1] ^= 1;
            _ = Bed.Table.Attacker.Write(CredentialRow.Address, changed);
            return Task.CompletedTask;
        }

        internal Task RollBackAsync()
        {
            _ = Bed.Table.Attacker.WriteBack(_oldCredential);
            return Task.CompletedTask;
        }

        internal async Task SuspendAsync() => _ = (await Bed.Sam.SetSuspendedAsync(Signer.Credential, suspended: true, CancellationToken.None)).Value;

        internal Task ExpireAsync()
        {
            Bed.Clock.Advance(TimeSpan.FromDays(400));
            return Task.CompletedTask;
        }
    }
}
