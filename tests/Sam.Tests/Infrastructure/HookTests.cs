using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sam.Testing.Hsm;
using Sam.Tests.Architecture;
using Xunit;

namespace Sam.Tests.Infrastructure;

/// <summary>The hooks of <c>azd</c>, the registration in Entra ID, and the file that names them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class HookTests : IDisposable
{
    private const string App = "22222222-2222-2222-2222-222222222222";

    private readonly FakeAzure _azure = new();

    public void Dispose() => _azure.Dispose();

    // Fails, and does not skip, where shellcheck is missing: ./dev test installs it.
    [Fact]
    public async Task Shellcheck_has_nothing_to_say()
    {
        string[] hooks = [.. Repository.Files("infra/hooks", ".sh").Select(Repository.PathOf)];
        Assert.Equal(3, hooks.Length);
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
        string[] runs = [.. Run().Matches(yaml).Select(m => m.Groups["path"].Value)];
        Assert.Equal(Repository.Files("infra/hooks", ".sh"), runs.Select(path => $"infra/{path}").Order(StringComparer.Ordinal));
        Assert.All(runs, path => Assert.True(File.GetUnixFileMode(Repository.PathOf($"infra/{path}")).HasFlag(UnixFileMode.UserExecute), $"chmod +x infra/{path}"));
        string[] modules = [.. Module().Matches(yaml).Select(m => m.Groups["name"].Value)];
        Assert.Equal(["keys", "main"], modules);
        Assert.All(modules, module => Assert.True(File.Exists(Repository.PathOf($"infra/{module}.bicepparam"))));
        Assert.Contains("project: ./src/Sam.Functions\n    language: dotnet\n    host: function", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void The_registration_asks_for_tokens_of_version_2_and_holds_no_secret()
    {
        using JsonDocument registration = JsonDocument.Parse(Repository.Read("infra/entra/registration.json"));
        JsonElement root = registration.RootElement;
        Assert.Equal(2, root.GetProperty("api").GetProperty("requestedAccessTokenVersion").GetInt32());
        Assert.Equal("AzureADMyOrg", root.GetProperty("signInAudience").GetString());
        JsonElement scope = Assert.Single(root.GetProperty("api").GetProperty("oauth2PermissionScopes").EnumerateArray());
        JsonElement role = Assert.Single(root.GetProperty("appRoles").EnumerateArray());
        Assert.Equal(["Application"], role.GetProperty("allowedMemberTypes").EnumerateArray().Select(t => t.GetString()));
        Assert.NotEqual(scope.GetProperty("id").GetGuid(), role.GetProperty("id").GetGuid());
        Assert.Contains("idtyp", root.GetProperty("optionalClaims").GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(root.EnumerateObject(), p => p.Name is "passwordCredentials" or "keyCredentials");
    }

    [Fact]
    public async Task The_registration_is_made_or_found_again_and_its_id_kept()
    {
        (int code, string said, IReadOnlyList<string> asked) = await _azure.With("AZURE_ENV_NAME", "prod").Answer("--query appId", App).RunAsync("register-app");
        Assert.True(code == 0, said);
        Assert.Contains(asked, line => line.Contains("functions-sam-prod", StringComparison.Ordinal) && line.Contains("create-if-missing", StringComparison.Ordinal) && line.Contains("entra/registration.json", StringComparison.Ordinal));
        Assert.Contains(asked, line => line.Contains($"api://{App}", StringComparison.Ordinal));
        Assert.Contains(asked, line => line.Contains("servicePrincipals", StringComparison.Ordinal) && line.Contains("appRoleAssignmentRequired", StringComparison.Ordinal));
        Assert.Equal($"azd env set SAM_ENTRA_CLIENT_ID {App}", asked[^1]);
    }

    [Fact]
    public async Task A_registration_without_an_id_stops_the_deployment()
    {
        (int code, _, IReadOnlyList<string> asked) = await _azure.With("AZURE_ENV_NAME", "prod").RunAsync("register-app");
        Assert.Equal(1, code);
        Assert.DoesNotContain(asked, line => line.StartsWith("azd", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(App, 0)]
    public async Task Somebody_elses_registration_is_used_as_it_is(string app, int expected)
    {
        (int code, _, IReadOnlyList<string> asked) = await _azure.With("AZURE_ENV_NAME", "prod").With("SAM_ENTRA_REGISTER", "no").With("SAM_ENTRA_CLIENT_ID", app).RunAsync("register-app");
        Assert.Equal(expected, code);
        Assert.Empty(asked);
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

    [GeneratedRegex(@"^ *module: (?<name>\S+)$", RegexOptions.Multiline)]
    private static partial Regex Module();
}
