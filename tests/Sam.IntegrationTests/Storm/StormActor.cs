using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Sam.Cli;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.IntegrationTests.Hosts;
using Sam.Testing.Csc;
using Xunit;

namespace Sam.IntegrationTests.Storm;

/// <summary>One signer with an application of their own, who go on with all that can be done while an insider writes the tables; what they are given is noted, and what they are refused is not missed.</summary>
internal sealed partial class StormActor
{
    private readonly StormTable _table;
    private readonly Insider _insider;
    private readonly StormReceiver _receiver;
    private readonly string _name;
    private readonly CscClient _client;
    private readonly TestCredential _credential;
    private readonly Dictionary<int, int> _guesses = [];
    private (long At, int Process)? _stop;

    private StormActor(StormTable table, Insider insider, StormReceiver receiver, string name, CscClient client, TestCredential credential)
    {
        _table = table;
        _insider = insider;
        _receiver = receiver;
        _name = name;
        _client = client;
        _credential = credential;
    }

    /// <summary>Signatures since the phase began: who got none is replaced.</summary>
    internal int Signed { get; set; }

    /// <summary>The process that stopped the credential, where no officer has resumed it since.</summary>
    internal int? StoppedBy => _stop?.Process;

    /// <summary>Where its state stands.</summary>
    internal RowAddress State => SignerRows.Credential(Id);

    private CredentialId Id => CredentialId.TryParse(_credential.Id, out CredentialId id) ? id : default;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Signer, application and key, made by the ceremony of every deployment.</summary>
    internal static async Task<StormActor> MakeAsync(LocalHostProcess host, StormTable table, Insider insider, StormReceiver receiver, bool hasDevice)
    {
        string client = $"sca-{Guid.NewGuid():n}";
        CscClient connected = await host.ConnectAsync(client);
        TestSigner signer = await host.MakeSignerAsync();
        StormActor actor = new(table, insider, receiver, client, connected, await host.MakeCredentialAsync(signer, Core.Algorithms.KeyAlgorithm.P256, multisign: 3));
        if (hasDevice)
        {
            await actor.AddDeviceAsync(host);
        }

        return actor;
    }

    /// <summary>Goes on until it is told to end.</summary>
    internal async Task RunAsync(IReadOnlyList<LocalHostProcess> hosts, Func<bool> goesOn)
    {
        while (goesOn())
        {
            LocalHostProcess host = hosts[_insider.Next(hosts.Count)];
            LocalHostProcess other = hosts[_insider.Next(hosts.Count)];
            try
            {
                await (_insider.Next(10) switch
                {
                    < 4 => SignOnceAsync(host, other),
                    < 6 => SignTwiceAsync(host, other),
                    < 8 when _device is not null => SignByDeviceAsync(host, other),
                    8 => _insider.Next(2) == 0 ? GuessAsync(host) : StopAsync(host, other),
                    _ => LookAsync(host),
                });
            }
            catch (CommandFailure)
            {
                // Officers are refused like anybody else.
            }
        }
    }

    private async Task SignOnceAsync(LocalHostProcess host, LocalHostProcess other)
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        if (await AuthorizeAsync(host, digest) is not { } sad)
        {
            return;
        }

        await DisturbAsync();
        if (!await SignAsync(other, _credential, sad, digest))
        {
            return;
        }

        RowAddress transaction = _receiver.TransactionOf(sad);
        if (_insider.IsReplayDue)
        {
            await _insider.DeleteForReplayAsync(transaction);
        }
        else
        {
            _ = await _insider.RollBackAsync(transaction);
        }

