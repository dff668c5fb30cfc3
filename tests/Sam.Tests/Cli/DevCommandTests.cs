using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Credentials;
using Sam.Core.Signers;
using Xunit;

namespace Sam.Tests.Cli;

public sealed class DevCommandTests
{
    [Theory]
    [InlineData("rsa2048")]
    [InlineData("rsa3072")]
    [InlineData("p256")]
    [InlineData("p384")]
    [InlineData("p521")]
    public async Task A_signer_gets_a_certified_credential_and_its_id_is_all_that_is_printed(string key)
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        Assert.Equal(0, await run.RunAsync("dev", "signer", "alice", "--pin", "A-long-enough-PIN-1", "--key", key));

        Assert.Empty(run.Error);
        CredentialView credential = Assert.Single(await sam.CredentialsAsync());
        Assert.Equal(credential.Id.Value + Environment.NewLine, run.Out);
        Assert.Equal((key, 2, 256, CredentialStatus.Active), (credential.KeyAlgorithm.Name, credential.Certificates.Count, credential.Multisign, credential.Status));
        SignerView signer = Assert.Single(await sam.SignersAsync());
        Assert.Equal(("alice", "alice", SignerStatus.Active, true), (signer.UserId, signer.Subject, signer.Status, signer.Clients.Any));
        Assert.Equal("A-long-enough-PIN-1", sam.Pins["alice"]);
    }

    [Fact]
    public async Task Clients_and_multisign_reach_the_SAM()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        Assert.Equal(0, await run.RunAsync("dev", "signer", "bob", "--pin", "A-long-enough-PIN-2", "--key", "p256", "--client", "a", "--client", "b", "--multisign", "12"));

        SignerView signer = Assert.Single(await sam.SignersAsync());
        Assert.False(signer.Clients.Any);
        Assert.Equal(["a", "b"], signer.Clients.Ids);
        Assert.Equal(12, Assert.Single(await sam.CredentialsAsync()).Multisign);
        Assert.Equal(["a", "b"], (await sam.ApprovedClientsAsync()).Intersect(["a", "b"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_second_run_gives_the_same_signer_another_credential_and_another_PIN()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        Assert.Equal(0, await run.RunAsync("dev", "signer", "alice", "--pin", "A-long-enough-PIN-1", "--key", "p256"));
        Assert.Equal(0, await run.RunAsync("dev", "signer", "alice", "--pin", "A-long-enough-PIN-2", "--key", "p256", "--client", "late"));

        Assert.True(Assert.Single(await sam.SignersAsync()).Clients.Any);
        Assert.Equal(2, (await sam.CredentialsAsync()).Count(c => c.Status == CredentialStatus.Active));
        Assert.Equal("A-long-enough-PIN-2", sam.Pins["alice"]);
        Assert.Equal(4, (await sam.OfficersAsync()).Count(o => o.IsEnrolled));
    }

    [Fact]
    public async Task A_deployment_that_somebody_initialised_by_hand_is_left_to_its_officers()
    {
        await using StandInSam sam = await StandInSam.StartAsync(isInitialized: true);
        using var run = new CliRun(sam);

        Assert.Equal(1, await run.RunAsync("dev", "signer", "alice", "--pin", "A-long-enough-PIN-1", "--key", "p256"));

        Assert.StartsWith("sam: The officers of this deployment are not the development ones", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Empty(await sam.SignersAsync());
        Assert.Equal(3, (await sam.OfficersAsync()).Count);
    }

    [Fact]
    public async Task A_one_time_secret_of_somebody_else_is_said()
    {
        await using StandInSam sam = await StandInSam.StartAsync(StandInFault.KeepsItsSecret);
        using var run = new CliRun(sam);

        Assert.Equal(1, await run.RunAsync("dev", "signer", "alice", "--pin", "A-long-enough-PIN-1", "--key", "p256"));

        Assert.StartsWith("sam: This deployment is not initialised, and its one-time secret is not the development host's", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registration_officer_whose_code_was_lost_gets_another_one()
    {
        await using StandInSam sam = await StandInSam.StartAsync(StandInFault.LosesOfficersCode);
        using var run = new CliRun(sam.Url) { Clock = new ImpatientClock(sam.Clock) };

        Assert.Equal(0, await run.RunAsync("dev", "signer", "alice", "--pin", "A-long-enough-PIN-1", "--key", "p256"));

        Assert.Equal(4, (await sam.OfficersAsync()).Count(o => o.IsEnrolled));
    }

    [Fact]
    public async Task A_SAM_without_development_officers_is_no_development_SAM()
    {
        await using HostedSam sam = await HostedSam.StartAsync();
        using var run = new CliRun(sam.Url);

        Assert.Equal(1, await run.RunAsync("dev", "signer", "alice", "--pin", "A-long-enough-PIN-1", "--key", "p256"));

        Assert.Contains("it does not run in Development", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PIN_can_come_from_standard_input()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam) { Input = "typed by hand 0123\nand no more\n" };

        Assert.Equal(0, await run.RunAsync("dev", "signer", "carol", "--pin", "-", "--key", "p256"));

        Assert.Equal("typed by hand 0123", sam.Pins["carol"]);
    }

    [Fact]
    public async Task The_help_warns_of_PINs_on_the_command_line()
    {
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync("dev", "signer", "--help"));

        Assert.Contains("A PIN on the command line is for development only", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_is_for_signatures_under_a_serial_of_its_own()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);
        await run.RunAsync("dev", "signer", "dave", "--pin", "A-long-enough-PIN-3", "--key", "p256");
        await run.RunAsync("dev", "signer", "dave", "--pin", "A-long-enough-PIN-3", "--key", "p256");

        X509Certificate2[] certificates = [.. (await sam.CredentialsAsync()).Select(c => X509CertificateLoader.LoadCertificate(c.Certificates[0]))];

        Assert.All(certificates, c =>
        {
            Assert.Equal("CN=dave", c.Subject);
            Assert.Equal(X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.DigitalSignature, c.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
            Assert.False(c.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
            Assert.Equal(32, c.SerialNumber.Length);
            Assert.InRange(c.NotBefore.ToUniversalTime(), DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddMinutes(-4));
        });
        Assert.NotEqual(certificates[0].SerialNumber, certificates[1].SerialNumber);
        Array.ForEach(certificates, c => c.Dispose());
    }

    [Fact]
    public async Task A_token_is_printed_alone_and_asked_for_with_role_and_subject()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        Assert.Equal(0, await run.RunAsync("dev", "token", "my-client", "--role", "officer", "--sub", "alice"));

        Assert.Equal(Assert.Single(sam.Secrets).Value + Environment.NewLine, run.Out);
        Assert.Equal("client_id=my-client&grant_type=client_credentials&role=officer&sub=alice", Assert.Single(sam.TokenForms));
    }

    [Fact]
    public async Task A_token_without_options_is_asked_for_without_them()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        await run.RunAsync("dev", "token", "my-client");

        Assert.Equal("client_id=my-client&grant_type=client_credentials", Assert.Single(sam.TokenForms));
    }

    [Fact]
    public async Task A_refusal_is_one_line_with_error_and_description_that_cannot_steer_the_terminal()
    {
        await using StandInSam sam = await StandInSam.StartAsync(StandInFault.RefusesSigners);
        using var run = new CliRun(sam);

        Assert.Equal(1, await run.RunAsync("dev", "signer", "alice", "--pin", "1", "--key", "p256"));

        Assert.Equal("sam: invalid_request: The PIN is too short?[31m" + Environment.NewLine, run.Error);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task A_SAM_that_is_not_there_is_said_with_the_way_to_start_it()
    {
        // Bound and not listening: nobody else can take the port while the test runs.
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var run = new CliRun($"http://{taken.LocalEndPoint}");

        Assert.Equal(1, await run.RunAsync("dev", "token", "c"));

        Assert.Equal($"sam: No SAM answers at http://{taken.LocalEndPoint}/ (Connection refused). Is it up? ./dev up" + Environment.NewLine, run.Error);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1", "SAM_URL is not an address")]
    [InlineData("127.0.0.1:7180", "SAM_URL is not an address")]
    [InlineData("http://user:pass@127.0.0.1", "SAM_URL is not an address")]
    [InlineData("http://sam.example.org", "SAM_URL must be https")]
    public async Task An_address_that_makes_no_sense_or_would_leak_is_a_usage_error(string url, string said)
    {
        using var run = new CliRun(url);

        Assert.Equal(2, await run.RunAsync("dev", "token", "c"));

        Assert.StartsWith("sam: " + said, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sam: Required command was not provided. See: sam --help")]
    [InlineData("sam: Required command was not provided. See: sam dev --help", "dev")]
    [InlineData("sam: Option '--pin' is required. See: sam dev signer --help", "dev", "signer", "alice", "--key", "p256")]
    [InlineData("sam: Argument 'dsa' not recognized. Must be one of: 'rsa2048' 'rsa3072' 'rsa4096' 'p256' 'p384' 'p521' See: sam dev signer --help", "dev", "signer", "alice", "--pin", "1", "--key", "dsa")]
    [InlineData("sam: --multisign is at least 1. See: sam dev signer --help", "dev", "signer", "alice", "--pin", "1", "--key", "p256", "--multisign", "0")]
    [InlineData("sam: The PIN is empty.", "dev", "signer", "alice", "--pin", "-", "--key", "p256")]
    public async Task A_wrong_command_line_is_one_line_and_2_and_nothing_on_standard_output(string said, params string[] arguments)
    {
        using var run = new CliRun();

        Assert.Equal(2, await run.RunAsync(arguments));

        Assert.Equal((said + Environment.NewLine, string.Empty), (run.Error, run.Out));
    }
}
