using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Sam.Core;
using Sam.Core.Certificates;
using Sam.Testing.Certificates;
using Xunit;

namespace Sam.Tests.Certificates;

/// <summary>Settings that would trust nobody knows whom stop the start.</summary>
public sealed class CertificatePolicyTests : IDisposable
{
    private static readonly DateTimeOffset _now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly TestAuthority _root = TestAuthority.Root(_now);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sam-anchors-");

    public void Dispose()
    {
        _root.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void The_defaults_are_well_and_trust_nobody()
    {
        CertificatePolicy policy = new();
        Assert.Null(policy.FindFault());
        Assert.Empty(policy.LoadAnchors());
        Assert.False(policy.AcceptAnyChain);
    }

    [Fact]
    public void Each_fault_is_named()
    {
        using TestAuthority below = _root.Below(_now);
        (CertificatePolicy Policy, string Name)[] faults =
        [
            (new() { KeyUsages = X509KeyUsageFlags.None }, "KeyUsages"),
            (new() { KeyUsages = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign }, "KeyUsages"),
            (new() { Revocation = (RevocationMode)9 }, "Revocation"),
            (new() { RevocationCacheTime = TimeSpan.FromSeconds(-1) }, "RevocationCacheTime"),
            (new() { RevocationCacheTime = TimeSpan.FromHours(2) }, "RevocationCacheTime"),
            (new() { RevocationTimeout = TimeSpan.Zero }, "RevocationTimeout"),
            (new() { RevocationTimeout = TimeSpan.FromSeconds(11) }, "RevocationTimeout"),
            (new() { TrustAnchors = "nothing" }, "TrustAnchors"),
            (new() { TrustAnchors = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }, "TrustAnchors"),
            (new() { TrustAnchors = below.CertificatePem }, "TrustAnchors"),
            (new() { TrustAnchorFiles = [Path.Combine(_folder.FullName, "missing.pem")] }, "TrustAnchors"),
            (new() { TrustAnchorFiles = [_folder.FullName] }, "TrustAnchors"),
            (new() { TrustAnchorFiles = [""] }, "TrustAnchors"),
            (new() { TrustAnchors = _root.CertificatePem, AcceptAnyChain = true }, "AcceptAnyChain"),
            (new() { Revocation = RevocationMode.SoftFail }, "Revocation"),
            (new() { Revocation = RevocationMode.HardFail, AcceptAnyChain = true }, "Revocation"),
        ];
        Assert.All(faults, f => Assert.StartsWith($"Certificates:{f.Name} ", f.Policy.FindFault(), StringComparison.Ordinal));
    }

    [Fact]
    public void Anchors_come_from_files_of_either_form_and_from_text()
    {
        using TestAuthority second = TestAuthority.Root(_now, "Second");
        using TestAuthority third = TestAuthority.Root(_now, "Third");
        using TestAuthority fourth = TestAuthority.Root(_now, "Fourth");
        string pem = Path.Combine(_folder.FullName, "two.pem");
        string der = Path.Combine(_folder.FullName, "one.der");
        File.WriteAllText(pem, $"# ours\n{_root.CertificatePem}\n{second.CertificatePem}\n");
        File.WriteAllBytes(der, third.CertificateDer);
        CertificatePolicy policy = new() { TrustAnchorFiles = [pem, der], TrustAnchors = fourth.CertificatePem, Revocation = RevocationMode.HardFail };
        Assert.Null(policy.FindFault());
        Assert.Equal(["CN=Test root", "CN=Second", "CN=Third", "CN=Fourth"], policy.LoadAnchors().Select(a => a.Subject));
    }

    [Fact]
    public void It_is_bound_from_the_configuration()
    {
        ConfigurationBuilder builder = new();
        builder.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Certificates:TrustAnchorFiles:0"] = "/etc/sam/a.pem",
            ["Certificates:TrustAnchorFiles:1"] = "/etc/sam/b.pem",
            ["Certificates:KeyUsages"] = "NonRepudiation",
            ["Certificates:Revocation"] = "HardFail",
            ["Certificates:RevocationCacheTime"] = "00:01:00",
            ["Certificates:RequireOcspNonce"] = "true",
        });
        CertificatePolicy policy = builder.Build().Get<ActivationModuleOptions>()!.Certificates;
        Assert.Equal(["/etc/sam/a.pem", "/etc/sam/b.pem"], policy.TrustAnchorFiles);
        Assert.Equal((X509KeyUsageFlags.NonRepudiation, RevocationMode.HardFail, TimeSpan.FromMinutes(1), true), (policy.KeyUsages, policy.Revocation, policy.RevocationCacheTime, policy.RequireOcspNonce));
    }
}
