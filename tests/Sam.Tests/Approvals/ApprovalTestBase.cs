using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Approvals;

/// <summary>Alice with a phone, and a credential of level 2.</summary>
public abstract class ApprovalTestBase : IAsyncLifetime
{
    private protected static Digest[] Documents { get; } = [.. Digests.Some(4)];

    private protected SamTestBed Bed { get; private set; } = null!;

    private protected TestSigner Alice { get; private set; } = null!;

    private protected TestDevice Phone { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Bed = await SamTestBed.OpenAsync();
        Alice = await Bed.AddSignerAsync();
        Phone = await TestDevice.EnrolAsync(Bed, Alice);
        Alice = await Bed.AddCredentialAsync("alice", Alice.Id, Alice.Pin, new CredentialRequest(KeyAlgorithm.P256, 10, "level 2", Level: 2));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Phone.Dispose();
        await Bed.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected DateTimeOffset Now => Bed.Clock.GetUtcNow();

    private protected AuthorizeRequest Request(params Digest[] digests) => new(Bed.Caller, Alice.Credential, digests.Length, digests, Pin: null, DeviceAnswer: null, "two contracts");

    private protected async Task<SecretText> AskAsync(params Digest[] digests) => (await Bed.Sam.AskForApprovalAsync(Request(digests), CancellationToken.None)).Value;

    private protected async Task<SecretText> ApproveAsync(params Digest[] digests)
    {
        SecretText handle = await AskAsync(digests);
        PendingApproval shown = (await Phone.ListAsync(Bed.Sam, Now)).Value[^1];
        _ = (await DecideAsync(Phone.Decide(shown, Alice.Pin))).Value;
        return handle;
    }

    private protected Task<Result<ApprovalId>> DecideAsync(Decision decision) => Bed.Sam.Approvals.DecideAsync(SamTestBed.Login("alice"), decision, CancellationToken.None);

    private protected Task<Result<Redeemed>> RedeemAsync(SecretText handle) => Bed.Sam.RedeemAsync(Bed.Caller, handle, CancellationToken.None);
}
