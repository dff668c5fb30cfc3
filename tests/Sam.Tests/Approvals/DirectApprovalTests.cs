using System.Text;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Audit;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Approvals;

/// <summary>A signer approves on their own device: these hashes, for this client, once; and nobody else does it for them.</summary>
[Trait("Requirement", "ACT-2")]
[Trait("Requirement", "SIG-2d")]
public sealed class DirectApprovalTests : IAsyncLifetime
{
    private static readonly Digest[] _d = [.. Digests.Some(4)];

    private SamTestBed _bed = null!;
    private TestSigner _alice = null!;
    private TestDevice _phone = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _alice = await _bed.AddSignerAsync();
        _phone = await TestDevice.EnrolAsync(_bed, _alice);
        _alice = await _bed.AddCredentialAsync("alice", _alice.Id, _alice.Pin, new CredentialRequest(KeyAlgorithm.P256, 10, "level 2", Level: 2));
    }

    public ValueTask DisposeAsync()
    {
        _phone.Dispose();
        return _bed.DisposeAsync();
    }

    [Fact]
    public async Task What_was_shown_and_approved_is_signed()
    {
        SecretText handle = await AskAsync(_d[1], _d[0]);
        Assert.Null((await RedeemAsync(handle)).Value.Sad);

        PendingApproval shown = Assert.Single((await _phone.ListAsync(_bed.Sam, Now)).Value);
        Assert.Equal((_bed.Client, _alice.Credential, "two contracts", true), (shown.Client, shown.Credential, shown.Label, shown.NeedsPin));
        Assert.Equal([_d[1], _d[0]], shown.Digests);
        _ = (await DecideAsync(_phone.Decide(shown, _alice.Pin))).Value;
        Assert.Empty((await _phone.ListAsync(_bed.Sam, Now)).Value);

        SecretText sad = (await RedeemAsync(handle)).Value.Sad!.Sad;
        IReadOnlyList<byte[]> signatures = (await _bed.SignAsync(_alice, sad, _d[0], _d[1])).Value;
        Assert.True(_alice.Verifies(_d[0], signatures[0], SignatureAlgorithm.EcdsaSha256));
        Assert.Equal(SamErrorCode.HandleInvalid, (await RedeemAsync(handle)).Refusal?.Code);
        Assert.Equal(
            [AuditEvent.ApprovalAsked, AuditEvent.ApprovalGiven, AuditEvent.Authorized, AuditEvent.SignaturesReleased],
            _bed.AuditRecords().Where(r => r.Credential == _alice.Credential.Value).Select(r => r.Event).Where(e =>
                e is AuditEvent.ApprovalAsked or AuditEvent.ApprovalGiven or AuditEvent.Authorized or AuditEvent.SignaturesReleased));
    }

    /// <summary>Whoever lost the answer asks again; whoever asks at once with another gets the same, and one SAD is spent once.</summary>
    [Fact]
    [Trait("Requirement", "APX-4")]
    public async Task An_approval_gives_one_SAD_however_often_it_is_asked_for()
    {
        SecretText handle = await ApproveAsync(_d[0]);
        ActivationModule other = await _bed.OpenProcessAsync();
        Result<Redeemed>[] all = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
            (i % 2 == 0 ? _bed.Sam : other).RedeemAsync(_bed.Caller, handle, CancellationToken.None))));
        SecretText[] sads = [.. all.Where(r => r.Refusal is null && r.Value.Sad is not null).Select(r => r.Value.Sad!.Sad), (await RedeemAsync(handle)).Value.Sad!.Sad];
        Result<IReadOnlyList<byte[]>>[] signed = await Task.WhenAll(sads.Select(sad => Task.Run(() => _bed.SignAsync(_alice, sad, _d[0]))));
        Assert.Single(signed, r => r.Refusal is null);
        Assert.Equal(1, _bed.Keys.SignCount);

        // Somebody deletes the transaction: the approval is not good for another one.
        _ = _bed.Table.Attacker.Delete(Assert.Single(_bed.Table.Attacker.Rows(SamTable.Transactions)).Address);
        Assert.Equal(SamErrorCode.HandleInvalid, (await RedeemAsync(handle)).Refusal?.Code);
    }

    /// <summary>The order: the device, then the PIN. A stranger neither guesses it nor locks it.</summary>
    [Fact]
    [Trait("Requirement", "SIG-3")]
    [Trait("Requirement", "T-USE-4")]
    public async Task Without_the_device_the_PIN_is_not_even_looked_at()
    {
        SecretText handle = await AskAsync(_d[0]);
        PendingApproval shown = Assert.Single((await _phone.ListAsync(_bed.Sam, Now)).Value);
        using TestDevice stranger = TestDevice.Unenrolled(_bed, "alice").Posing(_phone.Id);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await DecideAsync(stranger.Decide(shown, SamTestBed.NewPin()))).Refusal?.Code);
        }

        Assert.Equal(SamErrorCode.AuthDataInvalid, (await DecideAsync(_phone.Decide(shown))).Refusal?.Code);
        Assert.Equal(SamErrorCode.PinWrong, (await DecideAsync(_phone.Decide(shown, SamTestBed.NewPin()))).Refusal?.Code);
        Assert.Null((await RedeemAsync(handle)).Value.Sad);
        _ = (await DecideAsync(_phone.Decide(shown, _alice.Pin))).Value;
        Assert.NotNull((await RedeemAsync(handle)).Value.Sad);
    }

    /// <summary>Level 2: neither the PIN alone nor a login does.</summary>
    [Fact]
    public async Task Neither_PIN_nor_login_authorizes_a_credential_of_level_2()
    {
        Assert.Equal(SamErrorCode.AuthDataInvalid, (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(_alice, _d[0]), CancellationToken.None)).Refusal?.Code);
        AuthorizeRequest bare = _bed.AuthorizationOf(_alice, _d[0]) with { Pin = null, Caller = new Caller(_bed.Client, SamTestBed.Login("alice"), Now) };
        Assert.Equal(SamErrorCode.AuthDataInvalid, (await _bed.Sam.AuthorizeAsync(bare, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(0, (await _bed.CountersAsync(_alice)).PinAttempts);
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
        SecretText handle = await AskAsync(_d[0], _d[1]);
        _ = await AskAsync(_d[0], _d[1]);
        IReadOnlyList<PendingApproval> pending = (await _phone.ListAsync(_bed.Sam, Now)).Value;
        PendingApproval shown = pending[0];
        PendingApproval signed = move switch
        {
            "client" => shown with { Client = SamTestBed.Id("other-sca") },
            "credential" => shown with { Credential = CredentialId.New(_alice.Id) },
            "hash" => shown with { Digests = [_d[0], _d[2]] },
            "hash added" => shown with { Digests = [.. shown.Digests, _d[2]] },
            "hash left out" => shown with { Digests = [_d[0]] },
            "count of the same hash" => shown with { Digests = [_d[0], _d[0]] },
            "label" => shown with { Label = "one contract" },
            "later end" => shown with { ExpiresAt = shown.ExpiresAt.AddSeconds(1) },
            "another approval" => shown with { Id = pending[1].Id },
            _ => shown,
        };
        Decision decision = move switch
        {
            "refusal" => _phone.Decide(shown, _alice.Pin, approves: false) with { Approves = true },
            "another deployment" => Foreign().Decide(shown, _alice.Pin),
            _ => _phone.Decide(signed, _alice.Pin) with { Approval = shown.Id },
        };
        Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await DecideAsync(decision)).Refusal?.Code);
        Assert.Null((await RedeemAsync(handle)).Value.Sad);

        TestDevice Foreign() => _phone.AtAnotherDeployment();
    }

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    public async Task Every_flipped_bit_of_a_decision_or_a_handle_is_refused()
    {
        SecretText handle = await AskAsync(_d[0]);
        PendingApproval shown = Assert.Single((await _phone.ListAsync(_bed.Sam, Now)).Value);
        Decision good = _phone.Decide(shown, _alice.Pin);
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

    [Fact]
    public async Task A_refusal_an_end_and_a_second_device()
    {
        using TestDevice tablet = await TestDevice.EnrolAsync(_bed, _alice, "tablet");
        SecretText refused = await AskAsync(_d[0]);
        PendingApproval shown = Assert.Single((await tablet.ListAsync(_bed.Sam, Now)).Value);
        _ = (await DecideAsync(tablet.Decide(shown, approves: false))).Value;
        Assert.Equal(SamErrorCode.ApprovalClosed, (await DecideAsync(_phone.Decide(shown, _alice.Pin))).Refusal?.Code);
        Assert.Equal(SamErrorCode.ApprovalRefused, (await RedeemAsync(refused)).Refusal?.Code);

        SecretText late = await AskAsync(_d[0]);
        shown = Assert.Single((await _phone.ListAsync(_bed.Sam, Now)).Value);
        _bed.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty((await _phone.ListAsync(_bed.Sam, Now)).Value);
        Assert.Equal(SamErrorCode.ApprovalExpired, (await DecideAsync(_phone.Decide(shown, _alice.Pin))).Refusal?.Code);
        Assert.Equal(SamErrorCode.ApprovalExpired, (await RedeemAsync(late)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "T-STP-1")]
    public async Task A_lost_device_approves_nothing_and_what_it_approved_ends()
    {
        SecretText handle = await ApproveAsync(_d[0]);
        SecretText waiting = await AskAsync(_d[1]);
        PendingApproval shown = Assert.Single((await _phone.ListAsync(_bed.Sam, Now)).Value);
        _ = (await _bed.Sam.Signers.RemoveDeviceAsync(_alice.Id, _phone.Id, Actor.Sam, "stolen", expected: null, CancellationToken.None)).Value;

        Assert.Equal(SamErrorCode.ProofInvalid, (await _phone.ListAsync(_bed.Sam, Now)).Refusal?.Code);
        Assert.NotNull((await DecideAsync(_phone.Decide(shown, _alice.Pin))).Refusal);
        Assert.Null((await RedeemAsync(waiting)).Value.Sad);
        SecretText sad = (await RedeemAsync(handle)).Value.Sad!.Sad;
        Assert.Equal(SamErrorCode.CredentialChanged, (await _bed.SignAsync(_alice, sad, _d[0])).Refusal?.Code);
        Assert.Equal(0, _bed.Keys.SignCount);
    }

    /// <summary>Another client, also one of the same signer, gets nothing by a handle; another signer decides nothing.</summary>
    [Fact]
    [Trait("Requirement", "T-USE-4")]
    public async Task A_handle_is_its_clients_and_an_approval_its_signers()
    {
        TestSigner mallory = await _bed.AddSignerAsync("mallory");
        using TestDevice theirs = await TestDevice.EnrolAsync(_bed, mallory);
        SecretText handle = await AskAsync(_d[0]);
        PendingApproval shown = Assert.Single((await _phone.ListAsync(_bed.Sam, Now)).Value);
        Assert.Empty((await theirs.ListAsync(_bed.Sam, Now)).Value);
        Assert.Equal(SamErrorCode.ApprovalUnknown, (await _bed.Sam.Approvals.DecideAsync(theirs.Login, theirs.Decide(shown, mallory.Pin), CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await DecideAsync(theirs.Decide(shown, mallory.Pin))).Refusal?.Code);
        Caller other = await _bed.AddClientAsync("other-sca");
        Assert.Equal(SamErrorCode.HandleInvalid, (await _bed.Sam.RedeemAsync(other, handle, CancellationToken.None)).Refusal?.Code);
    }

    /// <summary>Whoever holds a process's data key seals a signer's row with a device of their own: the SAM has not signed it.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_device_that_an_insider_wrote_into_the_row_is_none()
    {
        using TestDevice theirs = TestDevice.Unenrolled(_bed, "alice").Posing(DeviceId.New());
        SealedRow<SignerRow> row = (await _bed.SealedRows.ReadAsync(SignerRows.Signer(_alice.Id), RowSchemas.Signer, CancellationToken.None)).Value;
        DeviceRow forged = new(theirs.Id.Value, "phone", theirs.Key.ExportSubjectPublicKeyInfo(), row.Value.Devices[0].Binding);
        _ = (await _bed.SealedRows.ReplaceAsync(SignerRows.Signer(_alice.Id), RowSchemas.Signer, row.Value with { Devices = [.. row.Value.Devices, forged] }, row.ETag, CancellationToken.None)).Value;
        SecretText handle = await AskAsync(_d[0]);
        PendingApproval shown = Assert.Single((await _phone.ListAsync(_bed.Sam, Now)).Value);
        Assert.Equal(SamErrorCode.ProofInvalid, (await theirs.ListAsync(_bed.Sam, Now)).Refusal?.Code);
        Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await DecideAsync(theirs.Decide(shown, _alice.Pin))).Refusal?.Code);
        Assert.Null((await RedeemAsync(handle)).Value.Sad);
    }

    /// <summary>And lowers the level of a credential, so that the PIN alone would do.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_level_that_an_insider_lowered_is_noticed()
    {
        RowAddress address = SignerRows.Credential(_alice.Credential);
        SealedRow<CredentialRow> row = (await _bed.SealedRows.ReadAsync(address, RowSchemas.Credential, CancellationToken.None)).Value;
        foreach (CredentialRow lowered in new[] { row.Value with { Level = 1, Authorization = "pin" }, row.Value with { Authorization = "device" }, row.Value with { Level = 1 } })
        {
            RowETag etag = (await _bed.SealedRows.ReadAsync(address, RowSchemas.Credential, CancellationToken.None)).Value.ETag;
            _ = (await _bed.SealedRows.ReplaceAsync(address, RowSchemas.Credential, lowered, etag, CancellationToken.None)).Value;
            Assert.Equal(SamErrorCode.KeySwapped, (await _bed.Sam.AuthorizeAsync(_bed.AuthorizationOf(_alice, _d[0]), CancellationToken.None)).Refusal?.Code);
        }
    }

    [Fact]
    [Trait("Requirement", "SIG-3")]
    public async Task Nobody_fills_a_signers_screen()
    {
        for (int i = 0; i < 5; i++)
        {
            _ = await AskAsync(_d[0]);
        }

        Assert.Equal(SamErrorCode.TooManyApprovals, (await _bed.Sam.AskForApprovalAsync(Request(_d[0]), CancellationToken.None)).Refusal?.Code);
        _bed.Clock.Advance(TimeSpan.FromMinutes(5));
        _ = await AskAsync(_d[0]);
        Assert.Equal(1, _bed.Table.Attacker.Rows(SamTable.Signers).Count(r => ApprovalRows.IsOne(r.Address)));
    }

    /// <summary>security decision 1: an approval for h1 is extended to nothing else.</summary>
    [Fact]
    [Trait("Requirement", "T-USE-1")]
    public async Task An_approval_is_extended_to_what_was_approved_and_no_further()
    {
        SecretText sad = (await RedeemAsync(await ApproveAsync(_d[0], _d[1]))).Value.Sad!.Sad;
        Assert.Single((await _bed.SignAsync(_alice, sad, _d[0])).Value);
        ExtendRequest extension = new(_bed.Caller, _alice.Credential, sad, [_d[2]]);
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await _bed.Sam.ExtendAsync(extension, CancellationToken.None)).Refusal?.Code);
        SecretText next = (await _bed.Sam.ExtendAsync(extension with { Digests = null }, CancellationToken.None)).Value.Sad;
        Assert.Equal(SamErrorCode.HashNotAuthorized, (await _bed.SignAsync(_alice, next, _d[2])).Refusal?.Code);
        Assert.Single((await _bed.SignAsync(_alice, next, _d[1])).Value);
        Assert.Equal(SamErrorCode.HashCountMismatch, (await _bed.Sam.AskForApprovalAsync(Request(_d[0]) with { NumSignatures = 2 }, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "ACT-3")]
    public async Task There_is_no_level_3_without_a_certificate_of_this_SAM()
    {
        CredentialRequest third = new(KeyAlgorithm.P256, Level: 3);
        Assert.Equal(SamErrorCode.LevelForbidden, (await _bed.Sam.Credentials.CreateAsync(_alice.Id, third, Actor.Sam, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.LevelForbidden, (await _bed.Sam.Credentials.CreateAsync(_alice.Id, third with { Level = 4 }, Actor.Sam, CancellationToken.None)).Refusal?.Code);
        Assert.Equal("authorization", (await _bed.Sam.Credentials.CreateAsync(_alice.Id, third with { Level = 2, Authorization = KeyAuthorization.Pin }, Actor.Sam, CancellationToken.None)).Refusal?.Parameter);

        // One that was made while there was a certificate is not used any more.
        ActivationModule certified = await _bed.OpenProcessAsync(new ActivationModuleOptions
        {
            Levels = new LevelPolicy { CertificateOfThisSam = "JT2A 2026/1" },
            Certificates = new Core.Certificates.CertificatePolicy { AcceptAnyChain = true },
        });
        (CredentialId id, Core.Keys.SigningKey key) = (await certified.Credentials.CreateAsync(_alice.Id, third, Actor.Sam, CancellationToken.None)).Value;
        _ = (await _bed.Sam.SetCertificateAsync(id, [_bed.IssueCertificate(key, Now.AddDays(-1), Now.AddYears(1))], CancellationToken.None)).Value;
        AuthorizeRequest request = Request(_d[0]) with { Credential = id, NumSignatures = 1 };
        Assert.Equal(SamErrorCode.LevelForbidden, (await _bed.Sam.AskForApprovalAsync(request, CancellationToken.None)).Refusal?.Code);
        Assert.Null((await certified.AskForApprovalAsync(request, CancellationToken.None)).Refusal);
    }

    private DateTimeOffset Now => _bed.Clock.GetUtcNow();

    private AuthorizeRequest Request(params Digest[] digests) => new(_bed.Caller, _alice.Credential, digests.Length, digests, Pin: null, DeviceAnswer: null, "two contracts");

    private async Task<SecretText> AskAsync(params Digest[] digests) => (await _bed.Sam.AskForApprovalAsync(Request(digests), CancellationToken.None)).Value;

    private async Task<SecretText> ApproveAsync(params Digest[] digests)
    {
        SecretText handle = await AskAsync(digests);
        PendingApproval shown = (await _phone.ListAsync(_bed.Sam, Now)).Value[^1];
        _ = (await DecideAsync(_phone.Decide(shown, _alice.Pin))).Value;
        return handle;
    }

    private Task<Result<ApprovalId>> DecideAsync(Decision decision) => _bed.Sam.Approvals.DecideAsync(SamTestBed.Login("alice"), decision, CancellationToken.None);

    private Task<Result<Redeemed>> RedeemAsync(SecretText handle) => _bed.Sam.RedeemAsync(_bed.Caller, handle, CancellationToken.None);
}
