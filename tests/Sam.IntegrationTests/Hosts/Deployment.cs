using Sam.Testing.Pkcs11;
using Sam.Testing.Tables;

namespace Sam.IntegrationTests.Hosts;

/// <summary>One deployment of the SAM: tables under a prefix of their own, an issuer's key, and as many hosts as a test needs. Token and Azurite are the run's.</summary>
public sealed class Deployment
{
    private readonly SoftHsmFixture _hsm;
    private readonly AzuriteFixture _azurite;

    /// <summary>A deployment on which no host has run yet.</summary>
    public Deployment(SoftHsmFixture hsm, AzuriteFixture azurite)
    {
        _hsm = hsm;
        _azurite = azurite;
        TablePrefix = AzuriteFixture.NewPrefix();
        IssuerKeyFile = Path.Combine(Directory.CreateTempSubdirectory("functionssam-issuer-").FullName, "issuer.pem");
    }

    /// <summary>What the names of the tables begin with.</summary>
    public string TablePrefix { get; }

    /// <summary>The development issuer's key: all hosts of a deployment take each other's tokens.</summary>
    public string IssuerKeyFile { get; }

    /// <summary>Starts a host.</summary>
    public Task<LocalHostProcess> StartAsync(params (string Key, string Value)[] changes) => LocalHostProcess.StartAsync(Settings(changes));

    /// <summary>A host's environment; what is given here wins.</summary>
    public IReadOnlyDictionary<string, string> Settings(params (string Key, string Value)[] changes)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["Logging__LogLevel__Default"] = "Trace",
            ["Logging__LogLevel__Microsoft.AspNetCore"] = "Trace",
            ["SOFTHSM2_CONF"] = _hsm.ConfigPath,
            ["Sam__Pkcs11__ModulePath"] = _hsm.ModulePath,
            ["Sam__Pkcs11__TokenLabel"] = _hsm.TokenLabel,
            ["Sam__Pkcs11__PinFile"] = _hsm.PinFile,
            ["Sam__Storage__ConnectionString"] = _azurite.ConnectionString,
            ["Sam__Storage__TablePrefix"] = TablePrefix,
            ["Sam__Audit__ConnectionString"] = _azurite.ConnectionString,
            ["Sam__Audit__TablePrefix"] = TablePrefix,
            ["Sam__Authentication__Mode"] = "Development",
            ["Sam__Development__IssuerKeyFile"] = IssuerKeyFile,
        };
        foreach ((string key, string value) in changes)
        {
            settings[key] = value;
        }

        return settings;
    }
}
