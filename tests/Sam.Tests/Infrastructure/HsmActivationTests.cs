using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Testing.Run;
using Sam.Tests.Architecture;
using Xunit;

namespace Sam.Tests.Infrastructure;

/// <summary>The hook that activates the HSM and gives its roles: what it asks of Azure, and what it refuses to.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class HsmActivationTests : IDisposable
{
    private const string Sam = "aaaaaaaa-0000-0000-0000-000000000000";
    private const string Import = "bbbbbbbb-0000-0000-0000-000000000000";
    private const string Package = "cccccccc-0000-0000-0000-00000000000c";

    // What the SAM's own identities may never do at the HSM (security decision 20).
    private static readonly string[] _never = ["backup", "restore", "rotate", "release", "deletedKeys", "export", "encrypt", "roleAssignments", "securitydomain"];

    private static readonly Lazy<IReadOnlyList<string>> _certificates = new(() => [.. Enumerable.Range(0, 11).Select(_ => Certify())]);

    private readonly FakeAzure _azure = new();

    public HsmActivationTests() =>
        _azure.With("SAM_HSM_NAME", "samhsm").With("SAM_PRINCIPAL_ID", Sam).With("SAM_IMPORT_PRINCIPAL_ID", Import).With("SAM_PACKAGE_PRINCIPAL_ID", Package).With("SAM_HSM_SECURITY_DOMAIN", Domain).With("FAKE_DOMAIN", Domain);

    private string Domain => Path.Combine(_azure.Folder, "domain.json");

    public void Dispose() => _azure.Dispose();

    [Fact]
    public async Task A_new_HSM_is_activated_for_three_holders_and_gets_its_roles()
    {
        Holders(3);
        (int code, string said, IReadOnlyList<string> asked) = await RunAsync("NotActivated");
        Assert.True(code == 0, said);
        string download = Assert.Single(asked, line => line.Contains("security-domain download", StringComparison.Ordinal));
        Assert.Contains("holder0.pem", download, StringComparison.Ordinal);
        Assert.Contains("holder2.pem", download, StringComparison.Ordinal);
        Assert.Contains("--sd-quorum 2", download, StringComparison.Ordinal);
        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(Domain), 8));
        Assert.Equal(3, asked.Count(line => line.Contains("role definition create", StringComparison.Ordinal)));
        TestReport.Add("HSM activation", $"{asked.Count} commands to Azure for a new HSM, each as the table of roles says");
    }

    [Fact]
    public async Task Roles_and_scopes_are_those_of_the_table()
    {
        (int code, string said, IReadOnlyList<string> asked) = await RunAsync("Active");
        Assert.True(code == 0, said);
        Assert.DoesNotContain(asked, line => line.Contains("security-domain", StringComparison.Ordinal));
        string[] assigned = [.. asked.Where(line => line.Contains("role assignment create", StringComparison.Ordinal)).Select(line => line.Split("--scope ")[1])];
        const string Kind = "--assignee-principal-type ServicePrincipal --output none";
        Assert.Equal(
            [
                $"/keys --role sam-keys --assignee-object-id {Sam} {Kind}",
                $"/keys --role sam-wrapping --assignee-object-id {Sam} {Kind}",
                $"/keys --role sam-import --assignee-object-id {Import} {Kind}",
            ],
            assigned);
        string role = Assert.Single(asked, line => line.Contains("role definition", StringComparison.Ordinal) && line.Contains("\\\"sam-keys\\\"", StringComparison.Ordinal) && line.Contains("create", StringComparison.Ordinal));
        Assert.Contains("keys/read/action", role, StringComparison.Ordinal);
        Assert.Contains("keys/sign/action", role, StringComparison.Ordinal);
        Assert.DoesNotContain("unwrap", role, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_on_a_named_key_waits_until_the_key_is_there()
    {
        (int code, string said, IReadOnlyList<string> asked) = await _azure.With("SAM_HSM_NAMED_KEYS", "sam-anchor").RunAsync("activate-hsm", "Active");
        Assert.True(code == 0, said);
        Assert.Contains(asked, line => line.Contains($"--scope /keys/sam-anchor --role sam-anchor --assignee-object-id {Sam}", StringComparison.Ordinal));
        Assert.DoesNotContain(asked, line => line.Contains("/keys/sam-factors", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_role_that_exists_is_put_right_and_given_once()
    {
        _azure.Answer("role definition list", "cccccccc-0000-0000-0000-000000000000").Answer("--role sam-", "1");
        (int code, string said, IReadOnlyList<string> asked) = await RunAsync("Active");
        Assert.True(code == 0, said);
        Assert.Equal(3, asked.Count(line => line.Contains("role definition update", StringComparison.Ordinal) && line.Contains("cccccccc", StringComparison.Ordinal)));
        Assert.DoesNotContain(asked, line => line.Contains("definition create", StringComparison.Ordinal) || line.Contains("assignment create", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_role_that_the_table_does_not_know_stops_the_deployment()
    {
        _azure.Answer($"[?principalId=='{Sam}'].[roleName", @"sam-keys\t/keys\nManaged HSM Crypto User\t/\n");
        (int code, string said, _) = await RunAsync("Active");
        Assert.Equal(1, code);
        Assert.Contains("Managed HSM Crypto User /,", said, StringComparison.Ordinal);
    }

    // The app carries the package's identity, too; at the HSM it has nothing to do.
    [Fact]
    public async Task Not_even_a_role_of_the_table_is_for_the_packages_identity()
    {
        _azure.Answer($"[?principalId=='{Package}'].[roleName", @"sam-keys\t/keys\n");
        (int code, string said, _) = await RunAsync("Active");
        Assert.Equal(1, code);
        Assert.Contains($"{Package} also has the role sam-keys /keys", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Sam)]
    [InlineData(Import)]
    [InlineData(Package)]
    public async Task What_comes_through_a_group_is_not_seen_so_there_is_to_be_none(string who)
    {
        _azure.Answer($"servicePrincipals/{who}/transitiveMemberOf", @"crypto officers\nall\n");
        (int code, string said, _) = await RunAsync("Active");
        Assert.Equal(1, code);
        Assert.Contains($"{who} is in a group, and has the roles of that group: crypto officers, all.", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_that_cannot_be_had_are_not_none()
    {
        _azure.Answer("transitiveMemberOf", "Forbidden", code: 1);
        Assert.NotEqual(0, (await RunAsync("Active")).Code);
    }

    [Fact]
    public async Task A_list_of_roles_that_cannot_be_had_is_no_empty_list()
    {
        _azure.Answer($"[?principalId=='{Sam}'].[roleName", string.Empty, code: 1);
        Assert.NotEqual(0, (await RunAsync("Active")).Code);
    }

    [Theory]
    [InlineData(2, "2", "at least three holders")]
    [InlineData(3, "1", "SAM_HSM_QUORUM is 1")]
    [InlineData(3, "4", "SAM_HSM_QUORUM is 4")]
    [InlineData(11, "11", "SAM_HSM_QUORUM is 11")]
    [InlineData(3, "two", "SAM_HSM_QUORUM is two")]
    public async Task Too_few_holders_or_no_quorum_stops_before_anything_is_made(int holders, string quorum, string why)
    {
        Holders(holders);
        await Refused(_azure.With("SAM_HSM_QUORUM", quorum), why);
    }

    [Fact]
    public async Task A_private_key_is_refused()
    {
        Holders(3);
        await File.AppendAllTextAsync(Path.Combine(_azure.Folder, "holder1.pem"), "-----BEGIN PRIVATE KEY-----\n", TestContext.Current.CancellationToken);
        await Refused(_azure, "holds a private key");
    }

    [Fact]
    public async Task One_holder_twice_is_refused()
    {
        Holders(3);
        File.Copy(Path.Combine(_azure.Folder, "holder0.pem"), Path.Combine(_azure.Folder, "holder2.pem"), overwrite: true);
        await Refused(_azure, "one holder's key");
    }

    [Fact]
    public async Task An_activation_that_left_no_security_domain_behind_stops_the_deployment()
    {
        Holders(3);
        (int code, string said, IReadOnlyList<string> asked) = await _azure.With("FAKE_DOMAIN", string.Empty).RunAsync("activate-hsm", "NotActivated");
        Assert.Equal(1, code);
        Assert.Contains("is empty", said, StringComparison.Ordinal);
        Assert.DoesNotContain(asked, line => line.Contains("role", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_security_domain_is_never_overwritten()
    {
        Holders(3);
        await File.WriteAllTextAsync(Domain, "an older one", TestContext.Current.CancellationToken);
        await Refused(_azure, "is there already");
        Assert.Equal("an older one", await File.ReadAllTextAsync(Domain, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_security_domain_is_not_put_into_a_repository()
    {
        Holders(3);
        await Refused(_azure.With("SAM_HSM_SECURITY_DOMAIN", Repository.PathOf("infra/domain.json")), "is in a repository");
    }

    [Fact]
    public async Task An_HSM_in_any_other_state_stops_the_deployment() => await Refused(_azure, "neither active nor waiting", "Failed");

    [Fact]
    public async Task Without_an_HSM_nothing_is_asked() => Assert.Empty((await _azure.With("SAM_HSM_NAME", string.Empty).RunAsync("activate-hsm")).Asked);

    [Fact]
    public void The_table_gives_neither_identity_what_no_SAM_may_do()
    {
        string[][] rows = [.. Repository.Read("infra/roles/managed-hsm.tsv").Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('\t'))];
        Assert.All(rows, row => Assert.Equal(4, row.Length));
        Assert.All(rows.SelectMany(row => row[3].Split(' ')), action => Assert.DoesNotContain(_never, part => action.Contains(part, StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(["/keys/sam-anchor"], rows.Where(row => row[3].Contains("write", StringComparison.Ordinal)).Select(row => row[2]));
        Assert.Equal(["import"], rows.Where(row => row[3].Contains("import", StringComparison.Ordinal)).Select(row => row[0]));
    }

    private void Holders(int count)
    {
        string[] files = [.. Enumerable.Range(0, count).Select(i => Path.Combine(_azure.Folder, FormattableString.Invariant($"holder{i}.pem")))];
        foreach ((string file, string certificate) in files.Zip(_certificates.Value))
        {
            File.WriteAllText(file, certificate);
        }

        _azure.With("SAM_HSM_WRAPPING_CERTIFICATES", string.Join(':', files));
    }

    private static string Certify()
    {
        using RSA holder = RSA.Create(2048);
        CertificateRequest request = new("CN=holder", holder, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return certificate.ExportCertificatePem() + "\n";
    }

    private Task<(int Code, string Said, IReadOnlyList<string> Asked)> RunAsync(string status) => _azure.RunAsync("activate-hsm", status);

    private static async Task Refused(FakeAzure azure, string why, string status = "NotActivated")
    {
        (int code, string said, IReadOnlyList<string> asked) = await azure.RunAsync("activate-hsm", status);
        Assert.Equal(1, code);
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.DoesNotContain(asked, line => line.Contains("security-domain", StringComparison.Ordinal) || line.Contains("role", StringComparison.Ordinal));
    }
}
