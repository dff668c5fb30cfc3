using System.Text;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Approvals;

/// <summary>A signer approves on their own device: these hashes, for this client, once; and nobody else does it for them.</summary>
[Trait("Requirement", "ACT-2")]
[Trait("Requirement", "SIG-2d")]
public sealed class DirectApprovalTests : ApprovalTestBase
{
    [Fact]
    public async Task What_was_shown_and_approved_is_signed()
    {
        SecretText handle = await AskAsync(Documents[1], Documents[0]);
        Assert.Null((await RedeemAsync(handle)).Value.Sad);

        PendingApproval shown = Assert.Single((await Phone.ListAsync(Bed.Sam, Now)).Value);
        Assert.Equal((Bed.Client, Alice.Credential, "two contracts", true), (shown.Client, shown.Credential, shown.Label, shown.NeedsPin));
        Assert.Equal([Documents[1], Documents[0]], shown.Digests);
        _ = (await DecideAsync(Phone.Decide(shown, Alice.Pin))).Value;
        Assert.Empty((await Phone.ListAsync(Bed.Sam, Now)).Value);

        SecretText sad = (await RedeemAsync(handle)).Value.Sad!.Sad;
        IReadOnlyList<byte[]> signatures = (await Bed.SignAsync(Alice, sad, Documents[0], Documents[1])).Value;
        Assert.True(Alice.Verifies(Documents[0], signatures[0], SignatureAlgorithm.EcdsaSha256));
        Assert.Equal(SamErrorCode.HandleInvalid, (await RedeemAsync(handle)).Refusal?.Code);
        Assert.Equal(
            [AuditEvent.ApprovalAsked, AuditEvent.ApprovalGiven, AuditEvent.Authorized, AuditEvent.SignaturesReleased],
            Bed.AuditRecords().Where(r => r.Credential == Alice.Credential.Value).Select(r => r.Event).Where(e =>
                e is AuditEvent.ApprovalAsked or AuditEvent.ApprovalGiven or AuditEvent.Authorized or AuditEvent.SignaturesReleased));
    }

