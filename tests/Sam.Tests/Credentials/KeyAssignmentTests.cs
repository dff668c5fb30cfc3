using Sam.Core.Algorithms;
using Sam.Core.Anchoring;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Credentials;

/// <summary>A signing key belongs to its signer and to nobody else, from the moment it exists.</summary>
[Trait("Requirement", "REG-3")]
[Trait("Requirement", "T-REG-1")]
public sealed class KeyAssignmentTests : IAsyncLifetime
{
    private static readonly Digest _digest = Digests.Some(1)[0];

    private SamTestBed _bed = null!;
    private TestSigner _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _alice = await _bed.AddSignerAsync();
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    /// <summary>At whichever call it breaks off, no key can be used, and the sweep leaves none: neither by a process that dies nor by one that is answered late.</summary>
    [Fact]
    public async Task A_creation_that_breaks_off_leaves_no_key()
    {
        int keys = _bed.Keys.KeyNames.Count;
        bool ended = false;
        for (int write = 1; !ended; write++)
        {
            int writes = 0;
            _bed.Rows.Fate = call => call.IsWrite && Interlocked.Increment(ref writes) == write ? WriteFate.LostBeforeArriving : WriteFate.Answered;
            try
            {
                Result<(CredentialId Credential, SigningKey Key)> made = await CreateAsync();
                ended = made.Refusal is null && writes < write;
                keys += made.Refusal is null ? 1 : 0;
            }
            catch (RowStoreException)
            {
            }

            _bed.Rows.Fate = null;
            _bed.Clock.Advance(TimeSpan.FromMinutes(11));
            _ = await _bed.Sam.Credentials.SweepAsync(CancellationToken.None);
            Assert.Equal(keys, _bed.Keys.KeyNames.Count);
            Assert.DoesNotContain(_bed.Table.Attacker.Rows(SamTable.Registry), row => row.Address.PartitionKey == CredentialRows.Intents);
        }
    }

