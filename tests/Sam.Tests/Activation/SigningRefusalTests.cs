using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>Each refusal on its own: what it is called, that the key is not used, that it is audited, and that the SAD is still its owner's.</summary>
[Trait("Requirement", "SIG-1")]
[Trait("Requirement", "SIG-3")]
public sealed class SigningRefusalTests
{
    private static readonly Digest[] _digests = Digests.Some(2);

    /// <summary>What a request alone can do. Afterwards the right request is made, and signs: nobody but its owner burns a SAD.</summary>
    public static TheoryData<SamErrorCode, string, Func<World, SignHashRequest, SignHashRequest>> BadRequests => new()
    {
        { SamErrorCode.SadMalformed, "no SAD", (_, r) => r with { Sad = new SecretText("no SAD") } },
        { SamErrorCode.SadForged, "one character changed", (_, r) => r with { Sad = Changed(r.Sad) } },
        { SamErrorCode.SadOfAnotherClient, "another client", (w, r) => r with { Caller = w.OtherClient } },
        { SamErrorCode.SadOfAnotherClient, "another client, spelled alike", (_, r) => r with { Caller = new Caller(SamTestBed.Id("SCA"), Login: null) } },
        { SamErrorCode.SadOfAnotherCredential, "another credential of the signer", (w, r) => r with { Credential = w.OtherCredential.Credential } },
        { SamErrorCode.SadOfAnotherCredential, "another signer's credential", (w, r) => r with { Credential = w.OtherSigner.Credential } },
        { SamErrorCode.SadOfAnotherCredential, "a credential that does not exist", (w, r) => r with { Credential = CredentialId.New(w.Signer.Id) } },
        { SamErrorCode.CredentialOfAnotherSigner, "another user's token", (w, r) => r with { Caller = r.Caller with { Login = SamTestBed.Login(w.OtherSigner.UserId) } } },
        { SamErrorCode.CredentialOfAnotherSigner, "the user's name in capitals", (w, r) => r with { Caller = r.Caller with { Login = SamTestBed.Login(w.Signer.UserId.ToUpperInvariant()) } } },
        { SamErrorCode.HashesEmpty, "no hashes", (_, r) => r with { Digests = [] } },
        { SamErrorCode.HashNotAuthorized, "an unlisted hash", (_, r) => r with { Digests = [Digests.Of("something else")] } },
        { SamErrorCode.HashNotAuthorized, "an unlisted hash among listed ones", (_, r) => r with { Digests = [_digests[0], Digests.Of("something else")] } },
        { SamErrorCode.TooManyHashes, "one more than authorized", (_, r) => r with { Digests = [.. _digests, Digests.Of("something else")] } },
        { SamErrorCode.HashRepeated, "the same hash twice", (_, r) => r with { Digests = [_digests[0], _digests[0]] } },
        { SamErrorCode.HashRepeated, "all hashes and one again", (_, r) => r with { Digests = [.. _digests, _digests[0]] } },
        { SamErrorCode.HashAlgorithmInvalid, "digests of another hash", (_, r) => r with { Digests = Digests.Some(2, HashAlgorithm.Sha512) } },
        { SamErrorCode.HashAlgorithmInvalid, "one digest of another hash", (_, r) => r with { Digests = [_digests[0], Digests.Of(HashAlgorithm.Sha384, "document 1")] } },
        { SamErrorCode.HashAlgorithmInvalid, "an algorithm of another hash and curve", (_, r) => r with { Algorithm = SignatureAlgorithm.EcdsaSha384 } },
        { SamErrorCode.SignAlgoInvalid, "an algorithm of another kind of key", (_, r) => r with { Algorithm = SignatureAlgorithm.RsaSha256 } },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(BadRequests))]
    public async Task A_bad_request_spends_nothing(SamErrorCode cause, string what, Func<World, SignHashRequest, SignHashRequest> change)
    {
        await using World world = await World.BeginAsync();

        Result<IReadOnlyList<byte[]>> refused = await world.Bed.Sam.SignHashAsync(change(world, world.Request), TestContext.Current.CancellationToken);

        Assert.Equal((what, cause), (what, refused.Refusal?.Code));
        Assert.Equal(0, world.Bed.Hsm.SignCalls);
        AuditRecord record = Assert.Single(world.Bed.AuditRecords(), r => r.Event == AuditEvent.SigningRefused);
        Assert.Equal(cause.ToString(), record.Cause);
        Assert.NotNull(record.Operation);
        Assert.Null(record.SignatureDigests);

        // Still its owner's.
        Assert.Equal(2, (await world.Bed.Sam.SignHashAsync(world.Request, TestContext.Current.CancellationToken)).Value.Count);
        Assert.Equal(2, world.Bed.Keys.SignCount);
    }

    [Theory]
    [InlineData("RS512")]
    [InlineData("PS384")]
    public async Task An_RSA_key_takes_any_hash_but_not_another_than_the_digests(string algorithm)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync(algorithm: KeyAlgorithm.Rsa2048);
        SignHashRequest request = bed.SigningOf(signer, await bed.AuthorizeAsync(signer, _digests), _digests);

        Result<IReadOnlyList<byte[]>> refused = await bed.Sam.SignHashAsync(
            request with { Algorithm = SignatureAlgorithm.All.Single(a => a.Name == algorithm) }, TestContext.Current.CancellationToken);

        Assert.Equal(SamErrorCode.HashAlgorithmInvalid, refused.Refusal?.Code);
        Assert.Equal(2, (await bed.Sam.SignHashAsync(request, TestContext.Current.CancellationToken)).Value.Count);
    }

    /// <summary>What the world can do. Where it can be mended, the SAD signs afterwards; where it cannot, it stays refused.</summary>
    public static TheoryData<SamErrorCode, string, Func<World, Task>, Func<World, Task>?> BadWorlds => new()
    {
        { SamErrorCode.SadExpired, "the SAD's last second is over", w => w.TurnAsync(300_000), null },
        { SamErrorCode.ClientStopped, "the client was stopped", w => w.SetApprovedAsync(false), w => w.SetApprovedAsync(true) },
        { SamErrorCode.ClientStopped, "the client's row is gone", w => w.DeleteAsync(SamTable.Clients), w => w.SetApprovedAsync(true) },
        { SamErrorCode.RowBroken, "the client's row was changed", w => w.BreakAsync(w.ClientRow), w => w.BreakAsync(w.ClientRow) },
        { SamErrorCode.RowBroken, "the transaction's row was changed", w => w.BreakAsync(w.TransactionRow), null },
        { SamErrorCode.RowBroken, "the credential's row was changed", w => w.BreakAsync(w.CredentialRow), null },
        { SamErrorCode.TransactionMissing, "the transaction's row is gone", w => w.DeleteAsync(SamTable.Transactions), null },
        { SamErrorCode.CredentialUnknown, "the credential's row is gone", w => w.DeleteCredentialAsync(), null },
        { SamErrorCode.CredentialDisabled, "the credential was suspended", w => w.SuspendAsync(true), null },
        { SamErrorCode.CredentialChanged, "the credential was suspended and resumed", async w => { await w.SuspendAsync(true); await w.SuspendAsync(false); }, null },
        { SamErrorCode.CredentialChanged, "the signer has a new PIN", w => w.SetPinAsync(), null },
        { SamErrorCode.CredentialChanged, "the credential has a new certificate", w => w.CertifyAsync(), null },
        { SamErrorCode.CredentialDisabled, "the signer was suspended", w => w.ChangeSignerAsync(s => s with { Status = SignerStatus.Suspended }), null },
        { SamErrorCode.ClientNotLinked, "the client acts no longer for the signer", w => w.ChangeSignerAsync(s => s with { Clients = LinkedClients.Of(w.OtherClient.Client) }), null },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(BadWorlds))]
    [Trait("Requirement", "T-USE-1")]
    public async Task What_changed_since_the_authorization_stops_it(SamErrorCode cause, string what, Func<World, Task> change, Func<World, Task>? mend)
    {
        await using World world = await World.BeginAsync();
        await change(world);

        Result<IReadOnlyList<byte[]>> refused = await world.Bed.Sam.SignHashAsync(world.Request, TestContext.Current.CancellationToken);

        Assert.Equal((what, cause), (what, refused.Refusal?.Code));
        Assert.Equal(0, world.Bed.Hsm.SignCalls);
        Assert.Equal(cause.ToString(), Assert.Single(world.Bed.AuditRecords(), r => r.Event == AuditEvent.SigningRefused).Cause);
        await (mend?.Invoke(world) ?? Task.CompletedTask);
        Result<IReadOnlyList<byte[]>> again = await world.Bed.Sam.SignHashAsync(world.Request, TestContext.Current.CancellationToken);
        Assert.Equal((what, mend is null ? cause : null), (what, again.Refusal?.Code));
    }

    [Fact]
    public async Task The_SAD_lives_to_its_last_millisecond()
    {
        await using World world = await World.BeginAsync();
        world.Bed.Clock.Advance(TimeSpan.FromMilliseconds(299_999));
        Assert.Equal(2, (await world.Bed.Sam.SignHashAsync(world.Request, TestContext.Current.CancellationToken)).Value.Count);
    }

    [Fact]
    public async Task A_certificate_that_is_not_valid_yet_signs_nothing()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SealedRow<CredentialRow> row = (await bed.SealedRows.ReadAsync(SignerRows.Credential(signer.Credential), RowSchemas.Credential, CancellationToken.None)).Value;
        DateTimeOffset begins = bed.Clock.GetUtcNow().AddSeconds(1);
        CredentialRow early = row.Value with { Certificate = row.Value.Certificate! with { NotBefore = begins } };
        RowETag etag = (await bed.SealedRows.ReplaceAsync(SignerRows.Credential(signer.Credential), RowSchemas.Credential, early, row.ETag, CancellationToken.None)).Value;

        // Authorize refuses it too, so the transaction is made by hand.
        SecretText sad = await bed.IssueAsync(signer, etag, bed.Clock.GetUtcNow().AddSeconds(300), _digests);
        Assert.Equal(SamErrorCode.CertificateExpired, (await bed.SignAsync(signer, sad, _digests)).Refusal?.Code);
        bed.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await bed.SignAsync(signer, sad, _digests)).Value.Count);
    }

    [Fact]
    public async Task A_credential_without_a_certificate_signs_nothing()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        TestSigner signer = await bed.AddSignerAsync();
        SealedRow<CredentialRow> row = (await bed.SealedRows.ReadAsync(SignerRows.Credential(signer.Credential), RowSchemas.Credential, CancellationToken.None)).Value;
        RowETag etag = (await bed.SealedRows.ReplaceAsync(
            SignerRows.Credential(signer.Credential), RowSchemas.Credential, row.Value with { Certificate = null }, row.ETag, CancellationToken.None)).Value;

        SecretText sad = await bed.IssueAsync(signer, etag, bed.Clock.GetUtcNow().AddSeconds(300), _digests);

        Assert.Equal(SamErrorCode.CredentialDisabled, (await bed.SignAsync(signer, sad, _digests)).Refusal?.Code);
    }

    private static SecretText Changed(SecretText sad)
    {
        char[] text = sad.Reveal().ToCharArray();
        text[60] = text[60] == 'A' ? 'B' : 'A';
        return new SecretText(new string(text));
    }

    /// <summary>A signer with a SAD for two digests, and others beside them.</summary>
    public sealed class World : IAsyncDisposable
    {
        private World(SamTestBed bed, TestSigner signer, TestSigner otherCredential, TestSigner otherSigner, Caller otherClient, SignHashRequest request)
        {
            Bed = bed;
            Signer = signer;
            OtherCredential = otherCredential;
            OtherSigner = otherSigner;
            OtherClient = otherClient;
            Request = request;
        }

        public SamTestBed Bed { get; }

        public TestSigner Signer { get; }

        public TestSigner OtherCredential { get; }

        public TestSigner OtherSigner { get; }

        public Caller OtherClient { get; }

        public SignHashRequest Request { get; }

        internal RowAddress ClientRow => SignerRows.Client(Bed.Client);

        internal RowAddress CredentialRow => SignerRows.Credential(Signer.Credential);

        internal RowAddress TransactionRow => Assert.Single(Bed.Table.Attacker.Rows(SamTable.Transactions)).Address;

        public static async Task<World> BeginAsync()
        {
            SamTestBed bed = await SamTestBed.OpenAsync();
            Caller otherClient = await bed.AddClientAsync("other-sca");
            LinkedClients both = LinkedClients.Of(bed.Client, otherClient.Client);
            TestSigner signer = await bed.AddSignerAsync("alice", clients: both);
            TestSigner otherCredential = await bed.AddCredentialAsync("alice", signer.Id, signer.Pin, KeyAlgorithm.P256);
            TestSigner otherSigner = await bed.AddSignerAsync("bob", clients: both);
            SecretText sad = await bed.AuthorizeAsync(signer, _digests);
            return new World(bed, signer, otherCredential, otherSigner, otherClient, bed.SigningOf(signer, sad, _digests));
        }

        public ValueTask DisposeAsync() => Bed.DisposeAsync();

        internal Task TurnAsync(int milliseconds)
        {
            Bed.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return Task.CompletedTask;
        }

        internal async Task SetApprovedAsync(bool approved) => _ = (await Bed.Sam.Clients.SetApprovedAsync(Bed.Client, approved, CancellationToken.None)).Value;

        internal async Task SuspendAsync(bool suspended) => _ = (await Bed.Sam.SetSuspendedAsync(Signer.Credential, suspended, CancellationToken.None)).Value;

        internal async Task SetPinAsync() => _ = (await Bed.Sam.SetPinAsync(Signer.Id, SamTestBed.NewPin(), CancellationToken.None)).Value;

        internal async Task CertifyAsync() => _ = (await Bed.Sam.SetCertificateAsync(
            Signer.Credential, [Bed.IssueCertificate(Signer.Key, Bed.Clock.GetUtcNow(), Bed.Clock.GetUtcNow().AddDays(1))], CancellationToken.None)).Value;

        internal async Task ChangeSignerAsync(Func<SignerRow, SignerRow> change)
        {
            SealedRow<CredentialRow> row = (await Bed.SealedRows.ReadAsync(CredentialRow, RowSchemas.Credential, CancellationToken.None)).Value;
            _ = (await Bed.SealedRows.ReplaceAsync(
                CredentialRow, RowSchemas.Credential, row.Value with { Signer = change(row.Value.Signer) }, row.ETag, CancellationToken.None)).Value;
        }

        internal Task DeleteAsync(SamTable table)
        {
            Assert.All(Bed.Table.Attacker.Rows(table), row => Assert.True(Bed.Table.Attacker.Delete(row.Address)));
            return Task.CompletedTask;
        }

        internal Task DeleteCredentialAsync()
        {
            Assert.True(Bed.Table.Attacker.Delete(CredentialRow));
            return Task.CompletedTask;
        }

        // Done twice, it mends what it broke.
        internal Task BreakAsync(RowAddress address)
        {
            byte[] changed = Bed.Table.Attacker.Row(address).Content.ToArray();
            changed[^1] ^= 1;
            _ = Bed.Table.Attacker.Write(address, changed);
            return Task.CompletedTask;
        }
    }
}
