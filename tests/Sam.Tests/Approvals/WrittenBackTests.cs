using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Approvals;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Xunit;

namespace Sam.Tests.Approvals;

/// <summary>
/// Who writes the tables writes rows back at once, when their age gives nothing away, and the application asks again: what was approved once is signed once, whatever SAD it is given.
/// </summary>
[Trait("Requirement", "SIG-2d")]
[Trait("Requirement", "T-USE-3")]
[Trait("Requirement", "T-INS-3")]
public sealed class WrittenBackTests : ApprovalTestBase
{
    [Fact]
    public async Task An_approval_whose_transaction_is_written_back_unspent_gives_no_other_SAD()
    {
        SecretText handle = await ApproveAsync(Documents[0]);
        SecretText sad = (await RedeemAsync(handle)).Value.Sad!.Sad;
        StoredRow unspent = Transaction();
        Assert.Single((await Bed.SignAsync(Alice, sad, Documents[0])).Value);
        _ = Bed.Table.Attacker.WriteBack(unspent);
        Assert.Equal(SamErrorCode.HandleInvalid, (await RedeemAsync(handle)).Refusal?.Code);
        Assert.Equal(SamErrorCode.TransactionRowReplaced, (await Bed.SignAsync(Alice, sad, Documents[0])).Refusal?.Code);
        Assert.Equal(1, Bed.Keys.SignCount);
    }

    [Fact]
    [Trait("Requirement", "APX-4")]
    public async Task An_extension_whose_transaction_is_written_back_unspent_gives_no_other_SAD()
    {
        Assert.True(RetryMark.TryCreate("again", "body"u8, out RetryMark? mark));
        SecretText handle = await ApproveAsync(Documents[0], Documents[1]);
        SecretText first = (await RedeemAsync(handle)).Value.Sad!.Sad;
        Assert.Single((await Bed.SignAsync(Alice, first, Documents[0])).Value);
        ExtendRequest extension = new(Bed.Caller, Alice.Credential, first, null) { Retry = mark };
        SecretText second = (await Bed.Sam.ExtendAsync(extension, CancellationToken.None)).Value.Sad;
        StoredRow unspent = Transaction();
        Assert.Single((await Bed.SignAsync(Alice, second, Documents[1])).Value);
        _ = Bed.Table.Attacker.WriteBack(unspent);
        Assert.Equal(SamErrorCode.TransactionRowReplaced, (await Bed.Sam.ExtendAsync(extension, CancellationToken.None)).Refusal?.Code);
        Assert.Equal(2, Bed.Keys.SignCount);

        // What the extension was given for is deleted, too: then it is not known.
        _ = Bed.Table.Attacker.Delete(Bed.Table.Attacker.Rows(SamTable.Transactions).Single(r => r.Address.RowKey.Contains("-extension-", StringComparison.Ordinal)).Address);
        Assert.Equal(SamErrorCode.SadSpent, (await Bed.Sam.ExtendAsync(extension, CancellationToken.None)).Refusal?.Code);
    }

    /// <summary>Deleted and written back together, all within the tolerance: the process that gave the SAD knows that it did.</summary>
    [Fact]
    [Trait("Requirement", "ACT-2")]
    public async Task An_approval_is_used_once_whatever_rows_go_back()
    {
        SecretText other = await ApproveAsync(Documents[0]);
        SecretText handle = await ApproveAsync(Documents[1]);
        _ = (await RedeemAsync(other)).Value;
        StoredRow challenges = Challenges();
        StoredRow[] before = [.. Bed.Table.Attacker.Rows(SamTable.Signers).Where(r => ApprovalRows.IsOne(r.Address))];
        StoredRow[] otherTransaction = [.. Bed.Table.Attacker.Rows(SamTable.Transactions)];
        Assert.Single((await Bed.SignAsync(Alice, (await RedeemAsync(handle)).Value.Sad!.Sad, Documents[1])).Value);

        _ = Bed.Table.Attacker.WriteBack(challenges);
        foreach (StoredRow row in before)
        {
            _ = Bed.Table.Attacker.WriteBack(row);
        }

        _ = Bed.Table.Attacker.Delete(Bed.Table.Attacker.Rows(SamTable.Transactions).Single(r => otherTransaction.All(o => o.Address != r.Address)).Address);
        Assert.Equal(SamErrorCode.HandleInvalid, (await RedeemAsync(handle)).Refusal?.Code);
        AuditRecord alarm = Assert.Single(Bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault);
        Assert.Equal(nameof(SamErrorCode.RowRolledBack), alarm.Cause);
        Assert.Equal(1, Bed.Keys.SignCount);
    }

