using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Encryption;

/// <summary>What an application can do that is linked to a signer and has no factor of theirs: it encrypts to the published key itself.</summary>
[Trait("Requirement", "T-USE-2")]
public sealed class HostileApplicationTests : EncryptionTestBase
{
    /// <summary>A challenge is used up before the PIN is evaluated: where the PIN is locked, that would be the only effect left, and one on a row that the signer's devices and approvals need, too.</summary>
    [Fact]
    public async Task A_locked_PIN_lets_no_application_write_to_the_signers_row()
    {
        JsonWebKey key = await KeyAsync();
        for (int i = 0; i < 40; i++)
        {
            SamErrorCode? cause = (await GuessAsync(key)).Refusal?.Code;
            Assert.Equal(i < Bed.Options.Pin.MaxAttempts ? SamErrorCode.PinWrong : SamErrorCode.PinLocked, cause);
        }

        Assert.InRange((await UsedAsync()).Ids.Count, 0, Bed.Options.Pin.MaxAttempts);
    }

    /// <summary>The device has nothing to do with the PIN, and its owner has locked nothing.</summary>
    [Fact]
    [Trait("Requirement", "T-STP-1")]
    public async Task An_application_without_a_factor_is_in_no_devices_way()
    {
        using TestDevice phone = await TestDevice.EnrolAsync(Bed, Alice);
        TestSigner second = await Bed.AddCredentialAsync("alice", Alice.Id, Alice.Pin, new CredentialRequest(KeyAlgorithm.P256, Authorization: KeyAuthorization.Device));
        Caller other = await Bed.AddClientAsync("other-sca");
        _ = (await Bed.Sam.Signers.SetClientsAsync(Alice.Id, LinkedClients.Of([Bed.Client, other.Client]), Actor.Sam, expected: null, CancellationToken.None)).Value;
        JsonWebKey key = await KeyAsync();
        for (int i = 0; i < Bed.Options.Pin.MaxAttempts; i++)
        {
            _ = await GuessAsync(key);
        }

        string challenge = (await Bed.Sam.ChallengeAsync(other, second.Credential, ChallengeUse.Device, CancellationToken.None)).Value;
        RowAddress used = CredentialRows.UsedChallenges(Alice.Id);
        bool isIn = false;
        int written = 0;
        Bed.Rows.After = async call =>
        {
            // Between the reading of the honest answer and its commit.
            if (!isIn && call.Kind == RowStoreCallKind.Read && call.Address == used)
            {
                isIn = true;
                written += (await GuessAsync(key)).Refusal?.Code == SamErrorCode.PinLocked ? 1 : 0;
                isIn = false;
            }
        };
        AuthorizeRequest honest = new(other, second.Credential, 1, [Documents[0]], Pin: null, phone.Answer(challenge, [Documents[0]]));
        List<SamErrorCode?> causes = [];
        for (int i = 0; i < 5; i++)
        {
            causes.Add((await AuthorizeAsync(honest)).Refusal?.Code);
        }

        Bed.Rows.After = null;
        Assert.True(causes.Contains(null), $"{string.Join(' ', causes)}; {written} writes of the application");
    }

    /// <summary>Whoever gives up while waiting for a turn has their attempt back, but not where a challenge was used up for it: that would be as many uses as one likes.</summary>
    [Fact]
    public async Task Hanging_up_uses_no_challenge_without_an_attempt()
    {
        JsonWebKey key = await KeyAsync();
        AuthorizeRequest guess = Request(Encrypt(key, await ChallengeAsync(), [Documents[0]], SamTestBed.NewPin()), Documents[0]);
        using CancellationTokenSource gone = new();
        Bed.Rows.After = call => call.Kind == RowStoreCallKind.Commit ? gone.CancelAsync() : Task.CompletedTask;
        Assert.Equal(SamErrorCode.PinWrong, (await Bed.Sam.AuthorizeAsync(guess, gone.Token)).Refusal?.Code);
        Assert.True(gone.IsCancellationRequested);
        Assert.Equal(1, await AttemptsAsync());
    }

    private async Task<Result<IssuedSad>> GuessAsync(JsonWebKey key) =>
        await AuthorizeAsync(Request(Encrypt(key, await ChallengeAsync(), [Documents[0]], SamTestBed.NewPin()), Documents[0]));

    private async Task<UsedChallengesRow> UsedAsync() =>
        (await Bed.SealedRows.ReadAsync(CredentialRows.UsedChallenges(Alice.Id), RowSchemas.UsedChallenges, CancellationToken.None)).Value.Value;
}
