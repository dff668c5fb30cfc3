using System.Security.Cryptography;
using Sam.Cli;
using Sam.Cli.Development;
using Sam.Core.Credentials;
using Sam.Core.Rows;
using Sam.IntegrationTests.Hosts;
using Sam.Testing.Csc;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.IntegrationTests.Storm;

/// <summary>What the signer approves on their own device, and an application that asks for its SAD again.</summary>
internal sealed partial class StormActor
{
    private StormDevice? _device;
    private TestCredential? _second;

    internal void Close() => _device?.Dispose();

    private async Task AddDeviceAsync(LocalHostProcess host)
    {
        DevelopmentOffice office = await host.OpenOfficeAsync();
        TestSigner signer = _credential.Signer;
        DevelopmentSigner owner = await DevelopmentSigner.FindOrRegisterAsync(office, signer.UserId, new Secret(signer.Pin), [], Stop);
        _device = await StormDevice.EnrolAsync(office, Id.Signer.Value, signer.UserId, new Secret(signer.Pin), Stop);
        (string id, byte[] certificate) = await owner.AddCredentialAsync(
            "p256", 1, (subject, publicKey) => [Testing.Csc.TestCa.Issue(publicKey, subject), Testing.Csc.TestCa.Certificate], Stop, level: 2);
        _second = new TestCredential(id, signer, Core.Algorithms.KeyAlgorithm.P256, certificate);
    }

    private async Task SignByDeviceAsync(LocalHostProcess host, LocalHostProcess other)
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        CscReply asked = await _client.At(host.Http).PostAsync("credentials/authorize", new
        {
            credentialID = _second!.Id,
            numSignatures = 1,
            hashes = new[] { Convert.ToBase64String(digest) },
            hashAlgorithmOID = HashAlgorithm.Sha256.Oid,
            description = "a storm",
            authData = new[] { new { id = "DEVICE" } },
        });
        _receiver.Refuse(host.Id, asked);
        if (asked.Status != 202)
        {
            return;
        }

        string handle = SecretLedger.Note("handle", asked.Json.GetProperty("handle").GetString()!);
        await DisturbAsync();

        // Agreed when it is sent: whether the decision arrived is not known when it is refused.
        _receiver.Agree(_second, digest);
        if (!await _device!.ApproveAsync(await other.OpenOfficeAsync(), digest, Stop) || await RedeemAsync(host, handle) is not { } sad)
        {
            return;
        }

        if (_insider.Next(3) == 0)
        {
            await DisturbAsync();
        }

        if (!await SignAsync(other, _second, sad, digest))
        {
            return;
        }

        RowAddress transaction = _receiver.TransactionOf(sad);
        if (!_insider.IsReplayDue)
        {
            _ = await _insider.RollBackAsync(transaction);
            await ReplayAsync(other, handle, sad, digest);
            return;
        }

        // All that knows of the use, at once. Another process has not seen it; the one that gave the SAD has.
        RowAddress approval = new(SamTable.Signers, Id.Signer.Value, $"approval-{transaction.RowKey.Split('-')[1]}");
        Attack? challenges = await _insider.RollBackAsync(CredentialRows.UsedChallenges(Id.Signer));
        Attack? approved = await _insider.RollBackAsync(approval);
        await _insider.DeleteForReplayAsync(transaction);
        LocalHostProcess again = _insider.Next(2) == 0 ? host : other;
        if (again.Id != host.Id && challenges is { Worth: not RowWorth.None } && approved is { Worth: not RowWorth.None })
        {
            _receiver.MayBeUsedElsewhere(digest);
        }

        await ReplayAsync(again, handle, sad, digest);
    }

    private async Task ReplayAsync(LocalHostProcess host, string handle, string sad, byte[] digest)
    {
        string again = await RedeemAsync(host, handle) ?? sad;
        _ = await SignAsync(host, _second!, again, digest);
        if (again != sad)
        {
            _ = await SignAsync(host, _second!, sad, digest);
        }
    }

    private async Task<string?> RedeemAsync(LocalHostProcess host, string handle)
    {
        // The handle is the SAM's; which approval it names, is not known here.
        Asked asked = Asked.Now(_table, 0);
        CscReply reply = await _client.At(host.Http).PostAsync("credentials/authorizeCheck", new { handle });
        _receiver.Refuse(host.Id, reply);
        if (reply.Status != 200)
        {
            return null;
        }

        _receiver.ReceiveSad(reply.Sad, asked);
        return reply.Sad;
    }
}