    /// <summary>Whoever lost the answer asks again; whoever asks at once with another gets the same, and one SAD is spent once.</summary>
    [Fact]
    [Trait("Requirement", "APX-4")]
    public async Task An_approval_gives_one_SAD_however_often_it_is_asked_for()
    {
        SecretText handle = await ApproveAsync(Documents[0]);
        ActivationModule other = await Bed.OpenProcessAsync();
        Result<Redeemed>[] all = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
            (i % 2 == 0 ? Bed.Sam : other).RedeemAsync(Bed.Caller, handle, CancellationToken.None))));
        SecretText[] sads = [.. all.Where(r => r.Refusal is null && r.Value.Sad is not null).Select(r => r.Value.Sad!.Sad), (await RedeemAsync(handle)).Value.Sad!.Sad];
        Result<IReadOnlyList<byte[]>>[] signed = await Task.WhenAll(sads.Select(sad => Task.Run(() => Bed.SignAsync(Alice, sad, Documents[0]))));
        Assert.Single(signed, r => r.Refusal is null);
        Assert.Equal(1, Bed.Keys.SignCount);

        // Somebody writes back the approval as it was before its use: it is known as used all the same.
        StoredRow used = Assert.Single(Bed.Table.Attacker.Rows(SamTable.Signers), r => ApprovalRows.IsOne(r.Address));
        Assert.Equal(SamErrorCode.HandleInvalid, await AfterWriteBackAsync(handle, used));

        // Somebody deletes the transaction: the approval is not good for another one.
        _ = Bed.Table.Attacker.Delete(Assert.Single(Bed.Table.Attacker.Rows(SamTable.Transactions)).Address);
        Assert.Equal(SamErrorCode.HandleInvalid, (await RedeemAsync(handle)).Refusal?.Code);
    }

    /// <summary>The order: the device, then the PIN. A stranger neither guesses it nor locks it.</summary>
    [Fact]
    [Trait("Requirement", "SIG-3")]
    [Trait("Requirement", "T-USE-4")]
    public async Task Without_the_device_the_PIN_is_not_even_looked_at()
    {
        SecretText handle = await AskAsync(Documents[0]);
        PendingApproval shown = Assert.Single((await Phone.ListAsync(Bed.Sam, Now)).Value);
        using TestDevice stranger = TestDevice.Unenrolled(Bed, "alice").Posing(Phone.Id);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await DecideAsync(stranger.Decide(shown, SamTestBed.NewPin()))).Refusal?.Code);
        }

        Assert.Equal(SamErrorCode.AuthDataInvalid, (await DecideAsync(Phone.Decide(shown))).Refusal?.Code);
        Assert.Equal(SamErrorCode.PinWrong, (await DecideAsync(Phone.Decide(shown, SamTestBed.NewPin()))).Refusal?.Code);
        Assert.Null((await RedeemAsync(handle)).Value.Sad);
        _ = (await DecideAsync(Phone.Decide(shown, Alice.Pin))).Value;
        Assert.NotNull((await RedeemAsync(handle)).Value.Sad);
    }

    /// <summary>Level 2: neither the PIN alone nor a login does.</summary>
    [Fact]
    public async Task Neither_PIN_nor_login_authorizes_a_credential_of_level_2()
    {
        Assert.Equal(SamErrorCode.AuthDataInvalid, (await Bed.Sam.AuthorizeAsync(Bed.AuthorizationOf(Alice, Documents[0]), CancellationToken.None)).Refusal?.Code);
        AuthorizeRequest bare = Bed.AuthorizationOf(Alice, Documents[0]) with { Pin = null, Caller = new Caller(Bed.Client, SamTestBed.Login("alice"), Now) };
        Assert.Equal(SamErrorCode.AuthDataInvalid, (await Bed.Sam.AuthorizeAsync(bare, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(0, (await Bed.CountersAsync(Alice)).PinAttempts);
    }

    public static TheoryData<string> Moves() => ["client", "credential", "hash", "hash added", "hash left out", "count of the same hash", "label", "later end", "refusal", "another deployment", "another approval"];

    /// <summary>An approval that is moved to anything else than was shown.</summary>
    [Theory]
    [MemberData(nameof(Moves))]
    [Trait("Requirement", "SIG-1")]
    [Trait("Requirement", "SIG-2b")]
    [Trait("Requirement", "SIG-4")]
    [Trait("Requirement", "T-USE-1")]
    public async Task A_signature_over_anything_else_approves_nothing(string move)
    {
        SecretText handle = await AskAsync(Documents[0], Documents[1]);
        _ = await AskAsync(Documents[0], Documents[1]);
        IReadOnlyList<PendingApproval> pending = (await Phone.ListAsync(Bed.Sam, Now)).Value;
        PendingApproval shown = pending[0];
        PendingApproval signed = move switch
        {
            "client" => shown with { Client = SamTestBed.Id("other-sca") },
            "credential" => shown with { Credential = CredentialId.New(Alice.Id) },
            "hash" => shown with { Digests = [Documents[0], Documents[2]] },
            "hash added" => shown with { Digests = [.. shown.Digests, Documents[2]] },
            "hash left out" => shown with { Digests = [Documents[0]] },
            "count of the same hash" => shown with { Digests = [Documents[0], Documents[0]] },
            "label" => shown with { Label = "one contract" },
            "later end" => shown with { ExpiresAt = shown.ExpiresAt.AddSeconds(1) },
            "another approval" => shown with { Id = pending[1].Id },
            _ => shown,
        };
        Decision decision = move switch
        {
            "refusal" => Phone.Decide(shown, Alice.Pin, approves: false) with { Approves = true },
            "another deployment" => Foreign().Decide(shown, Alice.Pin),
            _ => Phone.Decide(signed, Alice.Pin) with { Approval = shown.Id },
        };
        Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await DecideAsync(decision)).Refusal?.Code);
        Assert.Null((await RedeemAsync(handle)).Value.Sad);

        TestDevice Foreign() => Phone.AtAnotherDeployment();
    }

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    public async Task Every_flipped_bit_of_a_decision_or_a_handle_is_refused()
    {
        SecretText handle = await AskAsync(Documents[0]);
        PendingApproval shown = Assert.Single((await Phone.ListAsync(Bed.Sam, Now)).Value);
        Decision good = Phone.Decide(shown, Alice.Pin);
        for (int bit = 0; bit < good.Signature.Length * 8; bit++)
        {
            byte[] flipped = good.Signature.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await DecideAsync(good with { Signature = flipped })).Refusal?.Code);
        }

        _ = (await DecideAsync(good)).Value;
        byte[] text = Encoding.ASCII.GetBytes(handle.Reveal());
        for (int bit = 0; bit < text.Length * 8; bit++)
        {
            byte[] flipped = [.. text];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotNull((await RedeemAsync(new SecretText(Encoding.Latin1.GetString(flipped)))).Refusal);
        }

        Assert.NotNull((await RedeemAsync(handle)).Value.Sad);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("a\u001b[2Jnew screen")]
    public async Task What_is_shown_is_one_line(string label) =>
        Assert.Equal("description", (await Bed.Sam.AskForApprovalAsync(Request(Documents[0]) with { Label = label }, CancellationToken.None)).Refusal?.Parameter);

    [Fact]
    public async Task A_refusal_an_end_and_a_second_device()
    {
        using TestDevice tablet = await TestDevice.EnrolAsync(Bed, Alice, "tablet");
        SecretText refused = await AskAsync(Documents[0]);
        PendingApproval shown = Assert.Single((await tablet.ListAsync(Bed.Sam, Now)).Value);
        _ = (await DecideAsync(tablet.Decide(shown, approves: false))).Value;
        Assert.Equal(SamErrorCode.ApprovalClosed, (await DecideAsync(Phone.Decide(shown, Alice.Pin))).Refusal?.Code);
        Assert.Equal(SamErrorCode.ApprovalRefused, (await RedeemAsync(refused)).Refusal?.Code);

        SecretText late = await AskAsync(Documents[0]);
        shown = Assert.Single((await Phone.ListAsync(Bed.Sam, Now)).Value);
        Bed.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty((await Phone.ListAsync(Bed.Sam, Now)).Value);
        Assert.Equal(SamErrorCode.ApprovalExpired, (await DecideAsync(Phone.Decide(shown, Alice.Pin))).Refusal?.Code);
        Assert.Equal(SamErrorCode.ApprovalExpired, (await RedeemAsync(late)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "T-STP-1")]
    public async Task A_lost_device_approves_nothing_and_what_it_approved_ends()
    {
        SecretText handle = await ApproveAsync(Documents[0]);
        SecretText waiting = await AskAsync(Documents[1]);
        PendingApproval shown = Assert.Single((await Phone.ListAsync(Bed.Sam, Now)).Value);
        _ = (await Bed.Sam.Signers.RemoveDeviceAsync(Alice.Id, Phone.Id, Actor.Sam, "stolen", expected: null, CancellationToken.None)).Value;

        Assert.Equal(SamErrorCode.ProofInvalid, (await Phone.ListAsync(Bed.Sam, Now)).Refusal?.Code);
        Assert.NotNull((await DecideAsync(Phone.Decide(shown, Alice.Pin))).Refusal);
        Assert.Null((await RedeemAsync(waiting)).Value.Sad);
        SecretText sad = (await RedeemAsync(handle)).Value.Sad!.Sad;
        Assert.Equal(SamErrorCode.CredentialChanged, (await Bed.SignAsync(Alice, sad, Documents[0])).Refusal?.Code);
        Assert.Equal(0, Bed.Keys.SignCount);
    }

    /// <summary>Another client, also one of the same signer, gets nothing by a handle; another signer decides nothing.</summary>
    [Fact]
    [Trait("Requirement", "T-USE-4")]
    public async Task A_handle_is_its_clients_and_an_approval_its_signers()
    {
        TestSigner mallory = await Bed.AddSignerAsync("mallory");
        using TestDevice theirs = await TestDevice.EnrolAsync(Bed, mallory);
        SecretText handle = await AskAsync(Documents[0]);
        PendingApproval shown = Assert.Single((await Phone.ListAsync(Bed.Sam, Now)).Value);
        Assert.Empty((await theirs.ListAsync(Bed.Sam, Now)).Value);
        Assert.Equal(SamErrorCode.ApprovalUnknown, (await Bed.Sam.Approvals.DecideAsync(theirs.Login, theirs.Decide(shown, mallory.Pin), CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await DecideAsync(theirs.Decide(shown, mallory.Pin))).Refusal?.Code);
        Caller other = await Bed.AddClientAsync("other-sca");
        Assert.Equal(SamErrorCode.HandleInvalid, (await Bed.Sam.RedeemAsync(other, handle, CancellationToken.None)).Refusal?.Code);

        // Nor does another user of the same application.
        Caller user = Bed.Caller with { Login = SamTestBed.Login("mallory") };
        Assert.Equal(SamErrorCode.HandleInvalid, (await Bed.Sam.RedeemAsync(user, handle, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "SIG-3")]
    public async Task Nobody_fills_a_signers_screen()
    {
        for (int i = 0; i < 5; i++)
        {
            _ = await AskAsync(Documents[0]);
        }

        Assert.Equal(SamErrorCode.TooManyApprovals, (await Bed.Sam.AskForApprovalAsync(Request(Documents[0]), CancellationToken.None)).Refusal?.Code);
        Bed.Clock.Advance(TimeSpan.FromMinutes(5));
        _ = await AskAsync(Documents[0]);
        Assert.Equal(1, Bed.Table.Attacker.Rows(SamTable.Signers).Count(r => ApprovalRows.IsOne(r.Address)));
    }

    /// <summary>security decision 1: an approval for h1 is extended to nothing else.</summary>
    [Fact]
    [Trait("Requirement", "T-USE-1")]
    public async Task An_approval_is_extended_to_what_was_approved_and_no_further()
    {
        SecretText sad = (await RedeemAsync(await ApproveAsync(Documents[0], Documents[1]))).Value.Sad!.Sad;
        Assert.Single((await Bed.SignAsync(Alice, sad, Documents[0])).Value);
        ExtendRequest extension = new(Bed.Caller, Alice.Credential, sad, [Documents[2]]);
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await Bed.Sam.ExtendAsync(extension, CancellationToken.None)).Refusal?.Code);
        SecretText next = (await Bed.Sam.ExtendAsync(extension with { Digests = null }, CancellationToken.None)).Value.Sad;
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await Bed.SignAsync(Alice, next, Documents[2])).Refusal?.Code);
        Assert.Single((await Bed.SignAsync(Alice, next, Documents[1])).Value);
        Assert.Equal(SamErrorCode.HashCountMismatch, (await Bed.Sam.AskForApprovalAsync(Request(Documents[0]) with { NumSignatures = 2 }, CancellationToken.None)).Refusal?.Code);
    }

    /// <summary>Puts an approval's row back as it was when it was approved, under the seal of then.</summary>
    private async Task<SamErrorCode?> AfterWriteBackAsync(SecretText handle, StoredRow used)
    {
        SealedRow<ApprovalRow> row = (await Bed.SealedRows.ReadAsync(used.Address, RowSchemas.Approval, CancellationToken.None)).Value;
        _ = (await Bed.SealedRows.ReplaceAsync(used.Address, RowSchemas.Approval, row.Value with { State = ApprovalState.Approved }, row.ETag, CancellationToken.None)).Value;
        return (await RedeemAsync(handle)).Refusal?.Code;
    }
}
