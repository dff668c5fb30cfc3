using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Sam.Testing.Hsm;
using Sam.Tests.Architecture;
using Xunit;

namespace Sam.Tests.Infrastructure;

/// <summary>The hooks of <c>azd</c>, and the file that names them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class HookTests : IDisposable
{
    private readonly FakeAzure _azure = new();

    public void Dispose() => _azure.Dispose();

    // Fails, and does not skip, where shellcheck is missing: ./dev test installs it.
    [Fact]
    public async Task Shellcheck_has_nothing_to_say()
    {
        string[] hooks = [.. Repository.Files("infra/hooks", ".sh").Select(Repository.PathOf)];
        Assert.Equal(6, hooks.Length);
        Assert.Empty(await Tool.RunAsync("shellcheck", ["--enable=check-unassigned-uppercase,require-double-brackets", .. hooks], environment: null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Shellcheck_notices_an_unquoted_variable()
    {
        string script = Path.Combine(_azure.Folder, "bad.sh");
        await File.WriteAllTextAsync(script, "#!/usr/bin/env bash\nrm -r $1\n", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Tool.RunAsync("shellcheck", [script], environment: null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Azd_finds_what_azure_yaml_names()
    {
        string yaml = Repository.Read("azure.yaml");
        // A layer's hooks are found from the layer's folder, the others from the file's own.
        string[] runs = [.. Run().Matches(yaml).Select(m => m.Groups["path"].Value).Select(path => path.StartsWith("hooks/", StringComparison.Ordinal) ? $"infra/{path}" : path)];
        Assert.Equal(Repository.Files("infra/hooks", ".sh"), runs.Order(StringComparer.Ordinal));
        Assert.All(runs, path => Assert.True(File.GetUnixFileMode(Repository.PathOf(path)).HasFlag(UnixFileMode.UserExecute), $"chmod +x {path}"));
        // Opened before, and closed after: the other way round it would be open between deployments.
        Assert.Contains("predeploy:\n    shell: sh\n    run: infra/hooks/open-package.sh", yaml, StringComparison.Ordinal);
        Assert.Contains("postdeploy:\n    shell: sh\n    run: infra/hooks/close-package.sh", yaml, StringComparison.Ordinal);
        string[] modules = [.. Module().Matches(yaml).Select(m => m.Groups["name"].Value)];
        Assert.Equal(["keys", "main"], modules);
        Assert.All(modules, module => Assert.True(File.Exists(Repository.PathOf($"infra/{module}.bicepparam"))));
        Assert.Contains("project: ./src/Sam.Functions\n    language: dotnet\n    host: function", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_hook_waits_for_from_a_layer_that_layer_puts_out()
    {
        (string Layer, string Name)[] wanted = [.. Repository.Files("infra/hooks", ".sh").SelectMany(hook => FromLayer().Matches(Repository.Read(hook))).Select(m => (m.Groups["layer"].Value == "first" ? "keys" : "main", m.Groups["name"].Value)).Distinct()];
        Assert.True(wanted.Length >= 7);
        Assert.All(wanted, w => Assert.Contains($"\noutput {w.Name} string = ", Repository.Read($"infra/{w.Layer}.bicep"), StringComparison.Ordinal));
    }

    /// <summary>The deployment knows the digest, and a file that was not there before the secret: nobody else.</summary>
    [Fact]
    [Trait("Requirement", "SYS-1")]
    public async Task The_one_time_secret_is_made_once_and_its_digest_is_all_that_is_told()
    {
        string file = Path.Combine(_azure.Folder, "secret");
        _ = _azure.With("SAM_INITIALIZATION_SECRET_FILE", file);
        (int code, string said, IReadOnlyList<string> asked) = await _azure.RunAsync("initialization-secret");
        Assert.Equal(0, code);
        string secret = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Trim();
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(secret)));
        Assert.Equal([$"azd env set SAM_INITIALIZATION_SECRET_DIGEST {digest}"], asked);
        Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
        Assert.Equal(64, secret.Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        // Run again it asks for nothing, and overwrites nothing.
        Assert.Equal((1, 1), ((await _azure.RunAsync("initialization-secret")).Code, asked.Count));
        (code, _, asked) = await _azure.With("SAM_INITIALIZATION_SECRET_DIGEST", digest).RunAsync("initialization-secret");
        Assert.Equal((0, 0), (code, asked.Count));
    }

    [Fact]
    public async Task The_one_time_secret_goes_into_no_repository()
    {
        (int code, string said, IReadOnlyList<string> asked) =
            await _azure.With("SAM_INITIALIZATION_SECRET_FILE", Repository.PathOf("secret")).RunAsync("initialization-secret");
        Assert.Equal(1, code);
        Assert.Contains("is in a repository", said, StringComparison.Ordinal);
        Assert.Empty(asked);
        Assert.False(File.Exists(Repository.PathOf("secret")));
    }

    [Theory]
    [InlineData("no", "Unlocked", 0, false)]
    [InlineData("yes", "Unlocked", 0, true)]
    [InlineData("yes", "Locked", 0, false)]
    [InlineData("yes", "", 1, false)]
    public async Task Heads_are_locked_when_it_was_asked_for_and_once(string wish, string state, int expected, bool locked)
    {
        _azure.With("SAM_LOCK_HEADS", wish).With("SAM_AUDIT_ACCOUNT", "samaudit").With("AZURE_RESOURCE_GROUP", "rg").Answer("immutability-policy show", state.Length == 0 ? string.Empty : $@"{state}\n\042etag1\042\n");
        (int code, _, IReadOnlyList<string> asked) = await _azure.RunAsync("lock-heads");
        Assert.Equal(expected, code);
        Assert.Equal(locked, asked.Any(line => line.Contains("immutability-policy lock --account-name samaudit --resource-group rg --container-name heads --if-match \\\"etag1\\\"", StringComparison.Ordinal)));
        Assert.Equal(wish == "yes", asked.Count > 0);
    }

    [GeneratedRegex(@"^ *run: (?<path>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Run();

    [GeneratedRegex(@"\$\{(?<name>\w+):\?the (?<layer>first|second) layer puts it out\}")]
    private static partial Regex FromLayer();

    [GeneratedRegex(@"^ *module: (?<name>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Module();
}
