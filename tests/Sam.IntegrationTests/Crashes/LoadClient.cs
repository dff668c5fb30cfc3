using System.Security.Cryptography;
using Sam.IntegrationTests.Hosts;
using Sam.Testing.Csc;

namespace Sam.IntegrationTests.Crashes;

/// <summary>
/// One signing application that goes on whatever happens to its SAM: it authorizes, signs, repeats what was cut off, sends spent SADs again and mistypes PINs.
/// It takes note of every SAD and signature that reached it.
/// </summary>
internal sealed class LoadClient
{
    private readonly Departures _departures;
    private readonly Random _random;
    private readonly Action _answered;
    private CscClient _client;
    private byte[] _digest = [];
    private string? _sad;

    internal LoadClient(CscClient client, TestCredential credential, Departures departures, int seed, Action answered)
    {
        _answered = answered;
        _client = client;
        Credential = credential;
        _departures = departures;
        _random = new Random(seed);
    }

    internal TestCredential Credential { get; }

    /// <summary>Wrong PINs that a SAM has told of since the PIN was last set: at least these are counted.</summary>
    internal int WrongPins { get; private set; }

    /// <summary>Requests that were sent and never answered.</summary>
    internal int CutOff { get; private set; }

    /// <summary>Signatures received.</summary>
    internal int Signed { get; private set; }

    /// <summary>SADs that a SAM said were spent when they were sent again.</summary>
    internal int Replays { get; private set; }

    /// <summary>Answers that nothing explains.</summary>
    internal List<string> Surprises { get; } = [];

    /// <summary>Works until the hosts are over. Each host is waited for; null is the end.</summary>
    internal async Task RunAsync(Func<Task<LocalHostProcess?>> nextAsync)
    {
        while (await nextAsync() is { } host)
        {
            await TryAsync(() => StepAsync(host));
        }
    }

    /// <summary>Sends what is left to be signed: a SAD whose spend did not reach the table still works.</summary>
    internal async Task FinishAsync(LocalHostProcess host)
    {
        _client = _client.At(host.Http);
        while (_sad is not null && Surprises.Count == 0)
        {
            await SignAsync();
        }
    }

    private async Task TryAsync(Func<Task> step)
    {
        try
        {
            await step();
            _answered();
        }
        catch (HttpRequestException gone) when (gone.HttpRequestError == HttpRequestError.ConnectionError)
        {
            // It never reached the host, which was dead already.
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException or OperationCanceledException)
        {
            CutOff++;
        }
        catch (ObjectDisposedException)
        {
            // The test has put the dead host's connections away.
        }
    }

    private async Task StepAsync(LocalHostProcess host)
    {
        _client = _client.At(host.Http);
        if (_sad is null)
        {
            await AuthorizeAsync(host);
        }
        else
        {
            await SignAsync();
        }
    }

    private async Task AuthorizeAsync(LocalHostProcess host)
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        bool mistyped = _random.Next(8) == 0;
        CscReply reply = await _client.AuthorizeAsync(Credential, [digest], mistyped ? RandomNumberGenerator.GetHexString(24) : null);
        if (reply.Status == 200)
        {
            if (mistyped)
            {
                Surprises.Add("a wrong PIN authorized");
            }

            (_sad, _digest) = (reply.Sad, digest);
            _departures.Sad(_sad, Credential, digest);
        }
        else if (mistyped && reply.Error == "invalid_authentication_data")
        {
            WrongPins++;
        }
        else if (reply.Description == "Credential locked")
        {
            // Attempts that were cut off stay counted, and lock the PIN in the end. Whether the new one arrived is not known when this is cut off, too.
            WrongPins = 0;
            await host.SetPinAsync(Credential.Signer);
        }
        else if (reply.Status != 503)
        {
            Surprises.Add($"authorize: {reply} {reply.Description}");
        }
    }

    private async Task SignAsync()
    {
        string sad = _sad!;
        CscReply reply = await _client.SignHashAsync(Credential, sad, [_digest]);
        if (reply.Status == 200)
        {
            Signed++;
            _departures.Signature(sad, reply.Signatures.Single());

            // Sometimes once more: the note above is what notices a second signature.
            _sad = _random.Next(4) == 0 ? sad : null;
        }
        else if (reply.Description == "Invalid parameter SAD")
        {
            Replays++;
            _departures.Of(sad).ToldSpent = true;
            _sad = null;
        }
        else if (reply.Status != 503)
        {
            Surprises.Add($"signHash: {reply} {reply.Description}");
            _sad = null;
        }
    }
}
