using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Configuration;
using Sam.Core.Keys;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Configuration;

/// <summary>Settings that decide security are two security officers' matter: what was changed past them stops signing, and says so.</summary>
[Trait("Requirement", "SYS-3")]
[Trait("Requirement", "T-INS-1")]
public sealed class ConfigurationTests : IAsyncLifetime
{
    private static readonly Digest[] _digests = [.. Digests.Some(4)];

    private OfficersTestBed _officers = null!;
    private TestSigner _alice = null!;
    private ActivationModule[] _processes = [];

    private SamTestBed Bed => _officers.Bed;

    private ActivationModule Approved => _processes[0];

    private ActivationModule Changed => _processes[1];

    /// <summary>What somebody with a hand on the platform's settings would like: ten guesses of a PIN.</summary>
    private ActivationModuleOptions Lax => Bed.Options with { Pin = Bed.Options.Pin with { MaxAttempts = 10 } };

    public async ValueTask InitializeAsync()
    {
        _officers = await OfficersTestBed.OpenInitializedAsync();
        _alice = await Bed.AddSignerAsync();
        _processes = [await Bed.OpenProcessAsync(isEnforced: true), await Bed.OpenProcessAsync(Lax, isEnforced: true)];
    }

    public ValueTask DisposeAsync() => _officers.DisposeAsync();