        _ = await SignAsync(_insider.Next(2) == 0 ? host : other, _credential, sad, digest);
    }

    /// <summary>Two hashes, one after the other; then the exchange is asked for again, with what the insider made of it meanwhile.</summary>
    private async Task SignTwiceAsync(LocalHostProcess host, LocalHostProcess other)
    {
        byte[][] digests = [RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32)];
        string? retry = _insider.Next(2) == 0 ? Guid.NewGuid().ToString("n") : null;
        if (await AuthorizeAsync(host, digests) is not { } first || !await SignAsync(host, _credential, first, digests[0]))
        {
            return;
        }

        await DisturbAsync();
        if (await ExtendAsync(other, first, retry) is not { } second || !await SignAsync(other, _credential, second, digests[1]))
        {
            return;
        }

        RowAddress transaction = _receiver.TransactionOf(second);
        if (_insider.IsReplayDue)
        {
            string kind = retry is null ? "outcome" : "extension";
            await _insider.DeleteForReplayAsync(_insider.Next(2) == 0 ? transaction : transaction with { RowKey = $"{transaction.RowKey}-{kind}-1" });
        }
        else
        {
            _ = await _insider.RollBackAsync(transaction);
        }

        string again = await ExtendAsync(host, first, retry) ?? second;
        _ = await SignAsync(host, _credential, again, digests[1]);
        _ = await SignAsync(other, _credential, first, digests[0]);
    }

    /// <summary>Wrong PINs, with the counters written back between them: a process that saw them counted goes on from there.</summary>
    private async Task GuessAsync(LocalHostProcess host)
    {
        const int MaxAttempts = 5;
        for (int i = 0; i < 2; i++)
        {
            byte[] digest = RandomNumberGenerator.GetBytes(32);
            CscReply reply = await _client.At(host.Http).AuthorizeAsync(_credential, [digest], RandomNumberGenerator.GetHexString(24));
            _receiver.Refuse(host.Id, reply);
            if (reply.Status == 200)
            {
                _receiver.Violations.Enqueue("a wrong PIN authorized");
            }
            else if (reply.Error == "invalid_authentication_data" && (_guesses[host.Id] = _guesses.GetValueOrDefault(host.Id) + 1) > MaxAttempts)
            {
                _receiver.Violations.Enqueue($"a process evaluated {_guesses[host.Id]} wrong PINs");
            }

            _ = await _insider.RollBackAsync(SignerRows.Counters(Id.Signer));
        }

        await host.SetPinAsync(_credential.Signer);
        _guesses.Clear();
    }

    /// <summary>An officer stops the credential; the insider undoes it, if he can.</summary>
    private async Task StopAsync(LocalHostProcess host, LocalHostProcess other)
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        if (await AuthorizeAsync(host, digest) is not { } sad || await ChangeAsync(host, "suspension") != Change.Made)
        {
            return;
        }

        _stop = (Stopwatch.GetTimestamp(), host.Id);
        if (_insider.Next(2) == 0)
        {
            _ = await _insider.RollBackAsync(SignerRows.Credential(Id));
        }

        if (await SignAsync(other, _credential, sad, digest))
        {
            _receiver.Violations.Enqueue("a SAD from before a stop signed after it");
        }

        // Whether a new one is given is judged where it is received.
        if (await AuthorizeAsync(other, digest) is { } another)
        {
            _ = await SignAsync(other, _credential, another, digest);
        }

        if (await ChangeAsync(host, "resumption") != Change.Refused)
        {
            _stop = null;
        }
    }

    private async Task LookAsync(LocalHostProcess host)
    {
        CscReply reply = await _client.At(host.Http).PostAsync("credentials/info", new { credentialID = _credential.Id, certificates = "chain", certInfo = true });
        _receiver.Refuse(host.Id, reply);

        // None, where a row from before its certification was written back at once.
        if (reply.Status == 200 && reply.Json.GetProperty("cert").TryGetProperty("certificates", out JsonElement certificates) && certificates.GetArrayLength() > 0
            && !certificates[0].GetBytesFromBase64().AsSpan().SequenceEqual(_credential.Certificate))
        {
            _receiver.Violations.Enqueue("a credential was shown with another certificate");
        }

        CscReply list = await _client.At(host.Http).PostAsync("credentials/list", new { userID = _credential.Signer.UserId });
        _receiver.Refuse(host.Id, list);
        string[] ids = list.Status == 200 ? [.. list.Json.GetProperty("credentialIDs").EnumerateArray().Select(id => id.GetString()!)] : [];
        if (ids.Any(id => id != _credential.Id && id != _second?.Id))
        {
            _receiver.Violations.Enqueue("somebody else's credential was listed");
        }
    }

    /// <summary>Something happens meanwhile, about as often as not.</summary>
    private Task DisturbAsync() => _insider.Next(100) < 60 ? _insider.ActAsync(isRunning: true) : Task.CompletedTask;
}
