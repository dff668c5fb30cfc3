using System.Security.Cryptography;
using Sam.Core;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Credentials;

/// <summary>Keys that were made elsewhere: whose they are, what they may do, and that each comes in once.</summary>
public sealed class ImportTests : IAsyncLifetime
{
    private static readonly CredentialRequest _p256 = new(KeyAlgorithm.P256);

    private readonly ECDsa _source = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private SamTestBed _bed = null!;
    private TestSigner _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _alice = await _bed.AddSignerAsync();
    }

    public ValueTask DisposeAsync()
    {
        _source.Dispose();
        return _bed.DisposeAsync();
    }

    /// <summary>The proof says that somebody holds the key; an officer who made it themselves has that proof, too.</summary>
    [Fact]
    [Trait("Requirement", "T-IMP-1")]
    [Trait("Requirement", "T-MGT-1")]
    public async Task No_request_leaves_for_a_key_that_the_signer_has_not_confirmed()
    {
        CredentialId credential = (await TakeAsync(Deliver(await OfferAsync(), _source))).Value;
        Assert.Equal(SamErrorCode.ImportNotConfirmed, (await _bed.Sam.Credentials.RequestCertificateAsync(credential, Actor.Sam, CancellationToken.None)).Refusal?.Code);

        LoginName alice = SamTestBed.Login("alice");
        Assert.Equal(credential, (await _bed.Sam.Own.ConfirmAsync(alice, credential, _alice.Pin, CancellationToken.None)).Value);
        Assert.Equal(SamErrorCode.CredentialStateWrong, (await _bed.Sam.Own.ConfirmAsync(alice, credential, _alice.Pin, CancellationToken.None)).Refusal?.Code);
        Assert.True((await _bed.Sam.Credentials.RequestCertificateAsync(credential, Actor.Sam, CancellationToken.None)).Value.Comparison.IsAsRegistered);

        // That was the key. The certificate wants a confirmation of its own.
        CredentialView view = (await _bed.Sam.Credentials.ViewAsync(credential, CancellationToken.None)).Value;
        byte[] certificate = _bed.IssueCertificate(new SigningKey(KeyReference.Parse("x"), KeyAlgorithm.P256, view.PublicKey), _bed.Clock.GetUtcNow().AddDays(-1), _bed.Clock.GetUtcNow().AddYears(1));
        _ = (await _bed.Sam.Credentials.SetCertificateAsync(credential, [certificate], Actor.Sam, null, CancellationToken.None)).Value;
        Assert.Equal(CredentialStatus.Certified, (await _bed.Sam.Credentials.ViewAsync(credential, CancellationToken.None)).Value.Status);
        _ = (await _bed.Sam.Own.ConfirmAsync(alice, credential, _alice.Pin, CancellationToken.None)).Value;
        Assert.Equal(CredentialStatus.Active, (await _bed.Sam.Credentials.ViewAsync(credential, CancellationToken.None)).Value.Status);
    }

    [Theory]
    [InlineData("p256")]
    [InlineData("p384")]
    [InlineData("rsa3072")]
    [Trait("Requirement", "T-IMP-1")]
    public async Task A_key_becomes_a_credential_that_says_it_was_imported(string name)
    {
        Assert.True(KeyAlgorithm.TryFromName(name, out KeyAlgorithm? algorithm));
        using AsymmetricAlgorithm source = algorithm.IsRsa ? RSA.Create(algorithm.SizeInBits) : ECDsa.Create(algorithm.ToCurve());
        ImportOffer offer = await OfferAsync(new CredentialRequest(algorithm, 3, "from the old HSM"));
        int keys = KeyCount;

        CredentialId credential = (await TakeAsync(Deliver(offer, source, new CredentialRequest(algorithm, 3, "from the old HSM")))).Value;

        Assert.Equal(offer.Credential, credential);
        CredentialView view = (await _bed.Sam.Credentials.ViewAsync(credential, CancellationToken.None)).Value;
        Assert.Equal((true, 3, "from the old HSM", CredentialStatus.AwaitingCertificate), (view.IsImported, view.Multisign, view.Description, view.Status));
        Assert.Equal(source.ExportSubjectPublicKeyInfo(), view.PublicKey.ToArray());
        Assert.Equal(keys + 1, KeyCount);

        // Nothing waits any more: neither the exchange key nor an intent.
        Assert.Equal(0, _bed.Keys.ExchangeKeyCount);
        Assert.DoesNotContain(_bed.Table.Attacker.Rows(SamTable.Registry), row => row.Address.PartitionKey is CredentialRows.Intents or CredentialRows.ExchangeKeys);
        Assert.Single(_bed.AuditRecords(), r => r.Event == AuditEvent.KeyImported && r.Credential == credential.Value);

        byte[] certificate = _bed.IssueCertificate(new SigningKey(KeyReference.Parse("x"), algorithm, view.PublicKey), _bed.Clock.GetUtcNow().AddDays(-1), _bed.Clock.GetUtcNow().AddYears(1));
        _ = (await _bed.Sam.SetCertificateAsync(credential, [certificate], CancellationToken.None)).Value;
        TestSigner imported = _alice with { Credential = credential, Key = new SigningKey(KeyReference.Parse("x"), algorithm, view.PublicKey) };
        SignatureAlgorithm signing = SignatureAlgorithm.All.First(a => a.Fits(algorithm));
        Digest digest = Digests.Of(signing.Hash, "a document");
        SecretText sad = (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(imported, digest), CancellationToken.None)).Value.Sad;
        Assert.True(imported.Verifies(digest, (await _bed.SignAsync(imported, sad, digest)).Value[0], signing));

        // Where the policy does without such keys, it is no longer used.
        ActivationModule strict = await _bed.OpenProcessAsync(new ActivationModuleOptions { Keys = new KeyPolicy { ImportedUpToLevel = 0 } });
        Assert.Equal(SamErrorCode.CredentialDisabled, (await strict.AuthorizeAsync(_bed.AuthorizationOf(imported, digest), CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ImportNotOffered, (await strict.Imports.OfferAsync(_alice.Id, _p256, Actor.Sam, CancellationToken.None)).Refusal?.Code);
    }

    /// <summary>Whoever delivers is not who decides: each part of what the officer asked for is in the key's own signature, and in the SAM's seal.</summary>
    [Fact]
    [Trait("Requirement", "T-IMP-1")]
    [Trait("Requirement", "T-IMP-2")]
    [Trait("Requirement", "T-IMP-3")]
    public async Task A_key_is_imported_as_what_was_asked_for_and_for_whom_or_not_at_all()
    {
        TestSigner mallory = await _bed.AddSignerAsync("mallory");
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ImportOffer offer = await OfferAsync();
        ImportOffer another = await OfferAsync();
        ImportDelivery good = Deliver(offer, _source);
        byte[] forOther = KeyTransfer.Wrap(offer.ExchangeKey.Span, other);
        (SamErrorCode Cause, SignerIdOf To, ImportDelivery Delivery)[] attacks =
        [
            // Alice's key data under Mallory's name, and the reverse.
            (SamErrorCode.ChallengeInvalid, SignerIdOf.Mallory, good),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, Deliver(offer, _source, credential: CredentialId.New(mallory.Id))),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, Deliver(offer, _source, credential: CredentialId.New(_alice.Id))),

            // Another's key under one's own key data, and one's own under another's.
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, good with { PublicKey = other.ExportSubjectPublicKeyInfo() }),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, good with { Blob = forOther }),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, good with { Blob = forOther, PublicKey = other.ExportSubjectPublicKeyInfo() }),

            // Wider attributes than the officer gave.
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, Deliver(offer, _source, _p256 with { Multisign = 1_000 })),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, Deliver(offer, _source, _p256 with { Description = "the company's seal" })),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, Deliver(offer, _source, _p256 with { Algorithm = KeyAlgorithm.P384 })),

            // A proof for another challenge, a challenge of nobody, and none.
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, good with { Possession = Deliver(another, _source).Possession }),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, good with { Challenge = another.Challenge }),
            (SamErrorCode.ChallengeInvalid, SignerIdOf.Alice, good with { Challenge = Flipped(offer.Challenge) }),
            (SamErrorCode.ChallengeInvalid, SignerIdOf.Alice, good with { Challenge = new SecretText(string.Empty) }),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, good with { Possession = ReadOnlyMemory<byte>.Empty }),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, good with { Blob = new byte[IKeyImport.MaxBlobSize + 1] }),
            (SamErrorCode.PossessionNotProved, SignerIdOf.Alice, good with { PublicKey = ReadOnlyMemory<byte>.Empty }),
        ];
        int keys = KeyCount;
        foreach ((SamErrorCode cause, SignerIdOf to, ImportDelivery delivery) in attacks)
        {
            Assert.Equal(cause, (await TakeAsync(delivery, to == SignerIdOf.Alice ? _alice : mallory)).Refusal?.Code);
        }

        Assert.Equal(keys, KeyCount);
        Assert.Equal(attacks.Length, _bed.AuditRecords().Count(r => r.Event == AuditEvent.ImportRefused));
        Assert.Null((await TakeAsync(good)).Refusal);
    }

    [Fact]
    [Trait("Requirement", "T-IMP-4")]
    public async Task A_challenge_is_good_once_and_for_a_day()
    {
        ImportOffer offer = await OfferAsync();
        ImportDelivery delivery = Deliver(offer, _source);
        StoredRow waiting = Assert.Single(_bed.Table.Attacker.Rows(SamTable.Registry), row => row.Address.PartitionKey == CredentialRows.ExchangeKeys);
        Result<CredentialId>[] raced = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => TakeAsync(delivery))));
        Assert.Single(raced, r => r.Refusal is null);
        Assert.All(raced.Where(r => r.Refusal is not null), r => Assert.Equal(SamErrorCode.ChallengeUsed, r.Refusal?.Code));

        // Somebody puts the row of the waiting key back: it has another version.
        _ = _bed.Table.Attacker.WriteBack(waiting);
        Assert.Equal(SamErrorCode.ChallengeUsed, (await TakeAsync(delivery)).Refusal?.Code);

        ImportOffer late = await OfferAsync();
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _bed.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal(SamErrorCode.ChallengeExpired, (await TakeAsync(Deliver(late, other))).Refusal?.Code);
        _bed.Clock.Advance(TimeSpan.FromMinutes(11));
        await _bed.Sam.Imports.SweepAsync(CancellationToken.None);
        Assert.Equal(0, _bed.Keys.ExchangeKeyCount);
    }

    /// <summary>Generated or imported, the signer's own or another's, in use or destroyed: a key comes once, in whichever form its public half is written.</summary>
    [Fact]
    [Trait("Requirement", "T-IMP-4")]
    public async Task A_known_key_is_refused_under_every_encoding()
    {
        using RSA rsa = RSA.Create(2048);
        CredentialRequest wanted = new(KeyAlgorithm.Rsa2048);
        _ = (await TakeAsync(Deliver(await OfferAsync(wanted), rsa, wanted))).Value;
        CredentialId first = (await TakeAsync(Deliver(await OfferAsync(), _source))).Value;
        _ = (await _bed.Sam.Credentials.DestroyAsync(first, Actor.Sam, "a test", expected: null, CancellationToken.None)).Value;
        TestSigner mallory = await _bed.AddSignerAsync("mallory");
        int keys = KeyCount;

        foreach (byte[] encoded in (byte[][])[rsa.ExportSubjectPublicKeyInfo(), PublicKeyEncodings.AsPss(rsa), PublicKeyEncodings.WithLeadingZeros(rsa), PublicKeyEncodings.WithoutParameters(rsa)])
        {
            ImportDelivery delivery = Deliver(await OfferAsync(wanted, mallory), rsa, wanted) with { PublicKey = encoded };
            SamErrorCode? code = (await TakeAsync(delivery, mallory)).Refusal?.Code;
            Assert.True(code is SamErrorCode.KeyKnown or SamErrorCode.PossessionNotProved or SamErrorCode.ImportRejected, code?.ToString());
        }

        foreach (byte[] encoded in (byte[][])[_source.ExportSubjectPublicKeyInfo(), PublicKeyEncodings.Compressed(_source)])
        {
            ImportDelivery delivery = Deliver(await OfferAsync(_p256, mallory), _source) with { PublicKey = encoded };
            SamErrorCode? code = (await TakeAsync(delivery, mallory)).Refusal?.Code;
            Assert.True(code is SamErrorCode.KeyKnown or SamErrorCode.PossessionNotProved, code?.ToString());
        }

        Assert.Equal(SamErrorCode.KeyKnown, (await TakeAsync(Deliver(await OfferAsync(_p256, mallory), _source), mallory)).Refusal?.Code);
        Assert.Equal(keys, KeyCount);
    }

    [Fact]
    [Trait("Requirement", "T-IMP-1")]
    public async Task A_blob_that_the_HSM_does_not_open_uses_the_challenge_up_and_leaves_nothing()
    {
        int keys = KeyCount;
        ImportOffer offer = await OfferAsync();
        byte[] blob = KeyTransfer.Wrap(offer.ExchangeKey.Span, _source);
        blob[^1] ^= 1;
        ImportDelivery spoilt = Prove(offer, _source, _p256, offer.Credential, blob);
        Assert.Equal(SamErrorCode.ImportRejected, (await TakeAsync(spoilt)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ChallengeUsed, (await TakeAsync(Deliver(offer, _source))).Refusal?.Code);
        Assert.Equal(keys, KeyCount);
        Assert.DoesNotContain(_bed.Table.Attacker.Rows(SamTable.Registry), row => row.Address.PartitionKey == CredentialRows.Intents);

        // The proof of another's key inside one's own blob: the HSM signs with what is inside, and that does not verify.
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ImportOffer next = await OfferAsync();
        ImportDelivery swapped = Prove(next, _source, _p256, next.Credential, KeyTransfer.Wrap(next.ExchangeKey.Span, other));
        Assert.Equal(SamErrorCode.ImportRejected, (await TakeAsync(swapped)).Refusal?.Code);
        Assert.Equal(keys, KeyCount);
    }

    /// <summary>At whichever write it breaks off, no key stays that nobody has a row of.</summary>
    [Fact]
    [Trait("Requirement", "REG-3")]
    public async Task An_import_that_breaks_off_leaves_no_key()
    {
        int keys = KeyCount;
        bool ended = false;
        for (int write = 1; !ended; write++)
        {
            using ECDsa source = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            ImportDelivery delivery = Deliver(await OfferAsync(), source);
            int writes = 0;
            _bed.Rows.Fate = call => call.IsWrite && Interlocked.Increment(ref writes) == write ? WriteFate.LostBeforeArriving : WriteFate.Answered;
            try
            {
                Result<CredentialId> taken = await TakeAsync(delivery);
                ended = taken.Refusal is null && writes < write;
                keys += taken.Refusal is null ? 1 : 0;
            }
            catch (RowStoreException)
            {
            }

            _bed.Rows.Fate = null;
            _bed.Clock.Advance(TimeSpan.FromHours(25));
            _ = await _bed.Sam.Credentials.SweepAsync(CancellationToken.None);
            await _bed.Sam.Imports.SweepAsync(CancellationToken.None);
            Assert.Equal((keys, 0), (KeyCount, _bed.Keys.ExchangeKeyCount));
        }
    }

    private int KeyCount => _bed.Keys.KeyNames.Count - _bed.Keys.ExchangeKeyCount;

    private static SecretText Flipped(SecretText text)
    {
        string value = text.Reveal();
        return new SecretText((value[0] == 'A' ? 'B' : 'A') + value[1..]);
    }

    private static ImportDelivery Deliver(ImportOffer offer, AsymmetricAlgorithm key, CredentialRequest? request = null, CredentialId? credential = null) =>
        Prove(offer, key, request ?? _p256, credential ?? offer.Credential, KeyTransfer.Wrap(offer.ExchangeKey.Span, key));

    private static ImportDelivery Prove(ImportOffer offer, AsymmetricAlgorithm key, CredentialRequest request, CredentialId credential, byte[] blob) => new(
        offer.Challenge, blob, key.ExportSubjectPublicKeyInfo(), KeyPossession.Sign(key, KeyPossession.Statement(offer.Challenge.Reveal(), credential, request, blob)));

    private async Task<ImportOffer> OfferAsync(CredentialRequest? request = null, TestSigner? signer = null) =>
        (await _bed.Sam.Imports.OfferAsync((signer ?? _alice).Id, request ?? _p256, Actor.Sam, CancellationToken.None)).Value;

    private Task<Result<CredentialId>> TakeAsync(ImportDelivery delivery, TestSigner? signer = null) =>
        _bed.Sam.Imports.TakeAsync((signer ?? _alice).Id, delivery, Actor.Sam, CancellationToken.None);

    private enum SignerIdOf
    {
        Alice,
        Mallory,
    }
}
