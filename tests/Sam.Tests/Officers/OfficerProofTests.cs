using System.Security.Cryptography;
using System.Text;
using Sam.Core.Anchoring;
using Sam.Core.Audit;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Officers;

/// <summary>Who lacks a privileged user's login, key or fresh signature is nobody, whatever else they have.</summary>
[Trait("Requirement", "MGT-1")]
[Trait("Requirement", "SYS-1")]
[Trait("Requirement", "T-MGT-1")]
public sealed class OfficerProofTests : IAsyncLifetime
{
    private static readonly byte[] _body = """{"kind":"approve-client","client":"sca"}"""u8.ToArray();

    private OfficersTestBed _bed = null!;

    private TestOfficer Olga => _bed.Three[0];

    private string Deployment => _bed.Sam.Officers.DeploymentId;

    public async ValueTask InitializeAsync() => _bed = await OfficersTestBed.OpenInitializedAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    public static TheoryData<string, Func<ProofClaims, ProofClaims>> OtherClaims => new()
    {
        { "another deployment", c => c with { Deployment = new string('0', 32) } },
        { "another method", c => c with { Method = "PUT" } },
        { "another path", c => c with { Target = "/sam/v1/proposals/" } },
        { "another token", c => c with { TokenHash = ProofClaims.HashOf("x"u8) } },
        { "another body", c => c with { BodyHash = ProofClaims.HashOf("x"u8) } },
        { "another version", c => c with { IfMatch = "\"x\"" } },
        { "another idempotency key", c => c with { IdempotencyKey = "x" } },
        { "an old one", c => c with { IssuedAt = c.IssuedAt - 61 } },
        { "one of later", c => c with { IssuedAt = c.IssuedAt + 61 } },
        { "the end of time", c => c with { IssuedAt = long.MaxValue } },
        { "the beginning of time", c => c with { IssuedAt = long.MinValue } },
        { "no token", c => c with { TokenHash = null! } },
        { "no deployment", c => c with { Deployment = null! } },
        { "no id", c => c with { Id = null! } },
        { "a short id", c => c with { Id = "x" } },
        { "a long id", c => c with { Id = new string('x', 65) } },
    };

    [Theory]
    [MemberData(nameof(OtherClaims))]
    public async Task A_proof_is_for_one_request(string what, Func<ProofClaims, ProofClaims> change)
    {
        Assert.NotEmpty(what);
        Assert.Equal(SamErrorCode.ProofInvalid, await AskAsync(Olga.Request(Deployment, "POST", "/sam/v1/proposals", _body, change)));
        Assert.Null(await AskAsync(Olga.Request(Deployment, "POST", "/sam/v1/proposals", _body)));
    }

    [Fact]
    public async Task A_proof_is_good_once_at_every_process()
    {
        OfficerRequest request = Olga.Request(Deployment, "POST", "/sam/v1/proposals", _body);
        Assert.Null(await AskAsync(request));
        Assert.Equal(SamErrorCode.ProofReplayed, await AskAsync(request));
        Sam.Core.ActivationModule other = await _bed.Bed.OpenProcessAsync();
        Assert.Equal(SamErrorCode.ProofReplayed, (await other.Officers.AuthenticateAsync(Olga.Login, request, CancellationToken.None)).Refusal?.Code);

        // When it is forgotten, its time is over.
        _bed.Bed.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(SamErrorCode.ProofInvalid, await AskAsync(request));
        Assert.Equal(2, _bed.Bed.AuditRecords().Count(r => r.Event == AuditEvent.OfficerRefused && r.Cause == nameof(SamErrorCode.ProofReplayed)));
    }