    [Fact]
    public async Task A_devices_answer_is_used_once_whatever_rows_go_back()
    {
        SecretText[] answers = [.. await Task.WhenAll(Documents.Take(2).Select(async d => Phone.Answer((await Bed.Sam.ChallengeAsync(Bed.Caller, Alice.Credential, ChallengeUse.Device, CancellationToken.None)).Value, [d])))];
        _ = (await AnswerAsync(answers[0], Documents[0])).Value;
        StoredRow challenges = Challenges();
        StoredRow[] transactions = [.. Bed.Table.Attacker.Rows(SamTable.Transactions)];
        Assert.Single((await Bed.SignAsync(Alice, (await AnswerAsync(answers[1], Documents[1])).Value.Sad, Documents[1])).Value);

        _ = Bed.Table.Attacker.WriteBack(challenges);
        _ = Bed.Table.Attacker.Delete(Bed.Table.Attacker.Rows(SamTable.Transactions).Single(r => transactions.All(o => o.Address != r.Address)).Address);
        Assert.Equal(SamErrorCode.ChallengeUsed, (await AnswerAsync(answers[1], Documents[1])).Refusal?.Code);
        Assert.Single(Bed.AuditRecords(), r => r.Event == AuditEvent.IntegrityFault);

        // Written anew: a new one is good again when the clocks of all processes have passed it.
        Bed.Clock.Advance(TimeSpan.FromSeconds(12));
        SecretText fresh = Phone.Answer((await Bed.Sam.ChallengeAsync(Bed.Caller, Alice.Credential, ChallengeUse.Device, CancellationToken.None)).Value, [Documents[2]]);
        Assert.Single((await Bed.SignAsync(Alice, (await AnswerAsync(fresh, Documents[2])).Value.Sad, Documents[2])).Value);
    }

    /// <summary>Another approval's use comes between a transaction and its mark: who is overtaken asks again, and is given the SAD of the row that stands there.</summary>
    [Fact]
    public async Task Who_is_overtaken_between_a_transaction_and_its_mark_asks_again()
    {
        SecretText other = await ApproveAsync(Documents[0]);
        SecretText handle = await ApproveAsync(Documents[1]);
        bool isOvertaken = false;
        Bed.Rows.Before = async call =>
        {
            if (call is { Kind: RowStoreCallKind.Commit, Address.Table: SamTable.Signers } && !isOvertaken)
            {
                isOvertaken = true;
                Assert.NotNull((await RedeemAsync(other)).Value.Sad);
            }
        };
        Assert.Null((await RedeemAsync(handle)).Value.Sad);
        Assert.True(isOvertaken);
        SecretText sad = (await RedeemAsync(handle)).Value.Sad!.Sad;
        Assert.Single((await Bed.SignAsync(Alice, sad, Documents[1])).Value);
        Assert.Equal(SamErrorCode.HandleInvalid, (await RedeemAsync(handle)).Refusal?.Code);
        Assert.Equal(1, Bed.Keys.SignCount);
    }

    /// <summary>However they are interleaved, each approval gives its SAD.</summary>
    [Fact]
    public async Task Approvals_that_are_used_at_once_give_a_SAD_each()
    {
        SecretText[] handles = new SecretText[4];
        for (int i = 0; i < handles.Length; i++)
        {
            handles[i] = await ApproveAsync(Documents[i]);
        }

        ActivationModule other = await Bed.OpenProcessAsync();
        SecretText[] sads = await Task.WhenAll(handles.Select((handle, i) => Task.Run(async () =>
        {
            Redeemed redeemed;
            do
            {
                redeemed = (await (i % 2 == 0 ? Bed.Sam : other).RedeemAsync(Bed.Caller, handle, CancellationToken.None)).Value;
            }
            while (redeemed.Sad is null);

            return redeemed.Sad.Sad;
        })));
        for (int i = 0; i < sads.Length; i++)
        {
            Assert.Single((await Bed.SignAsync(Alice, sads[i], Documents[i])).Value);
        }
    }

    private StoredRow Transaction() =>
        Bed.Table.Attacker.Rows(SamTable.Transactions).Single(r => !SpendOutcomes.IsOne(r.Address) && !r.Address.RowKey.Contains("-extension-", StringComparison.Ordinal));

    private StoredRow Challenges() => Bed.Table.Attacker.Rows(SamTable.Signers).Single(r => r.Address.RowKey == "challenges");

    private Task<Result<IssuedSad>> AnswerAsync(SecretText answer, Digest document) =>
        Bed.Sam.AuthorizeAsync(Request(document) with { DeviceAnswer = answer, Pin = Alice.Pin, Label = string.Empty }, CancellationToken.None);
}
