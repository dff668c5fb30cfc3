using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Signers;

/// <summary>A user id and a login are one signer's each, whatever breaks off.</summary>
[Trait("Requirement", "T-REG-1")]
public sealed class RegistrationTests : IAsyncLifetime
{
    private SamTestBed _bed = null!;

    private SignerRegistry Signers => _bed.Sam.Signers;

    public async ValueTask InitializeAsync() => _bed = await SamTestBed.OpenAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_user_id_has_one_signer_and_so_has_a_login()
    {
        SignerId alice = (await RegisterAsync("alice")).Value;
        Assert.Equal(SamErrorCode.UserIdTaken, (await RegisterAsync("alice")).Refusal?.Code);
        Assert.Equal(SamErrorCode.UserIdTaken, (await RegisterAsync("alice", login: "another")).Refusal?.Code);
        Assert.Equal(SamErrorCode.LoginTaken, (await RegisterAsync("alice2", login: "alice")).Refusal?.Code);
        Assert.NotEqual(alice, (await RegisterAsync("Alice")).Value);

        Assert.Equal(alice, (await Signers.FindAsync("alice", CancellationToken.None)).Value);
        Assert.Equal(alice, (await Signers.FindAsync(SamTestBed.Login("alice"), CancellationToken.None)).Value);
        Assert.Equal(2, _bed.AuditRecords().Count(r => r.Event == AuditEvent.SignerRegistered && r.By == Actor.Sam.Name));
    }

    [Fact]
    public async Task The_same_subject_at_another_issuer_is_somebody_else()
    {
        SignerId alice = (await RegisterAsync("alice")).Value;
        _ = LoginName.TryCreate("https://other.test", "alice", out LoginName? other);
        Assert.Equal(SamErrorCode.UserIdUnknown, (await Signers.FindAsync(other!, CancellationToken.None)).Refusal?.Code);
        SignerId theirs = (await Signers.RegisterAsync(SignerSteps.Registration("alice2", LinkedClients.Of(_bed.Client)) with { Login = other! }, Actor.Sam, CancellationToken.None)).Value;
        Assert.NotEqual(alice, theirs);
    }