    [Fact]
    public async Task Of_a_proof_sent_many_times_at_once_one_is_taken()
    {
        OfficerRequest request = Olga.Request(Deployment, "POST", "/sam/v1/proposals", _body);
        Sam.Core.ActivationModule other = await _bed.Bed.OpenProcessAsync();
        Result<ProvenOfficer>[] all = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() =>
            (i % 2 == 0 ? _bed.Sam : other).Officers.AuthenticateAsync(Olga.Login, request, CancellationToken.None))));
        Assert.Single(all, r => r.Refusal is null);
        Assert.All(all.Where(r => r.Refusal is not null), r => Assert.Equal(SamErrorCode.ProofReplayed, r.Refusal?.Code));
    }

    /// <summary>The administrator of the identity provider mints any token, so has any login. The keys are not his.</summary>
    [Fact]
    public async Task Any_token_without_the_key_is_nobody()
    {
        using TestOfficer forger = new(Olga.Login, _bed.Bed.Clock);
        Assert.Equal(SamErrorCode.ProofInvalid, (await forger.AuthenticateAsync(_bed.Sam, _body)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ProofMissing, await AskAsync(Olga.Request(Deployment, "POST", "/sam/v1/proposals", _body) with { Proof = null }));

        // The key without the login is nobody, too.
        OfficerRequest request = Olga.Request(Deployment, "POST", "/sam/v1/proposals", _body);
        Assert.Equal(SamErrorCode.OfficerUnknown, (await _bed.Sam.Officers.AuthenticateAsync(SamTestBed.Login("mallory"), request, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(SamErrorCode.ProofInvalid, (await _bed.Sam.Officers.AuthenticateAsync(_bed.Three[1].Login, request, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task Every_single_bit_counts()
    {
        OfficerRequest request = Olga.Request(Deployment, "POST", "/sam/v1/proposals", _body);
        byte[] proof = Encoding.ASCII.GetBytes(request.Proof!);
        for (int bit = 0; bit < proof.Length * 8; bit++)
        {
            byte[] changed = [.. proof];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(
                !OfficerProof.TryParse(Encoding.Latin1.GetString(changed), out OfficerProof? parsed)
                || !parsed.IsFor(request, Deployment) || !parsed.IsBy(Olga.Key.ExportSubjectPublicKeyInfo()));
        }

        Assert.Null(await AskAsync(request));
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"sam-proof+jwt"}""")]
    [InlineData("""{"alg":"HS256","typ":"sam-proof+jwt"}""")]
    [InlineData("""{"alg":"ES256","typ":"JWT"}""")]
    [InlineData("""{"alg":"ES256","typ":"sam-proof+jwt","crit":["b64"]}""")]
    [InlineData("""{"typ":"sam-proof+jwt","alg":"ES256"}""")]
    public async Task The_header_is_the_one_there_is(string header)
    {
        OfficerRequest request = Olga.Request(Deployment, "POST", "/sam/v1/proposals", _body);
        string[] parts = request.Proof!.Split('.');
        string signed = $"{Encode(Encoding.UTF8.GetBytes(header))}.{parts[1]}";
        string proof = $"{signed}.{Encode(Olga.Key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
        Assert.Equal(SamErrorCode.ProofInvalid, await AskAsync(request with { Proof = proof }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    public async Task What_is_no_proof_is_refused(string proof) =>
        Assert.Equal(SamErrorCode.ProofInvalid, await AskAsync(Olga.Request(Deployment, "POST", "/sam/v1/proposals", _body) with { Proof = proof }));

    [Fact]
    public void A_weak_or_strange_key_cannot_be_enrolled()
    {
        using ECDsa p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using RSA rsa = RSA.Create(2048);
        byte[] good = p256.ExportSubjectPublicKeyInfo();
        Assert.True(OfficerKey.IsUsable(good));
        Assert.False(OfficerKey.IsUsable(p384.ExportSubjectPublicKeyInfo()));
        Assert.False(OfficerKey.IsUsable(rsa.ExportSubjectPublicKeyInfo()));
        Assert.False(OfficerKey.IsUsable([.. good, 0]));
        Assert.False(OfficerKey.IsUsable([]));
        byte[] offCurve = [.. good];
        offCurve[^1] ^= 1;
        Assert.False(OfficerKey.IsUsable(offCurve));
    }

    /// <summary>Somebody with a process's memory has the data key and so can seal any row. The document of the officers takes the SAM's signature in the HSM.</summary>
    [Fact]
    [Trait("Requirement", "SIG-7")]
    [Trait("Requirement", "T-INS-1")]
    public async Task A_sealed_document_without_the_modules_signature_names_nobody()
    {
        AnchorRow row = (await _bed.Bed.SealedRows.ReadAsync(new RowAddress(SamTable.Registry, "anchor", "000000000004"), RowSchemas.Anchor, CancellationToken.None)).Value.Value;
        string json = Encoding.UTF8.GetString(row.Document).Replace("\"Version\":4", "\"Version\":5", StringComparison.Ordinal).Replace("olga", "evil", StringComparison.Ordinal);
        _ = (await _bed.Bed.SealedRows.InsertAsync(
            new RowAddress(SamTable.Registry, "anchor", "000000000005"), RowSchemas.Anchor, new AnchorRow(Encoding.UTF8.GetBytes(json), row.Signature), CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.AnchorBroken, (await Olga.AuthenticateAsync(_bed.Sam, _body)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "SIG-7")]
    public async Task An_older_document_does_not_come_back()
    {
        byte[] old = Assert.Single(await _bed.Bed.Keys.ReadAnchorsAsync(CancellationToken.None));
        _ = await _bed.ChangeAsync(new OfficerChange.RemoveOfficer(_bed.Three[2].Id));
        Assert.Equal(SamErrorCode.OfficerUnknown, (await _bed.Three[2].AuthenticateAsync(_bed.Sam)).Refusal?.Code);

        // The newest row is deleted: the HSM knows that there was one.
        RowAddress newest = _bed.Bed.Table.Attacker.Rows(SamTable.Registry).Where(r => r.Address.PartitionKey == "anchor").MaxBy(r => r.Address.RowKey, StringComparer.Ordinal)!.Address;
        StoredRow kept = _bed.Bed.Table.Attacker.Rows(SamTable.Registry).Single(r => r.Address == newest);
        Assert.True(_bed.Bed.Table.Attacker.Delete(newest));
        Sam.Core.ActivationModule fresh = await _bed.Bed.OpenProcessAsync();
        Assert.Equal(SamErrorCode.AnchorBroken, (await _bed.Three[2].AuthenticateAsync(fresh)).Refusal?.Code);

        // And with the HSM's own administrator, who writes the older mark back: who has seen the newer one does not believe it.
        _ = _bed.Bed.Table.Attacker.WriteBack(kept);
        Assert.Equal(SamErrorCode.OfficerUnknown, (await _bed.Three[2].AuthenticateAsync(_bed.Sam)).Refusal?.Code);
        _bed.Bed.Keys.ForgeAnchors(old);
        Assert.True(_bed.Bed.Table.Attacker.Delete(newest));
        Assert.Equal(SamErrorCode.AnchorBroken, (await _bed.Three[2].AuthenticateAsync(_bed.Sam)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "SIG-7")]
    public async Task What_is_no_anchor_of_this_deployment_counts_for_nothing()
    {
        byte[] ours = Assert.Single(await _bed.Bed.Keys.ReadAnchorsAsync(CancellationToken.None));
        byte[] forged = [.. ours];
        forged[7]++;
        _bed.Bed.Keys.ForgeAnchors(forged, ours, [1, 2, 3], RandomNumberGenerator.GetBytes(128));
        Assert.Null((await Olga.AuthenticateAsync(_bed.Sam)).Refusal);
        _bed.Bed.Keys.ForgeAnchors(forged);
        Assert.Equal(SamErrorCode.AnchorBroken, (await Olga.AuthenticateAsync(_bed.Sam)).Refusal?.Code);
    }

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private async Task<SamErrorCode?> AskAsync(OfficerRequest request) => (await _bed.Sam.Officers.AuthenticateAsync(Olga.Login, request, CancellationToken.None)).Refusal?.Code;
}
