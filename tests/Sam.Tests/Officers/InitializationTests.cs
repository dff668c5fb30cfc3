using Sam.Core.Audit;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Officers;

[Trait("Requirement", "SIG-6")]
public sealed class InitializationTests : IAsyncLifetime
{
    private OfficersTestBed _bed = null!;

    private OfficerRegistry Officers => _bed.Sam.Officers;

    public async ValueTask InitializeAsync() => _bed = await OfficersTestBed.OpenAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Three_officers_are_named_and_enrol_keys_of_their_own()
    {
        IReadOnlyList<IssuedCode> codes = (await Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None)).Value;
        Assert.Equal(3, codes.Select(c => c.Code.Reveal()).Distinct().Count());
        Assert.All(codes, c => Assert.Matches("^([2-9A-HJKMNP-Z]{5}-){5}[2-9A-HJKMNP-Z]$", c.Code.Reveal()));

        TestOfficer olga = _bed.NewOfficer("olga");
        Assert.Equal(SamErrorCode.OfficerNotEnrolled, (await olga.AuthenticateAsync(_bed.Sam)).Refusal?.Code);
        Assert.True((await olga.EnrolAsync(_bed.Sam, codes[0].Code)).Value.IsEnrolled);
        Assert.Equal(PrivilegedRole.SecurityOfficer, (await olga.AuthenticateAsync(_bed.Sam)).Value.Role);

