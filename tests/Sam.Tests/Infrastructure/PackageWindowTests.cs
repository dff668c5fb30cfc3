using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Xunit;

namespace Sam.Tests.Infrastructure;

/// <summary>The hooks around a deployment of code: the right to write the app's package comes with it, and goes.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class PackageWindowTests : IDisposable
{
    private const string Account = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/sampackage";
    private const string Sam = "aaaaaaaa-0000-0000-0000-000000000000";
    private const string Package = "cccccccc-0000-0000-0000-000000000000";
    private const string Writer = "dddddddd-0000-0000-0000-000000000000";

    private readonly FakeAzure _azure = new FakeAzure().With("SAM_PRINCIPAL_ID", Sam).With("SAM_PACKAGE_PRINCIPAL_ID", Package).With("SAM_PACKAGE_ACCOUNT_ID", Account).With("SAM_PACKAGE_WRITER", Writer);

    public void Dispose() => _azure.Dispose();

    [Theory]
    [InlineData("", 600)]
    [InlineData("0", 0)]
    [InlineData("0090", 90)]
    public async Task The_right_to_write_is_one_role_on_one_account_for_one_identity_and_ends_by_itself(string wait, int seconds)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        (int code, string said, IReadOnlyList<string> asked) = await _azure.With("TZ", "Asia/Tokyo").With("SAM_PACKAGE_WAIT", wait).RunAsync("open-package");
        Assert.True(code == 0, said);
        string create = Assert.Single(asked, line => line.Contains("role assignment create", StringComparison.Ordinal));
        Assert.StartsWith($"az role assignment create --scope {Account} --role {Writer} --assignee-object-id {Package} --assignee-principal-type ServicePrincipal --condition ", create, StringComparison.Ordinal);
        Assert.Contains("--condition-version 2.0", create, StringComparison.Ordinal);
        string condition = create.Replace("\\", string.Empty, StringComparison.Ordinal);
        Match end = Condition().Match(condition);
        Assert.True(end.Success, condition);
        DateTimeOffset until = DateTimeOffset.Parse(end.Groups["end"].Value, CultureInfo.InvariantCulture);
        Assert.InRange((until - now).TotalMinutes - (seconds / 60.0), 29, 31);
        Assert.StartsWith("sleep ", asked[^1], StringComparison.Ordinal);
        Assert.Equal(seconds, int.Parse(asked[^1]["sleep ".Length..], CultureInfo.InvariantCulture));
    }

    // An older one is no longer of use, and Azure keeps one role of a kind per identity and place.
    [Fact]
    public async Task Opening_begins_with_closing()
    {
        _azure.Answer("ends_with(roleDefinitionId, '/" + Writer + "')].id", @"/old/1\n");
        (int code, string said, IReadOnlyList<string> asked) = await _azure.RunAsync("open-package");
        Assert.True(code == 0, said);
        string[] steps = [.. asked.Select(line => line.Split(' ')).Where(words => words.Length > 3 && words[3] is ("delete" or "create")).Select(words => words[3])];
        Assert.Equal(["delete", "create"], steps);
    }

    [Fact]
    public async Task Closing_takes_away_what_was_given()
    {
        _azure.Answer("ends_with(roleDefinitionId, '/" + Writer + "')].id", @"/old/1\n/old/2\n");
        (int code, string said, IReadOnlyList<string> asked) = await _azure.RunAsync("close-package");
        Assert.True(code == 0, said);
        Assert.Equal(["az role assignment delete --ids /old/1 --output none", "az role assignment delete --ids /old/2 --output none"], asked.Where(line => line.Contains("delete", StringComparison.Ordinal)));
        string given = asked[0].Replace("\\", string.Empty, StringComparison.Ordinal);
        Assert.Contains($"--scope {Account} --query [?principalId=='{Package}' && ends_with(roleDefinitionId, '/{Writer}')].id", given, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("open-package")]
    [InlineData("close-package")]
    public async Task Any_other_right_to_the_package_stops_the_deployment(string hook)
    {
        _azure.Answer("--include-inherited", $@"{Sam}\tStorage Blob Data Owner\t/subscriptions/s\n");
        (int code, string said, IReadOnlyList<string> asked) = await _azure.RunAsync(hook);
        Assert.NotEqual(0, code);
        Assert.Contains("Storage Blob Data Owner", said, StringComparison.Ordinal);
        Assert.DoesNotContain(asked, line => line.Contains("create", StringComparison.Ordinal));
        // Who is looked for: every role of the SAM, and of the package's identity every one but to read.
        string query = asked[^1].Replace("\\", string.Empty, StringComparison.Ordinal);
        Assert.Contains($"[?principalId=='{Sam}' || (principalId=='{Package}' && !ends_with(roleDefinitionId, '/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'))]", query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("open-package", "--include-inherited")]
    [InlineData("open-package", "assignment list")]
    [InlineData("close-package", "--include-inherited")]
    [InlineData("close-package", "assignment list")]
    public async Task What_cannot_be_seen_is_not_taken_for_nothing(string hook, string question)
    {
        _azure.Answer(question, "Forbidden", code: 1);
        (int code, _, IReadOnlyList<string> asked) = await _azure.RunAsync(hook);
        Assert.NotEqual(0, code);
        Assert.DoesNotContain(asked, line => line.Contains("create", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ever")]
    [InlineData("86400")]
    public async Task It_is_not_opened_for_as_long_as_one_likes(string wait)
    {
        (int code, string said, IReadOnlyList<string> asked) = await _azure.With("SAM_PACKAGE_WAIT", wait).RunAsync("open-package");
        Assert.Equal(1, code);
        Assert.Contains($"SAM_PACKAGE_WAIT is {wait}", said, StringComparison.Ordinal);
        Assert.Empty(asked);
    }

    [GeneratedRegex(@"\(\(!\(ActionMatches\{'Microsoft\.Storage/storageAccounts/blobServices/containers/blobs/write'\}\) AND !\(ActionMatches\{'Microsoft\.Storage/storageAccounts/blobServices/containers/blobs/add/action'\}\)\) OR \(@Environment\[UtcNow\] DateTimeLessThan '(?<end>[0-9TZ:.-]+)'\)\) --condition-version")]
    private static partial Regex Condition();
}
