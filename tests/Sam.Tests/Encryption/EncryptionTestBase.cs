using System.Security.Cryptography;
using Sam.Cli;
using Sam.Cli.Factors;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Approvals;
using Sam.Core.Encryption;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Encryption;

/// <summary>A deployment that takes a PIN alone only encrypted, and the page of a signer.</summary>
public abstract class EncryptionTestBase : IAsyncLifetime
{
    private protected const string Label = "two contracts";

    private protected SamTestBed Bed { get; private set; } = null!;

    private protected TestSigner Alice { get; private set; } = null!;

    private protected Digest[] Documents { get; } = [.. Digests.Some(3)];

    private protected virtual EncryptionPolicy Policy => new();

    private protected DateTimeOffset Now => Bed.Clock.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        Bed = await SamTestBed.OpenAsync(encryption: Policy);
        Alice = await Bed.AddSignerAsync();
        await BeginAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Bed.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected virtual Task BeginAsync() => Task.CompletedTask;

    private protected Task<Result<IssuedSad>> AuthorizeAsync(AuthorizeRequest request, ActivationModule? sam = null) =>
        (sam ?? Bed.Sam).AuthorizeAsync(request, CancellationToken.None);

    private protected async Task<string> ChallengeAsync(CredentialId? credential = null) =>
        (await Bed.Sam.ChallengeAsync(Bed.Caller, credential ?? Alice.Credential, ChallengeUse.EncryptedFactors, CancellationToken.None)).Value;

    private protected async Task<JsonWebKey> KeyAsync(ActivationModule? sam = null)
    {
        using ECDsa identity = ECDsa.Create();
        identity.ImportSubjectPublicKeyInfo(Bed.Sam.Identity.PublicKey.Span, out _);
        return FactorPage.FindKey((await (sam ?? Bed.Sam).FactorKeys.PublishAsync(TimeSpan.FromMinutes(1)))!, identity, Bed.SystemKeys.DeploymentId, Now)!;
    }

    /// <summary>What the page makes of it, shown just what is asked for.</summary>
    private protected static string Encrypt(JsonWebKey key, string challenge, IReadOnlyList<Digest> digests, SecretText? pin, string label = Label, int? numSignatures = null, string? password = null)
    {
        DeviceChallenge read = DeviceChallenge.TryRead(challenge)!;
        _ = ApprovalId.TryParse(read.Id, out ApprovalId id);
        _ = ClientId.TryParse(read.Client, out ClientId client);
        _ = CredentialId.TryParse(read.Credential, out CredentialId credential);
        PendingApproval shown = new(id, client, credential, digests, label, NeedsPin: true, DateTimeOffset.FromUnixTimeSeconds(read.ExpiresAt));
        return FactorPage.Encrypt(key, challenge, shown, numSignatures ?? digests.Count, pin is null ? null : new Secret(pin.Reveal()), password is null ? null : new Secret(password));
    }

    private protected AuthorizeRequest Request(string jwe, params Digest[] digests) =>
        new(Bed.Caller, Alice.Credential, digests.Length, digests, Pin: null, DeviceAnswer: null, Label, OneTimePassword: null, new SecretText(jwe));

    private protected async Task<int> AttemptsAsync() => (await Bed.CountersAsync(Alice)).PinAttempts;
}
