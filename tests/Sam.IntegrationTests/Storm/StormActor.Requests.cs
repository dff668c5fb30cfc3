using System.Diagnostics;
using Sam.Cli.Admin;
using Sam.Cli.Http;
using Sam.Core.Signers;
using Sam.IntegrationTests.Hosts;
using Sam.Testing.Csc;
using Xunit;

namespace Sam.IntegrationTests.Storm;

/// <summary>What the application and officers ask for, and where each answer is noted.</summary>
internal sealed partial class StormActor
{
    private async Task<string?> AuthorizeAsync(LocalHostProcess host, params byte[][] digests)
    {
        Asked asked = Asked.Now(_table, 0, SignerRows.Credential(Id), SignerRows.Counters(Id.Signer));
        CscReply reply = await _client.At(host.Http).AuthorizeAsync(_credential, digests);
        _receiver.Refuse(host.Id, reply);
        if (reply.Status != 200)
        {
            return null;
        }

        // How long it may stay undone is judged when the process that made it has ended.
        if (_stop is { } stop && _table.FindAttack(State, stop.At, Stopwatch.GetTimestamp(), worth => worth != RowWorth.None) is null)
        {
            _receiver.Violations.Enqueue($"{_credential.Id} was stopped {Stopwatch.GetElapsedTime(stop.At)} ago, and authorized: {_insider.StoryOf(State)}");
        }

        foreach (byte[] digest in digests)
        {
            _receiver.Agree(_credential, digest);
        }

        _receiver.ReceiveSad(reply.Sad, asked);
        return reply.Sad;
    }

    private async Task<bool> SignAsync(LocalHostProcess host, TestCredential credential, string sad, byte[] digest)
    {
        Asked asked = Asked.Now(_table, 0, Asked.Of(credential, _name));
        CscReply reply = await _client.At(host.Http).SignHashAsync(credential, sad, [digest]);
        _receiver.Refuse(host.Id, reply);
        if (reply.Status != 200)
        {
            return false;
        }

        Signed++;
        _receiver.ReceiveSignature(sad, credential, digest, Assert.Single(reply.Signatures), asked);
        return true;
    }

    private async Task<string?> ExtendAsync(LocalHostProcess host, string sad, string? retry)
    {
        Asked asked = Asked.Now(_table, _receiver.GivenAt(sad), Asked.Of(_credential, _name));
        CscReply reply = await _client.At(host.Http).PostAsync("credentials/extendTransaction", new { credentialID = _credential.Id, SAD = sad }, retry);
        _receiver.Refuse(host.Id, reply);
        if (reply.Status != 200)
        {
            return null;
        }

        _receiver.ReceiveSad(reply.Sad, asked, isAgain: true);
        return reply.Sad;
    }

    /// <summary>An officer's change. One that fails after it was stored, because it could not be recorded, say, is in doubt.</summary>
    private async Task<Change> ChangeAsync(LocalHostProcess host, string act)
    {
        AdminClient officer = (await host.OpenOfficeAsync()).Registration;
        SamReply<AdminAnswer<CredentialRecord>> reply = await officer.FindCredentialAsync(_credential.Id, Stop);
        if (reply.IsRefused(out _))
        {
            return Change.Refused;
        }

        reply = await officer.ChangeCredentialAsync(_credential.Id, act, "a storm", reply.OrFail().ETag!, Stop);
        return !reply.IsRefused(out SamRefusal? refusal) ? Change.Made : refusal.Status >= 500 ? Change.InDoubt : Change.Refused;
    }

    private enum Change
    {
        Refused,
        InDoubt,
        Made,
    }
}
