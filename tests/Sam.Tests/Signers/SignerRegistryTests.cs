using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Signers;

[Trait("Requirement", "REG-3")]
public sealed class SignerRegistryTests : IAsyncLifetime
{
    private SamTestBed _bed = null!;

    private SignerRegistry Signers => _bed.Sam.Signers;

    public async ValueTask InitializeAsync() => _bed = await SamTestBed.OpenAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    [Trait("Requirement", "REG-1")]
    public async Task No_name_stands_in_the_table()
    {
        _ = await _bed.AddSignerAsync("alice.cooper");
        Assert.All(_bed.Table.Attacker.Rows(), row =>
        {
            Assert.DoesNotContain("alice", row.Address.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.True(row.Content.Span.IndexOf("cooper"u8) < 0, row.Address.ToString());
        });
    }

    [Fact]
    public async Task A_PIN_needs_a_signer_and_a_character()
    {
        SignerId signer = await RegisterAsync("alice");
        Assert.Equal(SamErrorCode.SignerUnknown, (await _bed.Sam.SetPinAsync(SignerId.New(), SamTestBed.NewPin(), CancellationToken.None)).Refusal?.Code);
        Assert.Equal(
            new Refusal(SamErrorCode.ParameterInvalid, "pin"), (await _bed.Sam.SetPinAsync(signer, new SecretText(string.Empty), CancellationToken.None)).Refusal);
    }

    [Fact]
    public async Task A_new_PIN_changes_every_credential_with_it()
    {
        TestSigner signer = await _bed.AddSignerAsync();
        TestSigner second = await _bed.AddCredentialAsync(signer.UserId, signer.Id, signer.Pin, KeyAlgorithm.P384);
        SecretText pin = SamTestBed.NewPin();
        _ = (await _bed.Sam.SetPinAsync(signer.Id, pin, CancellationToken.None)).Value;

        foreach (TestSigner credential in new[] { signer, second })
        {
            Digest digest = Digests.Of(SignatureAlgorithm.All.First(a => a.Fits(credential.Key.Algorithm)).Hash, "contract");
            AuthorizeRequest request = _bed.AuthorizationOf(credential, digest);
            Assert.Equal(SamErrorCode.PinWrong, (await _bed.Sam.AuthorizeAsync(request, CancellationToken.None)).Refusal?.Code);
            Assert.Null((await _bed.Sam.AuthorizeAsync(request with { Pin = pin }, CancellationToken.None)).Refusal);
        }

        Assert.Equal(2, _bed.AuditRecords().Count(r => r.Event == AuditEvent.SignerEnrolled && r.Signer == signer.Id.Value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_001)]
    public async Task Multisign_has_bounds(int multisign)
    {
        SignerId signer = await RegisterAsync("alice");
        int keys = _bed.Keys.KeyNames.Count;
        Assert.Equal(
            new Refusal(SamErrorCode.ParameterInvalid, "multisign"),
            (await _bed.Sam.CreateCredentialAsync(signer, KeyAlgorithm.P256, multisign, null, CancellationToken.None)).Refusal);
        Assert.Equal(keys, _bed.Keys.KeyNames.Count);
    }

    [Fact]
    public async Task A_key_needs_a_signer()
    {
        int keys = _bed.Keys.KeyNames.Count;
        Assert.Equal(
            SamErrorCode.SignerUnknown, (await _bed.Sam.CreateCredentialAsync(SignerId.New(), KeyAlgorithm.P256, 1, null, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(keys, _bed.Keys.KeyNames.Count);
    }

    [Fact]
    public async Task A_key_that_nobody_got_is_destroyed()
    {
        SignerId signer = await RegisterAsync("alice");
        int keys = _bed.Keys.KeyNames.Count;

        // Between the reading of the signer and the commit, the signer gets a PIN.
        bool changed = false;
        _bed.Rows.Before = async call =>
        {
            if (call.Kind == RowStoreCallKind.Commit && !changed)
            {
                changed = true;
                _ = (await _bed.Sam.SetPinAsync(signer, SamTestBed.NewPin(), CancellationToken.None)).Value;
            }
        };

        Assert.Equal(SamErrorCode.RowConflict, (await _bed.Sam.CreateCredentialAsync(signer, KeyAlgorithm.P256, 1, null, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(keys, _bed.Keys.KeyNames.Count);
        Assert.DoesNotContain(_bed.AuditRecords(), r => r.Event == AuditEvent.KeyGenerated);
    }

    [Fact]
    public async Task A_change_of_the_signer_misses_no_credential()
    {
        // While the PIN is being set, a credential is created that the list of credentials did not hold yet.
        TestSigner signer = await _bed.AddSignerAsync();
        bool created = false;
        _bed.Rows.Before = async call =>
        {
            if (call.Kind == RowStoreCallKind.Commit && !created)
            {
                created = true;
                _ = (await _bed.Sam.CreateCredentialAsync(signer.Id, KeyAlgorithm.P256, 1, null, CancellationToken.None)).Value;
            }
        };

        Assert.Equal(SamErrorCode.RowConflict, (await _bed.Sam.SetPinAsync(signer.Id, SamTestBed.NewPin(), CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task A_signer_with_all_credentials_there_may_be_can_still_be_changed()
    {
        TestSigner signer = await _bed.AddSignerAsync();
        int more = 0;
        while ((await _bed.Sam.CreateCredentialAsync(signer.Id, KeyAlgorithm.P256, 1, null, CancellationToken.None)).Refusal is not { } full)
        {
            Assert.True(++more < 1_000);
        }

        int keys = _bed.Keys.KeyNames.Count;
        Assert.Equal(SamErrorCode.ParameterInvalid, (await _bed.Sam.CreateCredentialAsync(signer.Id, KeyAlgorithm.P256, 1, null, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(keys, _bed.Keys.KeyNames.Count);
        _ = (await _bed.Sam.SetPinAsync(signer.Id, SamTestBed.NewPin(), CancellationToken.None)).Value;
    }

    [Fact]
    public async Task What_is_created_awaits_its_certificate()
    {
        SignerId signer = await RegisterAsync("alice");
        (CredentialId credential, SigningKey key) = (await _bed.Sam.CreateCredentialAsync(signer, KeyAlgorithm.P256, 1, "mine", CancellationToken.None)).Value;

        Assert.Equal(signer, credential.Signer);
        CredentialView view = (await _bed.Sam.FindCredentialAsync(_bed.Caller, credential, CancellationToken.None)).Value;
        Assert.Equal((false, false, "mine", 1), (view.IsUsable, view.IsInValidity, view.Description, view.Multisign));
        Assert.Empty(view.Certificates);
        AuditRecord record = Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.KeyGenerated);
        Assert.Equal((credential.Value, key.Reference.Value, "p256"), (record.Credential, record.Detail, record.Algorithm));
    }

    [Fact]
    public async Task A_late_commit_leaves_a_signer_that_can_be_read()
    {
        bool late = false;
        _bed.Rows.Before = call =>
        {
            if (call.Kind == RowStoreCallKind.Commit && !late)
            {
                late = true;
                _bed.Clock.Advance(TimeSpan.FromSeconds(30));
            }

            return Task.CompletedTask;
        };
        TestSigner signer = await _bed.AddSignerAsync();
        Assert.Single((await _bed.SignAsync(signer, await _bed.AuthorizeAsync(signer, Digests.Some(1)), Digests.Some(1))).Value);
    }

    [Fact]
    public async Task Concurrent_suspensions_conflict_or_agree()
    {
        TestSigner signer = await _bed.AddSignerAsync();
        bool changed = false;
        _bed.Rows.Before = async call =>
        {
            if (call.Kind == RowStoreCallKind.Commit && !changed)
            {
                changed = true;
                _ = (await _bed.Sam.SetSuspendedAsync(signer.Credential, suspended: true, CancellationToken.None)).Value;
            }
        };
        Assert.Equal(SamErrorCode.RowConflict, (await _bed.Sam.Credentials.RevokeAsync(signer.Credential, Actor.Sam, "a test", null, CancellationToken.None)).Refusal?.Code);
        Assert.False((await _bed.Sam.FindCredentialAsync(_bed.Caller, signer.Credential, CancellationToken.None)).Value.IsUsable);
    }

    private async Task<SignerId> RegisterAsync(string userId) => (await _bed.Sam.RegisterAsync(userId, LinkedClients.Of(_bed.Client), CancellationToken.None)).Value;
}
