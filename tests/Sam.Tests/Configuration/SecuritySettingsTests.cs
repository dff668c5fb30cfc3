using Sam.Api.Authentication;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Certificates;
using Sam.Core.Configuration;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Officers;
using Sam.Testing.Certificates;
using Xunit;

namespace Sam.Tests.Configuration;

/// <summary>What is part of the document that two sign: everything, but for what is named here.</summary>
[Trait("Requirement", "SYS-3")]
public sealed class SecuritySettingsTests
{
    private static readonly ActivationModuleOptions _defaults = new();

    [Fact]
    public void Every_option_is_part_of_it_but_for_places_and_sizes_of_an_instance()
    {
        string[] names = [.. SecuritySettings.Of(_defaults, ("Authentication", new SamAuthenticationOptions { Mode = AuthenticationMode.Oidc })).Items.Select(s => s.Name)];
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        string[] expected =
        [
            "Activation:ApprovalLifetime", "Activation:MaxDigestsInHand", "Activation:MaxLoginAge", "Activation:MaxSpendToKeyUse", "Activation:MaxSpendToRelease", "Activation:MaxTransactionLife",
            "Activation:Retention", "Activation:SadLifetime", "Audit:CheckpointInterval", "Authentication:ClockSkew", "Authentication:EntraId:Instance", "Authentication:Mode",
            "Certificates:AcceptAnyChain", "Certificates:KeyUsages", "Certificates:RequireOcspNonce", "Certificates:Revocation", "Certificates:RevocationCacheTime", "Certificates:RevocationTimeout",
            "Certificates:TrustAnchors", "Encryption:Demand", "Encryption:KeyLifetime", "Keys:ImportedUpToLevel", "Officers:CodeLifetime", "Officers:ProposalLifetime",
            "Pin:Cost:Iterations", "Pin:Cost:MemoryKiB", "Pin:Cost:Parallelism", "Pin:MaxAttempts", "Pin:MaxAttemptsEver",
        ];
        Assert.Equal(expected, names);
    }

    [Fact]
    public void Each_setting_that_differs_makes_another_document()
    {
        using TestAuthority one = TestAuthority.Root(DateTimeOffset.UtcNow.AddDays(-1));
        using TestAuthority two = TestAuthority.Root(DateTimeOffset.UtcNow.AddDays(-1));
        SamAuthenticationOptions oidc = new() { Mode = AuthenticationMode.Oidc, Oidc = new OidcOptions { Authority = "https://one.example" } };
        SamAuthenticationOptions other = new() { Mode = AuthenticationMode.Oidc, Oidc = new OidcOptions { Authority = "https://two.example" } };
        string[] digests =
        [
            SecuritySettings.Of(_defaults).Digest,
            SecuritySettings.Of(_defaults with { Pin = new PinPolicy { MaxAttempts = 6 } }).Digest,
            SecuritySettings.Of(_defaults with { Activation = new ActivationPolicy { SadLifetime = TimeSpan.FromSeconds(299) } }).Digest,
            SecuritySettings.Of(_defaults with { Levels = new LevelPolicy { CertificateOfThisSam = "one" } }).Digest,
            SecuritySettings.Of(_defaults with { Keys = new KeyPolicy { Algorithms = ["p256"] } }).Digest,
            SecuritySettings.Of(_defaults with { Keys = new KeyPolicy { Algorithms = ["p256", "p384"] } }).Digest,
            SecuritySettings.Of(_defaults with { Encryption = new EncryptionPolicy { Demand = EncryptionDemand.None } }).Digest,
            SecuritySettings.Of(_defaults with { Certificates = new CertificatePolicy { TrustAnchors = one.CertificatePem } }).Digest,
            SecuritySettings.Of(_defaults with { Certificates = new CertificatePolicy { TrustAnchors = two.CertificatePem } }).Digest,
            SecuritySettings.Of(_defaults, ("Authentication", oidc)).Digest,
            SecuritySettings.Of(_defaults, ("Authentication", other)).Digest,
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(digests[0], SecuritySettings.Of(new ActivationModuleOptions()).Digest);
        Assert.Equal(
            digests[0],
            SecuritySettings.Of(_defaults with { Officers = new OfficerPolicy { InitializationSecretDigest = new string('0', 64) }, Pin = new PinPolicy { MaxConcurrentEvaluations = 99 } }).Digest);
    }

    [Fact]
    public void A_document_is_what_was_read_in_any_order_and_nothing_that_is_none()
    {
        SecuritySettings running = SecuritySettings.Of(_defaults);
        Assert.Equal(running.Digest, SecuritySettings.Parse([.. running.Items.Reverse()])?.Digest);
        Assert.NotEqual(running.Digest, SecuritySettings.Parse([.. running.Items.Skip(1)])?.Digest);
        Assert.Null(SecuritySettings.Parse([]));
        Assert.Null(SecuritySettings.Parse([.. running.Items, running.Items[0]]));
        Assert.Null(SecuritySettings.Parse([new Setting("a\nb", "c")]));
        Assert.Null(SecuritySettings.Parse([new Setting("a", "b\nc")]));
        Assert.Null(SecuritySettings.Parse([.. Enumerable.Range(0, 501).Select(i => new Setting($"a{i}", "b"))]));

        // No two lists of texts are joined to the same bytes.
        Assert.NotEqual(SecuritySettings.Parse([new Setting("ab", "c")])?.Digest, SecuritySettings.Parse([new Setting("a", "bc")])?.Digest);
    }
}
