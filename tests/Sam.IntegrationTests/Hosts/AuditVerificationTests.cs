using System.Security.Cryptography;
using Azure.Data.Tables;
using Sam.Cli;
using Sam.Cli.Commands;
using Sam.Core.Rows;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>The audit of real hosts, verified over the raw table and as an export by somebody who has the SAM's certificate, the file of heads, and nothing else.</summary>
[Trait("Requirement", "SYS-4")]
[Trait("Requirement", "T-INS-3")]
public sealed class AuditVerificationTests : IDisposable
{
    private readonly AzuriteFixture _azurite;
    private readonly Deployment _deployment;
    private readonly string _folder = Directory.CreateTempSubdirectory("functionssam-audit-").FullName;

    public AuditVerificationTests(SoftHsmFixture hsm, AzuriteFixture azurite)
    {
        _azurite = azurite;
        _deployment = new Deployment(hsm, azurite);
    }

    private string[] Knowledge => ["--table", Table, "--certificate", "sam.pem", "--witness", "heads"];

    private string Table => _deployment.TablePrefix + nameof(SamTable.Audit);

    private string[] Heads => File.ReadAllLines(Path.Combine(_folder, "heads"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_hosts_leave_is_clean_and_what_is_taken_from_it_is_named()
    {
        await using (LocalHostProcess first = await StartAsync())
        {
            (CscClient client, TestCredential credential) = await first.MakeAsync();
            byte[] digest = RandomNumberGenerator.GetBytes(32);
            _ = await client.SignHashAsync(credential, await client.GetSadAsync(credential, digest), [digest]);
            object signing = new
            {
                credentialID = credential.Id,
                SAD = await client.GetSadAsync(credential, digest),
                hashes = new[] { Convert.ToBase64String(digest) },
                signAlgo = "1.2.840.10045.4.3.2",
                receipt = true,
            };
            string receipt = (await client.PostAsync("signatures/signHash", signing)).Success().GetProperty("receipt").GetString()!;
            await File.WriteAllTextAsync(Path.Combine(_folder, "receipts"), receipt + "\n", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(_folder, "unsaid"), receipt[..^1] + (receipt[^1] == '0' ? '1' : '0') + "\n", TestContext.Current.CancellationToken);
            Assert.Equal(0, (await RunAsync(first, "identity", "--out", "sam.pem")).ExitCode);
            Assert.Equal(0, await first.StopAsync());
        }

        await using (LocalHostProcess second = await StartAsync())
        {
            Assert.Equal(0, await second.StopAsync());
        }

        (int exitCode, string output, string error) = await RunAsync(null, ["audit", "verify", .. Knowledge]);
        Assert.True(exitCode == 0, error);
        Assert.Matches("chains +2\n", output);
        Assert.Matches("signed by this SAM", output);
        Assert.Matches("rows after the last known head +0\n", output);
        Assert.True(Heads.Length >= 2);

        // A client's receipt is a head that was kept elsewhere.
        (exitCode, _, error) = await RunAsync(null, "audit", "verify", "--table", Table, "--certificate", "sam.pem", "--witness", "receipts");
        Assert.True(exitCode == 0, error);
        Assert.Equal(1, (await RunAsync(null, "audit", "verify", "--table", Table, "--certificate", "sam.pem", "--witness", "unsaid")).ExitCode);

        (_, string export, _) = await RunAsync(null, "audit", "export", "--table", Table);
        await File.WriteAllTextAsync(Path.Combine(_folder, "rows.ndjson"), export, TestContext.Current.CancellationToken);
        Assert.Equal((0, output), await JudgeAsync("rows.ndjson"));

        string chain = Heads[^1].Split(' ')[0];
        TableClient table = new TableServiceClient(_azurite.ConnectionString).GetTableClient(Table);
        await table.DeleteEntityAsync(chain + "-0000000000", $"{0:d12}", cancellationToken: TestContext.Current.CancellationToken);
        (exitCode, _, error) = await RunAsync(null, ["audit", "verify", .. Knowledge]);
        Assert.Equal(1, exitCode);
        Assert.Contains(chain, error, StringComparison.Ordinal);
        Assert.Equal((0, output), await JudgeAsync("rows.ndjson"));
    }

    private Task<LocalHostProcess> StartAsync() => _deployment.StartAsync(("Sam__Audit__HeadsFile", Path.Combine(_folder, "heads")), ("Sam__Audit__CheckpointInterval", "00:00:01"));

    private async Task<(int ExitCode, string Output)> JudgeAsync(string file)
    {
        (int exitCode, string output, _) = await RunAsync(null, ["audit", "verify", file, .. Knowledge]);
        return (exitCode, output);
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(LocalHostProcess? sam, params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        Dictionary<string, string?> variables = new(StringComparer.Ordinal)
        {
            ["SAM_URL"] = sam?.Http.BaseAddress!.ToString(),
            ["SAM_TOKEN"] = sam is null ? null : await sam.GetTokenAsync("console"),
            ["SAM_AUDIT_TABLES"] = _azurite.ConnectionString,
        };
        CliHost host = new(TextReader.Null, output, error, variables.GetValueOrDefault, _folder, Colour: false, TimeProvider.System);
        int exitCode = await SamCommandLine.RunAsync(arguments, host, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), error.ToString());
    }
}