    [Fact]
    public async Task A_key_whose_maker_was_not_told_of_it_is_swept_by_another_process()
    {
        int keys = _bed.Keys.KeyNames.Count;
        _bed.Hsm.AfterKey = _ => throw new KeyBackendException(KeyBackendFailure.TimedOut, "no answer");
        await Assert.ThrowsAsync<KeyBackendException>(CreateAsync);
        Assert.Equal(keys + 1, _bed.Keys.KeyNames.Count);

        // Not at once: the maker may still be at work.
        Core.ActivationModule other = await _bed.OpenProcessAsync();
        Assert.Equal(0, await other.Credentials.SweepAsync(CancellationToken.None));
        _bed.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, await other.Credentials.SweepAsync(CancellationToken.None));
        Assert.Equal(keys, _bed.Keys.KeyNames.Count);
        Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.KeyAbandoned && r.By == "sam");
    }

    [Fact]
    public async Task An_intent_that_somebody_spoilt_stops_no_other()
    {
        _bed.Hsm.AfterKey = _ => throw new KeyBackendException(KeyBackendFailure.TimedOut, "no answer");
        await Assert.ThrowsAsync<KeyBackendException>(CreateAsync);
        await Assert.ThrowsAsync<KeyBackendException>(CreateAsync);
        StoredRow first = _bed.Table.Attacker.Rows(SamTable.Registry).First(row => row.Address.PartitionKey == CredentialRows.Intents);
        _ = _bed.Table.Attacker.Write(first.Address, new byte[] { 1, 2, 3 });
        _bed.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, await _bed.Sam.Credentials.SweepAsync(CancellationToken.None));
    }

    /// <summary>Somebody with a process's memory has the data key, so he can seal a row that gives Alice's credential a key of his own, or his credential hers.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-1")]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_key_that_was_exchanged_signs_nothing()
    {
        TestSigner mallory = await _bed.AddSignerAsync("mallory");
        CredentialRow hers = await RowAsync(_alice);
        CredentialRow his = await RowAsync(mallory);
        foreach (CredentialRow forged in new[]
        {
            hers with { Key = his.Key, PublicKey = his.PublicKey }, hers with { Key = his.Key }, hers with { PublicKey = his.PublicKey },
            his with { Key = hers.Key, PublicKey = hers.PublicKey, Binding = hers.Binding }, hers with { IsImported = true }, hers with { Binding = [] },
        })
        {
            TestSigner victim = ReferenceEquals(forged.Signer, his.Signer) ? mallory : _alice;
            SealedRow<CredentialRow> present = (await _bed.SealedRows.ReadAsync(SignerRows.Credential(victim.Credential), RowSchemas.Credential, CancellationToken.None)).Value;
            SecretText sad = await _bed.AuthorizeAsync(victim, _digest);
            RowETag etag = (await _bed.SealedRows.ReplaceAsync(
                SignerRows.Credential(victim.Credential), RowSchemas.Credential, forged, present.ETag, CancellationToken.None)).Value;
            int uses = _bed.Hsm.SignCalls;

            Assert.Equal(
                SamErrorCode.KeySwapped, (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(victim, _digest), CancellationToken.None)).Refusal?.Code);
            SecretText issued = await _bed.IssueAsync(victim, etag, _bed.Clock.GetUtcNow().AddMinutes(1), _digest);
            Assert.Equal(SamErrorCode.KeySwapped, (await _bed.SignAsync(victim, issued, _digest)).Refusal?.Code);
            Assert.NotNull((await _bed.SignAsync(victim, sad, _digest)).Refusal);
            Assert.Equal(
                SamErrorCode.KeySwapped, (await _bed.Sam.Credentials.RequestCertificateAsync(victim.Credential, Actor.Sam, CancellationToken.None)).Refusal?.Code);
            Assert.Equal(uses, _bed.Hsm.SignCalls);
            _ = (await _bed.SealedRows.ReplaceAsync(SignerRows.Credential(victim.Credential), RowSchemas.Credential, present.Value, etag, CancellationToken.None)).Value;
        }
    }

    /// <summary>The same insider would have an officer destroy another's key under his own credential.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_key_that_was_exchanged_is_not_destroyed_and_its_credential_is_stopped()
    {
        TestSigner mallory = await _bed.AddSignerAsync("mallory");
        CredentialRow hers = await RowAsync(_alice);
        RowAddress address = SignerRows.Credential(mallory.Credential);
        SealedRow<CredentialRow> his = (await _bed.SealedRows.ReadAsync(address, RowSchemas.Credential, CancellationToken.None)).Value;
        _ = (await _bed.SealedRows.ReplaceAsync(
            address, RowSchemas.Credential, his.Value with { Key = hers.Key, PublicKey = hers.PublicKey, Binding = hers.Binding }, his.ETag, CancellationToken.None)).Value;

        Assert.Equal(SamErrorCode.KeySwapped, (await _bed.Sam.Credentials.DestroyAsync(mallory.Credential, Actor.Sam, "a test", expected: null, CancellationToken.None)).Refusal?.Code);

        CredentialRow after = await RowAsync(mallory);
        Assert.Equal((CredentialStatus.Destroyed, null), (after.Status, after.Destruction));
        Assert.Single((await _bed.SignAsync(_alice, await _bed.AuthorizeAsync(_alice, _digest), _digest)).Value);
    }

    [Fact]
    [Trait("Requirement", "T-IMP-4")]
    public async Task A_public_key_is_assigned_once_for_ever()
    {
        // An HSM that gives a key which somebody has: broken, or lying.
        CredentialRow hers = await RowAsync(_alice);
        byte[] fingerprint = PublicKeyFingerprint.Of(hers.PublicKey)!;
        Assert.Contains(_bed.Table.Attacker.Rows(SamTable.Registry), row => row.Address == PublicKeyFingerprint.Address(fingerprint));
        await using LyingBackend liar = new(new SigningKey(KeyReference.Parse(hers.Key), KeyAlgorithm.P256, hers.PublicKey));
        SealedRows rows = _bed.SealedRows;
        KeyCreation creation = new(rows, liar, new KeyBinding(_bed.SystemKeys.Identity), new DeploymentAnchor(rows, _bed.SystemKeys, _bed.Keys, _bed.Keys), new SilentAudit(), new KeyPolicy(), new Core.Factors.LevelPolicy());
        Assert.Equal(
            SamErrorCode.KeyKnown, (await creation.GenerateAsync(CredentialId.New(_alice.Id), new CredentialRequest(KeyAlgorithm.P256), Actor.Sam, CancellationToken.None)).Refusal?.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    [Trait("Requirement", "APX-0")]
    public async Task Multisign_has_bounds_and_is_one_unless_raised(int multisign)
    {
        Assert.Equal(1, new CredentialRequest(KeyAlgorithm.P256).Multisign);
        Assert.Equal(
            new Refusal(SamErrorCode.ParameterInvalid, "multisign"),
            (await _bed.Sam.Credentials.CreateAsync(_alice.Id, new CredentialRequest(KeyAlgorithm.P256, multisign), Actor.Sam, CancellationToken.None)).Refusal);
    }

    [Fact]
    public async Task A_kind_of_key_that_the_policy_does_not_name_is_not_made()
    {
        Core.ActivationModule strict = await _bed.OpenProcessAsync(new Core.ActivationModuleOptions());
        int keys = _bed.Keys.KeyNames.Count;
        Assert.Equal(
            SamErrorCode.KeyAlgorithmForbidden,
            (await strict.Credentials.CreateAsync(_alice.Id, new CredentialRequest(KeyAlgorithm.Rsa2048), Actor.Sam, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(keys, _bed.Keys.KeyNames.Count);
    }

    private Task<Result<(CredentialId Credential, SigningKey Key)>> CreateAsync() =>
        _bed.Sam.Credentials.CreateAsync(_alice.Id, new CredentialRequest(KeyAlgorithm.P256), Actor.Sam, CancellationToken.None);

    private async Task<CredentialRow> RowAsync(TestSigner signer) =>
        (await _bed.SealedRows.ReadAsync(SignerRows.Credential(signer.Credential), RowSchemas.Credential, CancellationToken.None)).Value.Value;

    private sealed class SilentAudit : IAuditLog
    {
        public bool IsFailing => false;

        public Task<ChainHead> AppendAsync(AuditRecord record) => Task.FromResult(new ChainHead(string.Empty, 0, default));
    }

    /// <summary>Gives the same key to everybody.</summary>
    private sealed class LyingBackend(SigningKey key) : IKeyBackend
    {
        public KeyBackendDescription Description { get; } = new("liar", KeyAlgorithm.All, SignatureAlgorithm.All);

        public Task<SigningKey> GenerateKeyAsync(KeyName name, KeyAlgorithm algorithm, CancellationToken cancellationToken) => Task.FromResult(key);

        public Task AbandonKeyAsync(KeyName name, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<byte[]> GetPublicKeyAsync(KeyReference reference, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<byte[]>> SignDigestsAsync(KeyReference reference, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<DateTimeOffset?> DestroyKeyAsync(KeyReference reference, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
