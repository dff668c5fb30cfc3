using System.Security.Cryptography;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>An HSM, or the way from it, that changes one bit of a signature.</summary>
public sealed class FaultyHsmTests
{
    private readonly SoftHsmFixture _hsm;
    private readonly AzuriteFixture _azurite;

    public FaultyHsmTests(SoftHsmFixture hsm, AzuriteFixture azurite)
    {
        _hsm = hsm;
        _azurite = azurite;
    }

    [Theory]
    [InlineData("p256")]
    [InlineData("rsa2048")]
    [Trait("Requirement", "SIG-5")]
    [Trait("Requirement", "T-USE-8")]
    public async Task A_flipped_bit_releases_nothing_spends_the_sad_and_is_audited(string key)
    {
        Pkcs11Shim shim = _hsm.CreateShim();
        Deployment deployment = new(_hsm, _azurite);
        await using LocalHostProcess host = await deployment.StartAsync(("Sam__Pkcs11__ModulePath", shim.ModulePath));
        _ = Core.Algorithms.KeyAlgorithm.TryFromName(key, out Core.Algorithms.KeyAlgorithm? algorithm);
        (CscClient client, TestCredential credential) = await host.MakeAsync(algorithm);
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        string sad = await client.GetSadAsync(credential, digest, digest);

        shim.Inject(Pkcs11Shim.Sign, ShimFault.Flip);
        CscReply flipped = await client.SignHashAsync(credential, sad, [digest, digest]);
        Assert.Equal(500, flipped.Status);
        Assert.Equal(
            """{"error":"server_error","error_description":"The authorization server encountered an unexpected condition that prevented it from fulfilling the request."}""",
            flipped.Text);
        (await client.SignHashAsync(credential, sad, [digest])).IsRefused(400, "invalid_request", "Invalid parameter SAD");
        Assert.Equal(1, (await host.CountRefusalsAsync())[nameof(SamErrorCode.SignatureNotVerified)]);
        Assert.Equal(1, (await host.CountRefusalsAsync())[nameof(SamErrorCode.SadSpent)]);

        AuditRecord failed = Assert.Single(await deployment.ReadAuditAsync(), record => record.Event == AuditEvent.SigningFailed);
        Assert.Equal((nameof(SamErrorCode.SignatureNotVerified), credential.Id), (failed.Cause, failed.Credential));
        Assert.Equal(2, failed.Digests!.Count);
    }
}
