using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Approvals;

/// <summary>Levels, and what an insider makes of them.</summary>
public sealed class LevelTests : ApprovalTestBase
{
    /// <summary>Whoever holds a process's data key seals a signer's row with a device of their own: the SAM has not signed it.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_device_that_an_insider_wrote_into_the_row_is_none()
    {
        using TestDevice theirs = TestDevice.Unenrolled(Bed, "alice").Posing(DeviceId.New());
        SealedRow<SignerRow> row = (await Bed.SealedRows.ReadAsync(SignerRows.Signer(Alice.Id), RowSchemas.Signer, CancellationToken.None)).Value;
        DeviceRow forged = new(theirs.Id.Value, "phone", theirs.Key.ExportSubjectPublicKeyInfo(), row.Value.Devices[0].Binding);
        _ = (await Bed.SealedRows.ReplaceAsync(SignerRows.Signer(Alice.Id), RowSchemas.Signer, row.Value with { Devices = [.. row.Value.Devices, forged] }, row.ETag, CancellationToken.None)).Value;
        SecretText handle = await AskAsync(Documents[0]);
        PendingApproval shown = Assert.Single((await Phone.ListAsync(Bed.Sam, Now)).Value);
        Assert.Equal(SamErrorCode.ProofInvalid, (await theirs.ListAsync(Bed.Sam, Now)).Refusal?.Code);
        Assert.Equal(SamErrorCode.DeviceSignatureInvalid, (await DecideAsync(theirs.Decide(shown, Alice.Pin))).Refusal?.Code);
        Assert.Null((await RedeemAsync(handle)).Value.Sad);
    }

    /// <summary>And lowers the level of a credential, so that the PIN alone would do.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_level_that_an_insider_lowered_is_noticed()
    {
        RowAddress address = SignerRows.Credential(Alice.Credential);
        SealedRow<CredentialRow> row = (await Bed.SealedRows.ReadAsync(address, RowSchemas.Credential, CancellationToken.None)).Value;
        foreach (CredentialRow lowered in new[] { row.Value with { Level = 1, Authorization = "pin" }, row.Value with { Authorization = "device" }, row.Value with { Level = 1 } })
        {
            RowETag etag = (await Bed.SealedRows.ReadAsync(address, RowSchemas.Credential, CancellationToken.None)).Value.ETag;
            _ = (await Bed.SealedRows.ReplaceAsync(address, RowSchemas.Credential, lowered, etag, CancellationToken.None)).Value;
            Assert.Equal(SamErrorCode.KeySwapped, (await Bed.Sam.AuthorizeAsync(Bed.AuthorizationOf(Alice, Documents[0]), CancellationToken.None)).Refusal?.Code);
        }
    }

    [Fact]
    [Trait("Requirement", "ACT-3")]
    public async Task There_is_no_level_3_without_a_certificate_of_this_SAM()
    {
        CredentialRequest third = new(KeyAlgorithm.P256, Level: 3);
        Assert.Equal(SamErrorCode.LevelForbidden, (await Bed.Sam.Credentials.CreateAsync(Alice.Id, third, Actor.Sam, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.LevelForbidden, (await Bed.Sam.Credentials.CreateAsync(Alice.Id, third with { Level = 4 }, Actor.Sam, CancellationToken.None)).Refusal?.Code);
        Assert.Equal("authorization", (await Bed.Sam.Credentials.CreateAsync(Alice.Id, third with { Level = 2, Authorization = KeyAuthorization.Pin }, Actor.Sam, CancellationToken.None)).Refusal?.Parameter);

        // One that was made while there was a certificate is not used any more.
        ActivationModule certified = await Bed.OpenProcessAsync(new ActivationModuleOptions
        {
            Levels = new LevelPolicy { CertificateOfThisSam = "JT2A 2026/1" },
            Certificates = new Core.Certificates.CertificatePolicy { AcceptAnyChain = true },
        });
        (CredentialId id, Core.Keys.SigningKey key) = (await certified.Credentials.CreateAsync(Alice.Id, third, Actor.Sam, CancellationToken.None)).Value;
        _ = (await Bed.Sam.SetCertificateAsync(id, [Bed.IssueCertificate(key, Now.AddDays(-1), Now.AddYears(1))], CancellationToken.None)).Value;
        AuthorizeRequest request = Request(Documents[0]) with { Credential = id, NumSignatures = 1 };
        Assert.Equal(SamErrorCode.LevelForbidden, (await Bed.Sam.AskForApprovalAsync(request, CancellationToken.None)).Refusal?.Code);
        Assert.Null((await certified.AskForApprovalAsync(request, CancellationToken.None)).Refusal);
    }

    /// <summary>Level 1 by login: the signer's own token, fresh; never a client's.</summary>
    [Fact]
    [Trait("Requirement", "ACT-1")]
    [Trait("Requirement", "T-USE-5")]
    public async Task A_fresh_login_of_the_signers_own_authorizes_at_level_1()
    {
        TestSigner byLogin = await Bed.AddCredentialAsync("alice", Alice.Id, Alice.Pin, new CredentialRequest(KeyAlgorithm.P256, Authorization: KeyAuthorization.Login));
        AuthorizeRequest request = new(new Caller(Bed.Client, SamTestBed.Login("alice"), Now.AddMinutes(-4)), byLogin.Credential, 1, [Documents[0]], Pin: null);
        (SamErrorCode Cause, AuthorizeRequest Request)[] refused =
        [
            (SamErrorCode.LoginNotFresh, request with { Caller = Bed.Caller }),
            (SamErrorCode.LoginNotFresh, request with { Caller = Bed.Caller with { AuthenticatedAt = Now } }),
            (SamErrorCode.LoginNotFresh, request with { Caller = request.Caller with { AuthenticatedAt = null } }),
            (SamErrorCode.LoginNotFresh, request with { Caller = request.Caller with { AuthenticatedAt = Now.AddMinutes(-5) } }),
            (SamErrorCode.LoginNotFresh, request with { Caller = request.Caller with { AuthenticatedAt = Now.AddMinutes(5) } }),
            (SamErrorCode.CredentialOfAnotherSigner, request with { Caller = request.Caller with { Login = SamTestBed.Login("mallory") } }),
            (SamErrorCode.AuthDataInvalid, request with { Pin = Alice.Pin }),
        ];
        foreach ((SamErrorCode cause, AuthorizeRequest wrong) in refused)
        {
            Assert.Equal(cause, (await Bed.Sam.AuthorizeAsync(wrong, CancellationToken.None)).Refusal?.Code);
        }

        SecretText sad = (await Bed.Sam.AuthorizeAsync(request, CancellationToken.None)).Value.Sad;
        Assert.Single((await Bed.Sam.SignHashAsync(Bed.SigningOf(byLogin, sad, Documents[0]) with { Caller = request.Caller }, CancellationToken.None)).Value);
    }
}
