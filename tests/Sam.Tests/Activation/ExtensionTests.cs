using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>Method 2: a used SAD is exchanged for the next, until as many signatures exist as were authorized.</summary>
[Trait("Requirement", "APX-2")]
[Trait("Requirement", "APX-4")]
public sealed class ExtensionTests : IAsyncLifetime
{
    private static readonly Digest[] _d = [.. Digests.Some(6)];

    private SamTestBed _bed = null!;
    private TestSigner _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _alice = await _bed.AddSignerAsync();
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    /// <summary>Figure B-2, message by message: SAD:1 signs, is exchanged for SAD:2, which signs, and so on; the last one is exchanged for nothing.</summary>
    [Fact]
    public async Task Figure_B_2()
    {
        SecretText sad = await AuthorizeAsync(3, _d[0], _d[1], _d[2]);
        List<string> all = [sad.Reveal()];
        for (int i = 0; i < 3; i++)
        {
            Assert.True(_alice.Verifies(_d[i], (await _bed.SignAsync(_alice, sad, _d[i])).Value[0], SignatureAlgorithm.EcdsaSha256));
            Assert.Equal(SamErrorCode.SadSpent, (await _bed.SignAsync(_alice, sad, _d[i])).Refusal?.Code);
            if (i < 2)
            {
                sad = (await ExtendAsync(sad)).Value.Sad;
                all.Add(sad.Reveal());
            }
        }

        Assert.Equal(SamErrorCode.SadSpent, (await ExtendAsync(sad)).Refusal?.Code);
        Assert.Equal(3, all.Distinct().Count());
        Assert.Equal(3, _bed.Keys.SignCount);
        Assert.Equal(2, _bed.AuditRecords().Count(r => r.Event == AuditEvent.TransactionExtended));
    }