    [Fact]
    public async Task Settings_that_nobodyApproved_stop_signing_and_spend_nothing()
    {
        SecretText sad = (await AuthorizeAsync(Approved)).Value.Sad;
        Assert.Equal(SamErrorCode.ConfigurationNotApproved, (await AuthorizeAsync(Changed)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ConfigurationNotApproved, (await SignAsync(Changed, sad)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ConfigurationNotApproved, (await Changed.ExtendAsync(new ExtendRequest(Bed.Caller, _alice.Credential, sad, null), CancellationToken.None)).Refusal?.Code);
        Assert.Equal(
            SamErrorCode.ConfigurationNotApproved, (await Changed.AskForApprovalAsync(Bed.AuthorizationOf(_alice, _digests[0]) with { Pin = null }, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(0, (await Bed.CountersAsync(_alice)).PinAttempts);
        Assert.Null((await SignAsync(Approved, sad)).Refusal);

        ModuleHealth health = await Changed.CheckAsync(CancellationToken.None);
        Assert.Equal((false, false), (health.Configuration, health.IsReady));
        Assert.Equal((true, true), ((await Approved.CheckAsync(CancellationToken.None)).Configuration, (await Approved.CheckAsync(CancellationToken.None)).IsReady));
        AuditRecord refused = Assert.Single(Bed.AuditRecords(), r => r.Event == AuditEvent.ConfigurationRefused);
        Assert.Contains(Changed.Configuration.Running!.Settings.Digest, refused.Detail, StringComparison.Ordinal);
        _ = Assert.Single(Bed.AuditRecords(), r => r.Event == AuditEvent.ConfigurationInForce);
    }

    [Fact]
    public async Task What_two_approve_runs_and_the_settings_before_go_on_for_an_hour()
    {
        Assert.NotNull((await AuthorizeAsync(Changed)).Refusal);
        Assert.Null((await AuthorizeAsync(Approved)).Refusal);
        await ChangeAsync(atOnce: null);
        Bed.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Null((await AuthorizeAsync(Changed)).Refusal);
        Bed.Clock.Advance(TimeSpan.FromMinutes(58));
        Assert.Null((await AuthorizeAsync(Approved)).Refusal);
        Bed.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(SamErrorCode.ConfigurationNotApproved, (await AuthorizeAsync(Approved)).Refusal?.Code);
        Assert.Null((await AuthorizeAsync(Changed)).Refusal);
    }

    [Fact]
    public async Task What_must_stop_at_once_is_seen_within_a_minute()
    {
        Assert.Null((await AuthorizeAsync(Approved)).Refusal);
        await ChangeAsync(atOnce: true);
        Bed.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SamErrorCode.ConfigurationNotApproved, (await AuthorizeAsync(Approved)).Refusal?.Code);
        Assert.Null((await AuthorizeAsync(Changed)).Refusal);
    }

    [Fact]
    [Trait("Requirement", "SIG-6")]
    public async Task One_officer_alone_changes_nothing()
    {
        ProposalView proposal = (await _officers.Three[0].ProposeAsync(Bed.Sam, Wanted(atOnce: true))).Value;
        Assert.Equal(SamErrorCode.ProposalOwn, (await _officers.Three[0].ApproveAsync(Bed.Sam, proposal)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ProposalChanged, (await _officers.Three[1].ApproveAsync(Bed.Sam, proposal, new string('0', 64))).Refusal?.Code);
        Assert.Equal(SamErrorCode.ConfigurationNotApproved, (await AuthorizeAsync(Changed)).Refusal?.Code);
        Assert.Null((await AuthorizeAsync(Approved)).Refusal);
    }

    /// <summary>The tables may be written by anybody: the document is the HSM's to name.</summary>
    [Theory]
    [InlineData("deleted")]
    [InlineData("changed")]
    [InlineData("an older one in its place")]
    [InlineData("all deleted")]
    public async Task A_document_that_was_touched_stops_signing_with_the_next_look(string how)
    {
        StoredRow first = Anchors()[^1];
        await ChangeAsync(atOnce: true);
        Assert.Null((await AuthorizeAsync(Changed)).Refusal);
        StoredRow present = Anchors()[^1];
        byte[] flipped = present.Content.ToArray();
        flipped[^1] ^= 1;
        Bed.Clock.Advance(TimeSpan.FromSeconds(50));
        _ = how switch
        {
            "deleted" => Bed.Table.Attacker.Delete(present.Address) ? null : first,
            "changed" => Bed.Table.Attacker.Write(present.Address, flipped),
            "an older one in its place" => Bed.Table.Attacker.Write(present.Address, first.Content),
            _ => Anchors().All(row => Bed.Table.Attacker.Delete(row.Address)) ? null : first,
        };
        Assert.Null((await AuthorizeAsync(Changed)).Refusal);
        Bed.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(SamErrorCode.ConfigurationNotApproved, (await AuthorizeAsync(Changed)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ConfigurationNotApproved, (await AuthorizeAsync(await Bed.OpenProcessAsync(Lax, isEnforced: true))).Refusal?.Code);
        Assert.Equal(SamErrorCode.ConfigurationNotApproved, (await AuthorizeAsync(await Bed.OpenProcessAsync(isEnforced: true))).Refusal?.Code);
    }

    /// <summary>While it cannot be asked, what was seen holds for minutes; a process that has seen nothing does not begin.</summary>
    [Fact]
    public async Task An_HSM_that_cannot_be_asked_for_long_stops_signing()
    {
        SecretText sad = (await AuthorizeAsync(Approved)).Value.Sad;
        Bed.Hsm.BeforeReadAnchors = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "away");
        Bed.Clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Null((await SignAsync(Approved, sad)).Refusal);
        Bed.Clock.Advance(TimeSpan.FromMinutes(1));
        _ = await Assert.ThrowsAsync<KeyBackendException>(() => AuthorizeAsync(Approved));
        _ = await Assert.ThrowsAsync<KeyBackendException>(() => AuthorizeAsync(Changed));
        Bed.Hsm.BeforeReadAnchors = null;
        Assert.Null((await AuthorizeAsync(Approved)).Refusal);
    }

    [Fact]
    [Trait("Requirement", "SIG-7")]
    public async Task The_history_says_who_wanted_what()
    {
        await ChangeAsync(atOnce: null);
        IReadOnlyList<ConfigurationView> history = (await Bed.Sam.Configuration.ReadHistoryAsync(CancellationToken.None)).Value.Items;
        Assert.Equal([1, 2], history.Select(v => v.Version));
        Assert.Equal((null, null), (history[0].ProposedBy, history[0].ApprovedBy));
        Assert.Equal((_officers.Three[0].Id, _officers.Three[1].Id), (history[1].ProposedBy, history[1].ApprovedBy));
        Assert.Equal(Changed.Configuration.Running!.Settings.Digest, history[1].Digest);
        Assert.Equal(history[0].Digest, history[1].Before);
        Assert.Contains(new Setting("Pin:MaxAttempts", "10"), history[1].Settings);
    }

    [Fact]
    public async Task Who_has_no_officers_yet_has_nothing_to_approve()
    {
        await using SamTestBed fresh = await SamTestBed.OpenAsync();
        TestSigner bob = await fresh.AddSignerAsync("bob");
        ActivationModule enforced = await fresh.OpenProcessAsync(isEnforced: true);
        Assert.Null((await enforced.AuthorizeAsync(fresh.AuthorizationOf(bob, _digests[0]), CancellationToken.None)).Refusal);
    }

    private StoredRow[] Anchors() => [.. Bed.Table.Attacker.Rows(SamTable.Registry).Where(r => r.Address.PartitionKey == "anchor").OrderBy(r => r.Address.RowKey, StringComparer.Ordinal)];

    private OfficerChange.ChangeConfiguration Wanted(bool? atOnce) => new(Changed.Configuration.Running!.Settings.Items, atOnce);

    private async Task ChangeAsync(bool? atOnce) => _ = await _officers.ChangeAsync(Wanted(atOnce));

    private Task<Result<IssuedSad>> AuthorizeAsync(ActivationModule sam) => sam.AuthorizeAsync(Bed.AuthorizationOf(_alice, _digests[0], _digests[1]), CancellationToken.None);

    private Task<Result<IReadOnlyList<byte[]>>> SignAsync(ActivationModule sam, SecretText sad) => sam.SignHashAsync(Bed.SigningOf(_alice, sad, _digests[0]), CancellationToken.None);
}
