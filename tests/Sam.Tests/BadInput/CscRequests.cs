using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Sam.Tests.Pipeline;

namespace Sam.Tests.BadInput;

/// <summary>Requests that nothing stands against, one per method that reads a body: what bad ones are made of.</summary>
internal sealed class CscRequests
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    private readonly PipelineBed _bed;
    private readonly TestSigner _signer;
    private readonly Digest[] _digests = Digests.Some(2);
    private SecretText _pin;

    private CscRequests(PipelineBed bed, TestSigner signer)
    {
        _bed = bed;
        _signer = signer;
        _pin = signer.Pin;
    }

    internal static IReadOnlyList<string> Routes { get; } = ["v2-credentials-list", "v2-credentials-info", "v2-credentials-authorize", "v2-signatures-signHash"];

    internal static async Task<CscRequests> OpenAsync(PipelineBed bed) => new(bed, await bed.Sam.AddSignerAsync());

    internal async Task<JsonObject> ValidAsync(string route) => route switch
    {
        "v2-credentials-list" => new JsonObject
        {
            ["userID"] = _signer.UserId,
            ["credentialInfo"] = true,
            ["certificates"] = "chain",
            ["certInfo"] = true,
            ["authInfo"] = true,
            ["onlyValid"] = false,
            ["clientData"] = "x",
        },
        "v2-credentials-info" => new JsonObject
        {
            ["credentialID"] = _signer.Credential.Value,
            ["certificates"] = "single",
            ["certInfo"] = true,
            ["authInfo"] = true,
            ["clientData"] = "x",
        },
        "v2-credentials-authorize" => Authorize(),
        _ => new JsonObject
        {
            ["credentialID"] = _signer.Credential.Value,
            ["SAD"] = await NewSadAsync(),
            ["hashes"] = Hashes(),
            ["hashAlgorithmOID"] = Sha256,
            ["signAlgo"] = "1.2.840.10045.4.3.2",
            ["operationMode"] = "S",
            ["clientData"] = "x",
        },
    };

    /// <summary>A new PIN: what mutants that kept all else guess at the old one would lock it.</summary>
    internal async Task RenewPinAsync()
    {
        _pin = SamTestBed.NewPin();
        _ = (await _bed.Sam.Sam.SetPinAsync(_signer.Id, _pin, CancellationToken.None)).Value;
    }

    private async Task<string> NewSadAsync()
    {
        Answer answer = await _bed.SendAsync("v2-credentials-authorize", Authorize().ToJsonString());
        using JsonDocument issued = JsonDocument.Parse(answer.Text);
        return issued.RootElement.GetProperty("SAD").GetString()!;
    }

    private JsonObject Authorize() => new()
    {
        ["credentialID"] = _signer.Credential.Value,
        ["numSignatures"] = _digests.Length,
        ["hashes"] = Hashes(),
        ["hashAlgorithmOID"] = Sha256,
        ["authData"] = new JsonArray(new JsonObject { ["id"] = "PIN", ["value"] = _pin.Reveal() }),
        ["description"] = string.Create(CultureInfo.InvariantCulture, $"{_digests.Length} documents"),
        ["clientData"] = "x",
    };

    private JsonArray Hashes() => [.. _digests.Select(d => (JsonNode)Convert.ToBase64String(d.Value))];
}