    /// <summary>Both methods together: each SAD signs several of the authorized hashes.</summary>
    [Fact]
    [Trait("Requirement", "APX-3")]
    public async Task Each_SAD_may_sign_several_of_what_is_left()
    {
        SecretText sad = await AuthorizeAsync(6, _d);
        Assert.Equal(2, (await _bed.SignAsync(_alice, sad, _d[4], _d[1])).Value.Count);

        // An extension names what its SAD is for: nothing else, and nothing again.
        sad = (await ExtendAsync(sad, _d[0], _d[2], _d[3])).Value.Sad;
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await _bed.SignAsync(_alice, sad, _d[5])).Refusal?.Code);
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await _bed.SignAsync(_alice, sad, _d[1])).Refusal?.Code);
        Assert.Equal(2, (await _bed.SignAsync(_alice, sad, _d[3], _d[0])).Value.Count);
        sad = (await ExtendAsync(sad)).Value.Sad;
        Assert.Equal(2, (await _bed.SignAsync(_alice, sad, _d[5], _d[2])).Value.Count);
        Assert.Equal(SamErrorCode.SadSpent, (await ExtendAsync(sad)).Refusal?.Code);
    }

    [Fact]
    public async Task A_digest_that_was_authorized_twice_is_signed_twice_and_not_three_times()
    {
        SecretText sad = await AuthorizeAsync(3, _d[0], _d[0], _d[1]);
        Assert.Single((await _bed.SignAsync(_alice, sad, _d[0])).Value);
        sad = (await ExtendAsync(sad)).Value.Sad;
        Assert.Equal(SamErrorCode.HashRepeated, (await _bed.SignAsync(_alice, sad, _d[0], _d[0])).Refusal?.Code);
        Assert.Single((await _bed.SignAsync(_alice, sad, _d[0])).Value);
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await ExtendAsync(sad, _d[0])).Refusal?.Code);
        sad = (await ExtendAsync(sad)).Value.Sad;
        Assert.Single((await _bed.SignAsync(_alice, sad, _d[1])).Value);
    }

    /// <summary>Level 1 only, and no more than were paid for with the factor.</summary>
    [Fact]
    public async Task Later_hashes_are_as_many_as_were_authorized()
    {
        SecretText sad = await AuthorizeAsync(3, _d[0]);
        Assert.Equal(SamErrorCode.TooManyHashes, (await _bed.SignAsync(_alice, sad, _d[0], _d[1])).Refusal?.Code);
        Assert.Single((await _bed.SignAsync(_alice, sad, _d[0])).Value);
        Assert.Equal(SamErrorCode.HashesEmpty, (await ExtendAsync(sad)).Refusal?.Code);
        Assert.NotNull((await ExtendAsync(sad, _d[1], _d[2], _d[3])).Refusal);
        sad = (await ExtendAsync(sad, _d[1])).Value.Sad;
        Assert.Single((await _bed.SignAsync(_alice, sad, _d[1])).Value);
        sad = (await ExtendAsync(sad, _d[2])).Value.Sad;
        Assert.Single((await _bed.SignAsync(_alice, sad, _d[2])).Value);
        Assert.Equal(SamErrorCode.SadSpent, (await ExtendAsync(sad, _d[3])).Refusal?.Code);
        Assert.Equal(3, _bed.Keys.SignCount);
    }

    [Fact]
    [Trait("Requirement", "T-USE-3")]
    public async Task An_unused_SAD_is_renewed_once_and_dies_with_it()
    {
        SecretText old = await AuthorizeAsync(2, _d[0], _d[1]);
        _bed.Clock.Advance(TimeSpan.FromSeconds(299));
        SecretText renewed = (await ExtendAsync(old)).Value.Sad;
        Assert.Equal(SamErrorCode.SadSpent, (await _bed.SignAsync(_alice, old, _d[0])).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadSpent, (await ExtendAsync(old)).Refusal?.Code);
        _bed.Clock.Advance(TimeSpan.FromSeconds(200));
        Assert.Equal(2, (await _bed.SignAsync(_alice, renewed, _d[0], _d[1])).Value.Count);
    }

    /// <summary>Of many exchanges and uses of one SAD at once, one wins.</summary>
    [Fact]
    [Trait("Requirement", "T-USE-3")]
    public async Task A_SAD_is_exchanged_or_used_once_however_many_ask()
    {
        ActivationModule other = await _bed.OpenProcessAsync();
        ActivationModule[] sams = [_bed.Sam, other];
        SecretText sad = await AuthorizeAsync(3, _d[0], _d[1], _d[2]);
        AsyncBarrier all = new(32);
        _bed.Rows.Before = call => call.IsWrite ? all.ArriveAsync() : Task.CompletedTask;
        Task<Result<IssuedSad>>[] extensions = [.. Enumerable.Range(0, 16).Select(i => Task.Run(() => sams[i % 2].ExtendAsync(Extension(sad), CancellationToken.None)))];
        Task<Result<IReadOnlyList<byte[]>>>[] uses = [.. Enumerable.Range(0, 16).Select(i => Task.Run(() => sams[i % 2].SignHashAsync(_bed.SigningOf(_alice, sad, _d[0]), CancellationToken.None)))];
        int extended = (await Task.WhenAll(extensions)).Count(r => r.Refusal is null);
        int used = (await Task.WhenAll(uses)).Count(r => r.Refusal is null);
        Assert.Equal(1, extended + used);
    }

    /// <summary>Somebody has a copy of a SAD: its owner has long gone on. Nothing is signed any more, by either.</summary>
    [Fact]
    [Trait("Requirement", "T-USE-7")]
    public async Task A_SAD_that_comes_back_after_its_successor_was_used_ends_the_transaction()
    {
        foreach (bool signs in (bool[])[true, false])
        {
            SecretText first = await AuthorizeAsync(4, _d[0], _d[1], _d[2], _d[3]);
            Assert.Single((await _bed.SignAsync(_alice, first, _d[0])).Value);
            SecretText second = (await ExtendAsync(first)).Value.Sad;

            // The successor waits: a client may have lost it.
            Assert.Equal(SamErrorCode.SadSpent, (await _bed.SignAsync(_alice, first, _d[1])).Refusal?.Code);
            Assert.Single((await _bed.SignAsync(_alice, second, _d[1])).Value);
            SecretText third = (await ExtendAsync(second)).Value.Sad;

            // In another client's hand it ends nothing.
            Caller thief = await _bed.AddClientAsync($"thief-{signs}");
            Assert.Equal(SamErrorCode.SadOfAnotherClient, (await _bed.Sam.ExtendAsync(Extension(first) with { Caller = thief }, CancellationToken.None)).Refusal?.Code);
            Assert.Equal(SamErrorCode.SadSpent, signs ? (await _bed.SignAsync(_alice, first, _d[2])).Refusal?.Code : (await ExtendAsync(first)).Refusal?.Code);
            Assert.Equal(SamErrorCode.TransactionRevoked, (await _bed.SignAsync(_alice, third, _d[2])).Refusal?.Code);
            Assert.Equal(SamErrorCode.TransactionRevoked, (await ExtendAsync(third)).Refusal?.Code);
        }

        Assert.Equal(2, _bed.AuditRecords().Count(r => r.Event == AuditEvent.TransactionRevoked));
        Assert.Equal(4, _bed.Keys.SignCount);
    }

    [Fact]
    public async Task A_lost_answer_is_given_again_to_the_same_request_while_its_SAD_is_unused()
    {
        Assert.True(RetryMark.TryCreate("again", "body"u8, out RetryMark? mark));
        Assert.True(RetryMark.TryCreate("again", "another body"u8, out RetryMark? otherMark));
        SecretText first = await AuthorizeAsync(2, _d[0], _d[1]);
        Assert.Single((await _bed.SignAsync(_alice, first, _d[0])).Value);
        SecretText second = (await _bed.Sam.ExtendAsync(Extension(first) with { Retry = mark }, CancellationToken.None)).Value.Sad;
        Assert.Equal(SamErrorCode.SadSpent, (await _bed.Sam.ExtendAsync(Extension(first) with { Retry = otherMark }, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadSpent, (await ExtendAsync(first)).Refusal?.Code);
        SecretText again = (await _bed.Sam.ExtendAsync(Extension(first) with { Retry = mark }, CancellationToken.None)).Value.Sad;
        Assert.Single((await _bed.SignAsync(_alice, again, _d[1])).Value);
        Assert.Equal(SamErrorCode.SadSpent, (await _bed.SignAsync(_alice, second, _d[1])).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadSpent, (await _bed.Sam.ExtendAsync(Extension(first) with { Retry = mark }, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task A_transaction_has_a_deadline_and_a_number_of_SADs()
    {
        SecretText sad = await AuthorizeAsync(2, _d[0], _d[1]);
        for (int i = 0; i < 4; i++)
        {
            sad = (await ExtendAsync(sad)).Value.Sad;
        }

        Assert.Equal(SamErrorCode.SadSpent, (await ExtendAsync(sad)).Refusal?.Code);

        SecretText slow = await AuthorizeAsync(10, _d[0], _d[1]);
        for (int i = 0; i < 3; i++)
        {
            _bed.Clock.Advance(TimeSpan.FromSeconds(290));
            slow = (await ExtendAsync(slow)).Value.Sad;
        }

        // 870 s of 900 have passed.
        IssuedSad last = (await ExtendAsync(slow)).Value;
        Assert.Equal(TimeSpan.FromSeconds(30), last.ExpiresIn);
        _bed.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(SamErrorCode.SadExpired, (await ExtendAsync(last.Sad)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "STP-2")]
    public async Task A_stop_ends_it()
    {
        SecretText sad = await AuthorizeAsync(2, _d[0], _d[1]);
        Assert.Single((await _bed.SignAsync(_alice, sad, _d[0])).Value);
        _ = (await _bed.Sam.SetSuspendedAsync(_alice.Credential, suspended: true, CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.CredentialDisabled, (await ExtendAsync(sad)).Refusal?.Code);
        _ = (await _bed.Sam.SetSuspendedAsync(_alice.Credential, suspended: false, CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.CredentialChanged, (await ExtendAsync(sad)).Refusal?.Code);
    }

    /// <summary>Who can write the tables writes back what was: neither the spend nor its outcome can be had twice.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Rows_that_were_written_back_extend_nothing()
    {
        SecretText first = await AuthorizeAsync(3, _d[0], _d[1], _d[2]);
        StoredRow unspent = Transaction();
        Assert.Single((await _bed.SignAsync(_alice, first, _d[0])).Value);
        StoredRow spent = Transaction();
        StoredRow outcome = Assert.Single(_bed.Table.Attacker.Rows(SamTable.Transactions), r => r.Address.RowKey.Contains("-outcome-", StringComparison.Ordinal));

        // No outcome, no extension.
        _bed.Table.Attacker.Delete(outcome.Address);
        _bed.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(SamErrorCode.SadSpent, (await ExtendAsync(first)).Refusal?.Code);
        _ = _bed.Table.Attacker.WriteBack(outcome);

        // Another version of the spend: the outcome is not of this one.
        _ = _bed.Table.Attacker.WriteBack(spent);
        Assert.NotNull((await ExtendAsync(first)).Refusal);
        _ = _bed.Table.Attacker.WriteBack(unspent);
        Assert.NotNull((await ExtendAsync(first)).Refusal);
        Assert.NotNull((await _bed.SignAsync(_alice, first, _d[0])).Refusal);
        Assert.Equal(1, _bed.Keys.SignCount);
    }

    /// <summary>A fault in the middle of many: those that the HSM never saw are signed under the same authorization, and no other.</summary>
    [Fact]
    public async Task After_a_fault_of_the_HSM_the_rest_goes_on()
    {
        Digest[] many = [.. Digests.Some(300)];
        TestSigner bob = await _bed.AddSignerAsync("bob", multisign: 300);
        SecretText sad = (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(bob, many), CancellationToken.None)).Value.Sad;
        int calls = 0;
        _bed.Hsm.BeforeSign = () => Interlocked.Increment(ref calls) == 2 ? throw new KeyBackendException(KeyBackendFailure.Unavailable, "gone") : Task.CompletedTask;
        await Assert.ThrowsAsync<KeyBackendException>(() => _bed.SignAsync(bob, sad, many));
        _bed.Hsm.BeforeSign = null;

        IssuedSad extended = (await _bed.Sam.ExtendAsync(Extension(sad) with { Credential = bob.Credential }, CancellationToken.None)).Value;
        Assert.Equal(many[256..], extended.Digests);
        SecretText next = extended.Sad;
        Assert.Equal(SamErrorCode.TooManyHashes, (await _bed.SignAsync(bob, next, many)).Refusal?.Code);
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await _bed.SignAsync(bob, next, many[0])).Refusal?.Code);
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await _bed.SignAsync(bob, next, many[255])).Refusal?.Code);
        Assert.Equal(44, (await _bed.SignAsync(bob, next, many[256..])).Value.Count);

        // Signed and thrown away, given to the HSM, never seen by it.
        AuditRecord failed = Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.SigningFailed);
        Assert.Equal((300, 256, 128), (failed.DigestCount, failed.HandedOver, failed.SignatureDigests?.Count));
    }

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    public async Task What_is_none_of_ours_or_another_credentials_is_refused()
    {
        TestSigner bob = await _bed.AddSignerAsync("bob");
        SecretText sad = await AuthorizeAsync(2, _d[0], _d[1]);
        Assert.Equal(SamErrorCode.SadMalformed, (await ExtendAsync(new SecretText("x"))).Refusal?.Code);
        Assert.Equal(SamErrorCode.SadOfAnotherCredential, (await _bed.Sam.ExtendAsync(Extension(sad) with { Credential = bob.Credential }, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await ExtendAsync(sad, _d[2])).Refusal?.Code);
        Assert.Equal(SamErrorCode.HashAlgorithmInvalid, (await ExtendAsync(sad, Digests.Of(HashAlgorithm.Sha384, "x"))).Refusal?.Code);
        Assert.Equal(4, _bed.AuditRecords().Count(r => r.Event == AuditEvent.ExtensionRefused));
    }

    private ExtendRequest Extension(SecretText sad, params Digest[] digests) => new(_bed.Caller, _alice.Credential, sad, digests.Length == 0 ? null : digests);

    private Task<Result<IssuedSad>> ExtendAsync(SecretText sad, params Digest[] digests) => _bed.Sam.ExtendAsync(Extension(sad, digests), CancellationToken.None);

    private async Task<SecretText> AuthorizeAsync(int count, params Digest[] digests) =>
        (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(_alice, digests) with { NumSignatures = count }, CancellationToken.None)).Value.Sad;

    private StoredRow Transaction() => Assert.Single(_bed.Table.Attacker.Rows(SamTable.Transactions), r => !r.Address.RowKey.Contains("-outcome-", StringComparison.Ordinal));
}