        // Another process knows it from the HSM and the tables alone.
        Assert.Equal(olga.Id, (await olga.AuthenticateAsync(await _bed.Bed.OpenProcessAsync())).Value.Id);
        Assert.Equal(
            [AuditEvent.DeploymentInitialized, AuditEvent.OfficerRefused, AuditEvent.OfficerEnrolled],
            _bed.Bed.AuditRecords().Select(r => r.Event).Where(e => e is AuditEvent.DeploymentInitialized or AuditEvent.OfficerRefused or AuditEvent.OfficerEnrolled));
    }

    [Fact]
    public async Task Before_it_nobody_is_anybody()
    {
        Assert.Equal(SamErrorCode.NotInitialized, (await _bed.NewOfficer("olga").AuthenticateAsync(_bed.Sam)).Refusal?.Code);
        Assert.Equal(SamErrorCode.NotInitialized, (await Officers.ListAsync(CancellationToken.None)).Refusal?.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("another")]
    public async Task It_takes_the_secret(string secret) =>
        Assert.Equal(
            SamErrorCode.InitializationSecretInvalid, (await Officers.InitializeAsync(new SecretText(secret), OfficersTestBed.Nominations(), CancellationToken.None)).Refusal?.Code);

    [Fact]
    public async Task Without_a_configured_secret_there_is_none()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        Assert.Equal(
            SamErrorCode.InitializationSecretInvalid, (await bed.Sam.Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None)).Refusal?.Code);
    }

    [Theory]
    [InlineData("olga", "otto")]
    [InlineData("olga", "otto", "olga")]
    [InlineData("olga", "otto", "oona", "omar")]
    [InlineData("olga", "otto", "")]
    public async Task It_names_three_different_people(params string[] names)
    {
        IReadOnlyList<OfficerNomination> nominations = [.. names.Select(n => new OfficerNomination(n, SamTestBed.Login(n.Length == 0 ? "x" : n)))];
        Assert.Equal(new Refusal(SamErrorCode.ParameterInvalid, "officers"), (await Officers.InitializeAsync(_bed.Secret, nominations, CancellationToken.None)).Refusal);
    }

    [Fact]
    public async Task It_happens_once()
    {
        _ = (await Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None)).Value;
        Assert.Equal(
            SamErrorCode.AlreadyInitialized, (await Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task Of_many_at_once_one_wins()
    {
        Result<IReadOnlyList<IssuedCode>>[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None))));
        Result<IReadOnlyList<IssuedCode>> winner = Assert.Single(all, r => r.Refusal is null);
        Assert.All(all.Where(r => r.Refusal is not null), r => Assert.Equal(SamErrorCode.AlreadyInitialized, r.Refusal?.Code));
        Assert.Equal(winner.Value.Select(c => c.Officer.Id), (await Officers.ListAsync(CancellationToken.None)).Value.Select(o => o.Id));
    }

    /// <summary>An insider with the secret and full rights on the tables wants officers of his own.</summary>
    [Fact]
    [Trait("Requirement", "T-MGT-1")]
    [Trait("Requirement", "T-INS-1")]
    public async Task Deleting_the_registry_gains_no_new_beginning()
    {
        _ = (await Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None)).Value;
        foreach (StoredRow row in _bed.Bed.Table.Attacker.Rows(SamTable.Registry))
        {
            Assert.True(_bed.Bed.Table.Attacker.Delete(row.Address));
        }

        foreach (Sam.Core.ActivationModule sam in new[] { _bed.Sam, await _bed.Bed.OpenProcessAsync() })
        {
            Assert.Equal(
                SamErrorCode.AlreadyInitialized, (await sam.Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None)).Refusal?.Code);
            Assert.Equal(SamErrorCode.AnchorBroken, (await sam.Officers.ListAsync(CancellationToken.None)).Refusal?.Code);
        }

        // And with the keyring row, too: no process begins a new deployment over the old one's HSM.
        foreach (StoredRow row in _bed.Bed.Table.Attacker.Rows())
        {
            Assert.True(_bed.Bed.Table.Attacker.Delete(row.Address));
        }

        int keys = _bed.Bed.Keys.KeyNames.Count;
        await Assert.ThrowsAsync<RowStoreException>(() => _bed.Bed.OpenProcessAsync());
        Assert.Equal(keys, _bed.Bed.Keys.KeyNames.Count);
    }

    /// <summary>Whatever the process dies of, the next one finds the same officers, or none and may begin again.</summary>
    [Fact]
    public async Task A_crash_leaves_the_first_officers_or_none()
    {
        _bed.Bed.Hsm.BeforeAnchor = () => throw new IOException("The process ends here.");
        await Assert.ThrowsAsync<IOException>(() => Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None));
        _bed.Bed.Hsm.BeforeAnchor = null;

        // The row stands: the next process tells the HSM. The codes are lost with the answer, and the officers can be renewed by none: the operator begins anew with an empty HSM.
        Sam.Core.ActivationModule next = await _bed.Bed.OpenProcessAsync();
        Assert.Equal(3, (await next.Officers.ListAsync(CancellationToken.None)).Value.Count);
        Assert.Single(await _bed.Bed.Keys.ReadAnchorsAsync(CancellationToken.None));
        Assert.Equal(
            SamErrorCode.AlreadyInitialized, (await next.Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task A_code_is_good_once_for_its_own_login_and_for_its_time()
    {
        IReadOnlyList<IssuedCode> codes = (await Officers.InitializeAsync(_bed.Secret, OfficersTestBed.Nominations(), CancellationToken.None)).Value;
        TestOfficer olga = _bed.NewOfficer("olga");
        TestOfficer thief = _bed.NewOfficer("olga");
        TestOfficer mallory = _bed.NewOfficer("mallory");

        Assert.Equal(SamErrorCode.EnrolmentCodeInvalid, (await olga.EnrolAsync(_bed.Sam, codes[1].Code)).Refusal?.Code);
        Assert.Equal(SamErrorCode.OfficerUnknown, (await mallory.EnrolAsync(_bed.Sam, codes[0].Code)).Refusal?.Code);
        Assert.Null((await olga.EnrolAsync(_bed.Sam, new SecretText(codes[0].Code.Reveal().Replace("-", "", StringComparison.Ordinal).ToLowerInvariant()))).Refusal);
        Assert.Equal(SamErrorCode.EnrolmentCodeInvalid, (await thief.EnrolAsync(_bed.Sam, codes[0].Code)).Refusal?.Code);
        Assert.Null((await olga.AuthenticateAsync(_bed.Sam)).Refusal);

        _bed.Bed.Clock.Advance(new OfficerPolicy().CodeLifetime);
        Assert.Equal(SamErrorCode.EnrolmentCodeInvalid, (await _bed.NewOfficer("otto").EnrolAsync(_bed.Sam, codes[1].Code)).Refusal?.Code);
    }
}
