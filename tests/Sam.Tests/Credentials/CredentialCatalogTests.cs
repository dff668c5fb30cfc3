using Sam.Core.Algorithms;
using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Credentials;

/// <summary>What a client is told: its signers' credentials, and nothing that lets it tell other signers from none.</summary>
[Trait("Requirement", "REG-1")]
public sealed class CredentialCatalogTests : IAsyncLifetime
{
    private SamTestBed _bed = null!;
    private TestSigner _alice = null!;
    private TestSigner _bob = null!;
    private Caller _other = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _other = await _bed.AddClientAsync("other-sca");
        _alice = await _bed.AddSignerAsync("alice");
        _bob = await _bed.AddSignerAsync("bob", clients: LinkedClients.Of(_bed.Client, _other.Client));
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_list_shows_one_signers_credentials()
    {
        TestSigner second = await _bed.AddCredentialAsync("alice", _alice.Id, _alice.Pin, KeyAlgorithm.P384, multisign: 7);

        IReadOnlyList<CredentialView> credentials = (await _bed.Sam.ListCredentialsAsync(_bed.Caller, "alice", CancellationToken.None)).Value;

        Assert.Equal(
            new[] { _alice.Credential, second.Credential }.Order(Comparer<CredentialId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))),
            credentials.Select(c => c.Id));
        CredentialView view = credentials.Single(c => c.Id == second.Credential);
        Assert.Equal((KeyAlgorithm.P384, 7, "for tests", true, true), (view.KeyAlgorithm, view.Multisign, view.Description, view.IsUsable, view.IsInValidity));
        Assert.Equal(second.Certificate, view.Certificates[0]);
        Assert.Equal(2, view.Certificates.Count);
    }

    [Fact]
    public async Task A_users_token_lists_its_own_credentials()
    {
        IReadOnlyList<CredentialView> credentials = (await _bed.Sam.ListCredentialsAsync(_bed.Caller with { Login = SamTestBed.Login("bob") }, null, CancellationToken.None)).Value;
        Assert.Equal(_bob.Credential, Assert.Single(credentials).Id);
    }

    [Theory]
    [InlineData(null, null, SamErrorCode.UserIdUnknown)]
    [InlineData(null, "nobody", SamErrorCode.UserIdUnknown)]
    [InlineData(null, "", SamErrorCode.UserIdUnknown)]
    [InlineData(null, "ALICE", SamErrorCode.UserIdUnknown)]
    [InlineData("nobody", null, SamErrorCode.UserIdUnknown)]
    [InlineData("alice", "alice", SamErrorCode.UserIdNotAllowed)]
    [InlineData("alice", "bob", SamErrorCode.UserIdNotAllowed)]
    public async Task A_user_is_named_once(string? token, string? request, SamErrorCode cause) =>
        Assert.Equal(cause, (await _bed.Sam.ListCredentialsAsync(_bed.Caller with { Login = token is null ? null : SamTestBed.Login(token) }, request, CancellationToken.None)).Refusal?.Code);

    [Fact]
    public async Task A_client_that_does_not_act_for_a_signer_cannot_tell_them_from_nobody()
    {
        Refusal? nobody = (await _bed.Sam.ListCredentialsAsync(_other, "nobody", CancellationToken.None)).Refusal;
        Refusal? alice = (await _bed.Sam.ListCredentialsAsync(_other, "alice", CancellationToken.None)).Refusal;
        Assert.Equal(nobody, alice);
        Assert.NotNull(alice);
        Assert.Null((await _bed.Sam.ListCredentialsAsync(_other, "bob", CancellationToken.None)).Refusal);
    }

    [Fact]
    public async Task One_credential_is_shown_to_who_may_act_on_it()
    {
        Assert.Equal(_alice.Credential, (await FindAsync(_bed.Caller, _alice)).Value.Id);
        Assert.Equal(_alice.Credential, (await FindAsync(_bed.Caller with { Login = SamTestBed.Login("alice") }, _alice)).Value.Id);
        Assert.Equal(SamErrorCode.ClientNotLinked, (await FindAsync(_other, _alice)).Refusal?.Code);
        Assert.Equal(SamErrorCode.CredentialOfAnotherSigner, (await FindAsync(_bed.Caller with { Login = SamTestBed.Login("bob") }, _alice)).Refusal?.Code);
        Assert.Equal(
            SamErrorCode.CredentialUnknown,
            (await _bed.Sam.FindCredentialAsync(_bed.Caller, CredentialId.New(_alice.Id), CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task A_client_linked_to_any_is_still_one_of_the_approved()
    {
        TestSigner carol = await _bed.AddSignerAsync("carol", clients: LinkedClients.AnyApproved);
        Assert.Equal(carol.Credential, (await FindAsync(_other, carol)).Value.Id);

        // Not approved: it may look, and sign nothing.
        Caller stranger = new(SamTestBed.Id("stranger"), Login: null);
        SecretText sad = (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(carol, Digests.Some(1)) with { Caller = stranger }, CancellationToken.None)).Value.Sad;
        Assert.Equal(
            SamErrorCode.ClientStopped,
            (await _bed.Sam.SignHashAsync(_bed.SigningOf(carol, sad, Digests.Some(1)) with { Caller = stranger }, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_signers_row_in_anothers_place_is_told()
    {
        RowAddress alices = SignerRows.Credential(_alice.Credential);
        _ = _bed.Table.Attacker.Write(alices, _bed.Table.Attacker.Row(SignerRows.Credential(_bob.Credential)).Content);

        Assert.Equal(SamErrorCode.RowBroken, (await FindAsync(_bed.Caller, _alice)).Refusal?.Code);
        await Assert.ThrowsAsync<RowStoreException>(() => _bed.Sam.ListCredentialsAsync(_bed.Caller, "alice", CancellationToken.None));
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_login_that_points_to_another_signer_is_broken()
    {
        _ = _bed.Table.Attacker.Write(SignerRows.UserId("bob"), _bed.Table.Attacker.Row(SignerRows.UserId("alice")).Content);
        Assert.Equal(SamErrorCode.RowBroken, (await _bed.Sam.ListCredentialsAsync(_bed.Caller, "bob", CancellationToken.None)).Refusal?.Code);
    }

    private Task<Result<CredentialView>> FindAsync(Caller caller, TestSigner signer) => _bed.Sam.FindCredentialAsync(caller, signer.Credential, CancellationToken.None);
}