    [Fact]
    public async Task Registered_at_once_is_registered_once()
    {
        Result<SignerId>[] all = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => RegisterAsync("alice"))));
        SignerId winner = Assert.Single(all, r => r.Refusal is null).Value;
        Assert.All(all.Where(r => r.Refusal is not null), r => Assert.Contains(r.Refusal!.Code, new[] { SamErrorCode.UserIdTaken, SamErrorCode.RowConflict }));
        Assert.Equal(winner, (await Signers.FindAsync("alice", CancellationToken.None)).Value);
        Assert.Single((await Signers.ListAsync(null, 10, CancellationToken.None)).Signers);
    }

    /// <summary>At whichever write it breaks off: after a minute somebody else may have the names, and before it nobody.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_registration_that_broke_off_takes_no_name_for_good(int write)
    {
        int writes = 0;
        _bed.Rows.Fate = call => call.IsWrite && Interlocked.Increment(ref writes) == write ? WriteFate.LostBeforeArriving : WriteFate.Answered;
        await Assert.ThrowsAsync<RowStoreException>(() => RegisterAsync("alice"));
        _bed.Rows.Fate = null;
        if (write > 1)
        {
            Assert.Equal(SamErrorCode.RowConflict, (await RegisterAsync("alice", login: "another")).Refusal?.Code);
        }

        _bed.Clock.Advance(TimeSpan.FromMinutes(1));
        SignerId alice = (await RegisterAsync("alice", login: "another")).Value;
        Assert.Equal(alice, (await Signers.FindAsync("alice", CancellationToken.None)).Value);
        Assert.Single((await Signers.ListAsync(null, 10, CancellationToken.None)).Signers);
        _ = (await RegisterAsync("bob", login: "alice")).Value;
    }

    /// <summary>The same registration, asked for again at once, goes on where it broke off.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_registration_that_broke_off_is_completed_by_the_next(int write)
    {
        int writes = 0;
        _bed.Rows.Fate = call => call.IsWrite && Interlocked.Increment(ref writes) == write ? WriteFate.LostBeforeArriving : WriteFate.Answered;
        await Assert.ThrowsAsync<RowStoreException>(() => RegisterAsync("alice"));
        _bed.Rows.Fate = null;
        SignerId alice = (await RegisterAsync("alice")).Value;
        Assert.Equal(alice, (await Signers.FindAsync(SamTestBed.Login("alice"), CancellationToken.None)).Value);
        Assert.Single((await Signers.ListAsync(null, 10, CancellationToken.None)).Signers);
    }

    /// <summary>It slept between its reservations and its commit, and its names went to somebody else: nothing leads to what it writes then.</summary>
    [Fact]
    public async Task A_registration_that_slept_too_long_is_void()
    {
        Result<SignerId>? other = null;
        _bed.Rows.Before = async call =>
        {
            if (call.Kind == RowStoreCallKind.Commit && other is null)
            {
                other = SamErrorCode.Unexpected;
                _bed.Clock.Advance(TimeSpan.FromMinutes(2));
                other = await RegisterAsync("alice");
            }
        };
        Assert.Equal(SamErrorCode.RowConflict, (await RegisterAsync("alice")).Refusal?.Code);
        _bed.Rows.Before = null;

        Assert.Equal(other!.Value.Value, (await Signers.FindAsync("alice", CancellationToken.None)).Value);
        Assert.Equal(other.Value.Value, (await Signers.FindAsync(SamTestBed.Login("alice"), CancellationToken.None)).Value);
        Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.SignerRegistered);
    }

    [Fact]
    [Trait("Requirement", "T-USE-4")]
    public async Task A_registration_does_not_give_back_the_attempts_on_a_PIN()
    {
        TestSigner signer = await _bed.AddSignerAsync("alice");
        Assert.True(_bed.Table.Attacker.Delete(SignerRows.Signer(signer.Id)));
        Assert.True(_bed.Table.Attacker.Delete(SignerRows.Counters(signer.Id)));
        _bed.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(SamErrorCode.RowBroken, (await RegisterAsync("alice")).Refusal?.Code);
        Assert.DoesNotContain(_bed.Table.Attacker.Rows(SamTable.Signers), row => row.Address.RowKey == "counters");
    }

    public static TheoryData<string, SignerRegistration> Faults
    {
        get
        {
            SignerRegistration good = SignerSteps.Registration("alice", LinkedClients.AnyApproved);
            return new()
            {
                { "userID", good with { UserId = "" } },
                { "userID", good with { UserId = "a\nb" } },
                { "userID", good with { UserId = "\ud800" } },
                { "userID", good with { UserId = new string('x', 129) } },
                { "proofing", good with { Proofing = "" } },
                { "proofing", good with { Proofing = new string('x', 201) } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_cannot_be_registered_is_named(string parameter, SignerRegistration registration)
    {
        Assert.Equal(new Refusal(SamErrorCode.ParameterInvalid, parameter), (await Signers.RegisterAsync(registration, Actor.Sam, CancellationToken.None)).Refusal);
        Assert.Empty(_bed.Table.Attacker.Rows(SamTable.Logins));
    }

    [Fact]
    public async Task Somebody_elses_request_may_name_anything()
    {
        Assert.Equal(SamErrorCode.UserIdUnknown, (await Signers.FindAsync(new string('x', 100_000), CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.UserIdUnknown, (await Signers.FindAsync("nobody", CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.SignerUnknown, (await Signers.ViewAsync(SignerId.New(), CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task Signers_are_listed_in_pages_each_once()
    {
        HashSet<string> registered = [];
        for (int i = 0; i < 25; i++)
        {
            Assert.True(registered.Add((await RegisterAsync($"signer{i}")).Value.Value));
        }

        List<string> listed = [];
        string? after = null;
        do
        {
            (IReadOnlyList<SignerView> page, after) = await Signers.ListAsync(after, 7, CancellationToken.None);
            Assert.True(page.Count <= 7);
            listed.AddRange(page.Select(s => s.Id.Value));
        }
        while (after is not null);
        Assert.Equal(registered.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private Task<Result<SignerId>> RegisterAsync(string userId, string? login = null) => Signers.RegisterAsync(
        SignerSteps.Registration(userId, LinkedClients.Of(_bed.Client)) with { Login = SamTestBed.Login(login ?? userId) }, Actor.Sam, CancellationToken.None);
}
