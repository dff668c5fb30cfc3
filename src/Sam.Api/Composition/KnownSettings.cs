using Microsoft.Extensions.Configuration;
using Sam.Api.Authentication;

namespace Sam.Api.Composition;

/// <summary>A misspelled limit must not leave a default in its place, so a setting that nobody reads stops the start.</summary>
internal static class KnownSettings
{
    /// <summary>Read by the host or by what it is built of, each strictly.</summary>
    private static readonly string[] _ofHosts = ["Storage", "Audit", "Pkcs11", "ManagedHsm", "Development"];

    /// <exception cref="InvalidOperationException">A setting is not known, or not of its type.</exception>
    internal static void Check(IConfigurationSection section)
    {
        ConfigurationBuilder own = new();
        own.AddInMemoryCollection(section.AsEnumerable(makePathsRelative: true).Where(setting => !_ofHosts.Contains(setting.Key.Split(':')[0], StringComparer.OrdinalIgnoreCase)));
        _ = own.Build().Get<All>(binder => binder.ErrorOnUnknownConfiguration = true);
    }

    /// <summary>All that stands in the section itself.</summary>
    private sealed class All
    {
        public SamAuthenticationOptions? Authentication { get; set; }

        public Core.Activation.ActivationPolicy? Activation { get; set; }

        public Core.Factors.PinPolicy? Pin { get; set; }

        public Core.Factors.LevelPolicy? Levels { get; set; }

        public Core.Encryption.EncryptionPolicy? Encryption { get; set; }

        public Core.Credentials.KeyPolicy? Keys { get; set; }

        public Core.Officers.OfficerPolicy? Officers { get; set; }

        public Core.Certificates.CertificatePolicy? Certificates { get; set; }

        public Uri? PublicAddress { get; set; }

        public InfoOptions? Info { get; set; }

        public GateOptions? Gate { get; set; }

        public int? MaxBodyBytes { get; set; }
    }
}
