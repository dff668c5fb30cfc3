using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Credentials;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Credentials;

/// <summary>What was destroyed stays known without a row that somebody could delete; what never became a credential is nobody's.</summary>
[Trait("Requirement", "T-IMP-4")]
public sealed class DestroyedKeyTests : IAsyncLifetime
{
    private static readonly CredentialRequest _p256 = new(KeyAlgorithm.P256);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private OfficersTestBed _officers = null!;
    private TestSigner _alice = null!;

    private SamTestBed Bed => _officers.Bed;

    public async ValueTask InitializeAsync()
    {
        _officers = await OfficersTestBed.OpenInitializedAsync();
        _alice = await Bed.AddSignerAsync();
    }

    public ValueTask DisposeAsync()
    {
        _key.Dispose();
        return _officers.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_destroyed_key_stays_out_when_its_row_is_deleted()
    {
        using ECDsa another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (ECDsa key in new[] { _key, another })
        {
            await DestroyAsync((await ImportAsync(key)).Value);
        }

        // Other versions of the anchored document come between and after them.
        _ = await _officers.AddAsync("rita", PrivilegedRole.RegistrationOfficer);
        ForgetKnownKeys();

        Assert.Equal(SamErrorCode.KeyKnown, (await ImportAsync(_key)).Refusal?.Code);
        Assert.Equal(SamErrorCode.KeyKnown, (await ImportAsync(another)).Refusal?.Code);
        using ECDsa fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Null((await ImportAsync(fresh)).Refusal);
    }

    /// <summary>The list is the anchored document's versions: with one of them away, or in another's place, nothing is taken in.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Without_the_whole_list_nothing_is_imported()
    {
        await DestroyAsync((await ImportAsync(_key)).Value);
        RowAddress burial = Bed.Table.Attacker.Rows(SamTable.Registry).Where(r => r.Address.PartitionKey == "anchor").MaxBy(r => r.Address.RowKey, StringComparer.Ordinal)!.Address;
        _ = await _officers.AddAsync("rita", PrivilegedRole.RegistrationOfficer);
        Assert.True(Bed.Table.Attacker.Delete(burial));
        ForgetKnownKeys();

        using ECDsa fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(SamErrorCode.AnchorBroken, (await ImportAsync(_key)).Refusal?.Code);
        Assert.Equal(SamErrorCode.AnchorBroken, (await ImportAsync(fresh)).Refusal?.Code);

        // A key that the HSM makes is new.
        Assert.Null((await Bed.Sam.Credentials.CreateAsync(_alice.Id, _p256, Actor.Sam, CancellationToken.None)).Refusal);
    }

    /// <summary>At whichever write an import breaks off, the same key comes in with the next one.</summary>
    [Fact]
    public async Task An_import_that_breaks_off_does_not_use_the_key_up()
    {
        bool ended = false;
        for (int write = 1; !ended; write++)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            int writes = 0;
            ImportOffer offer = await OfferAsync();
            Bed.Rows.Fate = call => call.IsWrite && Interlocked.Increment(ref writes) == write ? WriteFate.LostBeforeArriving : WriteFate.Answered;
            bool isTaken = false;
            try
            {
                isTaken = (await TakeAsync(Deliver(offer, key))).Refusal is null;
                ended = isTaken && writes < write;
            }
            catch (RowStoreException)
            {
                isTaken = Bed.Table.Attacker.Rows(SamTable.Signers).Any(r => r.Address == SignerRows.Credential(offer.Credential));
            }

            Bed.Rows.Fate = null;
            Assert.Equal(isTaken ? SamErrorCode.KeyKnown : null, (await ImportAsync(key)).Refusal?.Code);
            Assert.Equal(SamErrorCode.KeyKnown, (await ImportAsync(key)).Refusal?.Code);
        }
    }

    /// <summary>The first import has made its key known and waits; the second takes the key over. The first comes too late.</summary>
    [Fact]
    public async Task A_key_that_was_taken_over_has_one_owner()
    {
        TestSigner mallory = await Bed.AddSignerAsync("mallory");
        TaskCompletionSource reached = new();
        TaskCompletionSource goOn = new();
        int commits = 0;
        Bed.Rows.Before = call =>
        {
            if (call.Kind == RowStoreCallKind.Commit && Interlocked.Increment(ref commits) == 1)
            {
                reached.SetResult();
                return goOn.Task;
            }

            return Task.CompletedTask;
        };
        Task<Result<CredentialId>> first = Task.Run(() => ImportAsync(_key));
        await reached.Task;
        Assert.Null((await ImportAsync(_key, mallory)).Refusal);
        goOn.SetResult();

        Assert.Equal(SamErrorCode.RowConflict, (await first).Refusal?.Code);
        byte[] known = _key.ExportSubjectPublicKeyInfo();
        Assert.DoesNotContain(await Bed.Sam.Credentials.ListAsync(_alice.Id, CancellationToken.None), c => c.PublicKey.Span.SequenceEqual(known));
        Assert.Single(await Bed.Sam.Credentials.ListAsync(mallory.Id, CancellationToken.None), c => c.PublicKey.Span.SequenceEqual(known));
    }

    private static ImportDelivery Deliver(ImportOffer offer, ECDsa key)
    {
        byte[] blob = KeyTransfer.Wrap(offer.ExchangeKey.Span, key);
        return new ImportDelivery(
            offer.Challenge, blob, key.ExportSubjectPublicKeyInfo(), KeyPossession.Sign(key, KeyPossession.Statement(offer.Challenge.Reveal(), offer.Credential, _p256, blob)));
    }

    private async Task DestroyAsync(CredentialId credential) =>
        _ = (await Bed.Sam.Credentials.DestroyAsync(credential, Actor.Sam, "compromised", expected: null, CancellationToken.None)).Value;

    private void ForgetKnownKeys() =>
        Assert.All(
            Bed.Table.Attacker.Rows(SamTable.Registry).Where(r => RowSchemas.NameOf(r.Address) == RowSchemas.KnownKey.Name).ToList(), r => Assert.True(Bed.Table.Attacker.Delete(r.Address)));

    private async Task<ImportOffer> OfferAsync(TestSigner? signer = null) =>
        (await Bed.Sam.Imports.OfferAsync((signer ?? _alice).Id, _p256, Actor.Sam, CancellationToken.None)).Value;

    private Task<Result<CredentialId>> TakeAsync(ImportDelivery delivery, TestSigner? signer = null) =>
        Bed.Sam.Imports.TakeAsync((signer ?? _alice).Id, delivery, Actor.Sam, CancellationToken.None);

    private async Task<Result<CredentialId>> ImportAsync(ECDsa key, TestSigner? signer = null) => await TakeAsync(Deliver(await OfferAsync(signer), key), signer);
}
