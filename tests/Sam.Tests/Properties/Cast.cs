using System.Security.Cryptography.X509Certificates;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;

namespace Sam.Tests.Properties;

/// <summary>Who plays: alice with two credentials and bob with one; a client of both, one of alice alone, and one that nobody knows.</summary>
internal sealed class Cast
{
    /// <summary>How many signatures each credential may authorize at once.</summary>
    internal const int Multisign = 4;

    private static readonly Lazy<Task<(SamTestBed Bed, TestSigner[] Credentials)>> _first = new(RegisterAsync);

    private readonly Dictionary<CredentialId, DateTimeOffset> _certificateEnds = [];
    private readonly Dictionary<SignerId, List<string>> _pins = [];

    private Cast(TestSigner[] credentials)
    {
        Credentials = credentials;
        foreach (TestSigner credential in credentials)
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(credential.Certificate);
            _certificateEnds[credential.Credential] = certificate.NotAfter.ToUniversalTime();
            _pins[credential.Id] = [credential.Pin.Reveal()];
        }
    }

    internal IReadOnlyList<TestSigner> Credentials { get; }

    internal IReadOnlyList<ClientId> Clients { get; } = [SamTestBed.Id("sca"), SamTestBed.Id("sca-of-alice"), SamTestBed.Id("stranger")];

    internal IReadOnlyList<SignerId> Signers => [Credentials[0].Id, Credentials[2].Id];

    /// <summary>A SAM of its own with this cast. Keys and certificates are made once, and not for each sequence.</summary>
    internal static async Task<(SamTestBed Bed, Cast Cast)> OpenAsync()
    {
        (SamTestBed bed, TestSigner[] credentials) = await _first.Value;
        return (await bed.CopyAsync(), new Cast(credentials));
    }

    private static async Task<(SamTestBed Bed, TestSigner[] Credentials)> RegisterAsync()
    {
        SamTestBed bed = await SamTestBed.OpenAsync();
        Caller ofAlice = await bed.AddClientAsync("sca-of-alice");
        TestSigner first = await bed.AddSignerAsync("alice", KeyAlgorithm.P256, Multisign, LinkedClients.Of(bed.Client, ofAlice.Client));
        TestSigner second = await bed.AddCredentialAsync("alice", first.Id, first.Pin, KeyAlgorithm.P384, Multisign);
        TestSigner third = await bed.AddSignerAsync("bob", KeyAlgorithm.P256, Multisign);

        // It ends while SADs of the sequence are good still.
        byte[] shortLived = bed.IssueCertificate(second.Key, bed.Clock.GetUtcNow().AddDays(-1), bed.Clock.GetUtcNow().AddSeconds(200));
        _ = (await bed.Sam.SetCertificateAsync(second.Credential, [shortLived], CancellationToken.None)).Value;
        return (bed, [first, second with { Certificate = shortLived }, third]);
    }

    internal TestSigner Find(CredentialId credential) => Credentials.Single(c => c.Credential == credential);

    internal DateTimeOffset CertificateEndOf(CredentialId credential) => _certificateEnds[credential];

    /// <summary>The one algorithm that goes with the credential's key.</summary>
    internal SignatureAlgorithm AlgorithmOf(CredentialId credential) =>
        Find(credential).Key.Algorithm == KeyAlgorithm.P384 ? SignatureAlgorithm.EcdsaSha384 : SignatureAlgorithm.EcdsaSha256;

    /// <summary>Whether this caller may act on the credential at all: a user's token is that signer's own, and the client is one of theirs.</summary>
    internal SamErrorCode? FindObstacle(Caller caller, CredentialId credential)
    {
        string signer = Find(credential).UserId;
        return caller.User is { } user && user != signer ? SamErrorCode.CredentialOfAnotherSigner
            : caller.Client == Clients[0] || (caller.Client == Clients[1] && signer == "alice") ? null
            : SamErrorCode.ClientNotLinked;
    }

    internal int PinCount(SignerId signer) => _pins[signer].Count;

    internal string PinOf(CredentialId credential, int number) => _pins[credential.Signer][number];

    internal int AddPin(SignerId signer, string pin)
    {
        _pins[signer].Add(pin);
        return _pins[signer].Count - 1;
    }
}
