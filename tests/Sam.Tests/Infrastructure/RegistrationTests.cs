using System.Runtime.Versioning;
using System.Text.Json;
using Sam.Tests.Architecture;
using Xunit;

namespace Sam.Tests.Infrastructure;

/// <summary>The registration in Entra ID, and the hook that makes it: it adopts nobody else's.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RegistrationTests : IDisposable
{
    private const string App = "22222222-2222-2222-2222-22222222222a";
    private const string Other = "99999999-9999-9999-9999-99999999999b";
    private const string Me = "33333333-3333-3333-3333-333333333333";

    // Parts of what the hook asks, each of one question only.
    private const string IsThere = "uniqueName='functions-sam-prod')?$select=id --output none";
    private const string Make = "create-if-missing Content-Type=application/json --body @";
    private const string AppId = "?$select=appId";
    private const string Owners = "applications(appId='" + App + "')/owners";
    private const string PrincipalOwners = "servicePrincipals(appId='" + App + "')/owners";
    private const string NotFound = "Not Found({\"error\":{\"code\":\"Request_ResourceNotFound\"}})";

    private readonly FakeAzure _azure = new FakeAzure().With("AZURE_ENV_NAME", "prod").With("SAM_ENTRA_CLIENT_ID", string.Empty).With("SAM_ENTRA_OWNERS", string.Empty).Answer("signed-in-user", Me);

    public void Dispose() => _azure.Dispose();

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
    public async Task The_registration_is_made_and_its_id_kept()
    {
        _azure.Answer(IsThere, NotFound, code: 1).Answer(Make, App);
        (int code, string said, IReadOnlyList<string> asked) = await Clean().RunAsync("register-app");
        Assert.True(code == 0, said);
        Assert.Contains(asked, line => line.Contains("functions-sam-prod", StringComparison.Ordinal) && line.Contains("create-if-missing", StringComparison.Ordinal) && line.Contains("entra/registration.json", StringComparison.Ordinal));
        Assert.Contains(asked, line => line.Contains($"api://{App}", StringComparison.Ordinal));
        Assert.Contains(asked, line => line.Contains("servicePrincipals", StringComparison.Ordinal) && line.Contains("appRoleAssignmentRequired", StringComparison.Ordinal));
        Assert.Contains($"azd env set SAM_ENTRA_CLIENT_ID {App}", asked);
    }

    [Fact]
    public async Task One_of_that_name_is_not_adopted() => await Refused(Clean().Answer(Make, App), "There is an application functions-sam-prod already", changed: false);

    // Missing when it was looked for, and there when it was to be made: it is changed instead, and that is answered with nothing.
    [Fact]
    public async Task One_that_somebody_made_in_between_is_not_adopted() => await Refused(Clean().Answer(IsThere, NotFound, code: 1), "does not say that it made", changed: true);

    [Fact]
    public async Task Not_to_know_whether_it_is_there_is_no_leave_to_make_it() =>
        await Refused(_azure.Answer(IsThere, "Forbidden", code: 1).Answer(Make, App), "does not tell whether functions-sam-prod", changed: false);

    [Fact]
    public async Task Its_own_is_found_again_and_set_right()
    {
        (int code, string said, IReadOnlyList<string> asked) = await Clean().With("SAM_ENTRA_CLIENT_ID", App.ToUpperInvariant()).With("SAM_ENTRA_OWNERS", $"{Other.ToUpperInvariant()},{App}")
            .Answer(AppId, App).Answer("/owners", $@"{Me}\n{Other}\n").RunAsync("register-app");
        Assert.True(code == 0, said);
        Assert.Contains(asked, line => line.Contains("--method patch", StringComparison.Ordinal) && line.Contains("entra/registration.json", StringComparison.Ordinal));
        Assert.DoesNotContain(asked, line => line.Contains("create-if-missing", StringComparison.Ordinal) && line.Contains("registration.json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_with_another_id_is_left_alone() =>
        await Refused(Clean().With("SAM_ENTRA_CLIENT_ID", App).Answer(AppId, Other), $"is {Other}, and not SAM_ENTRA_CLIENT_ID", changed: false);

    [Fact]
    public async Task One_that_is_named_and_missing_is_not_made_anew() =>
        await Refused(_azure.With("SAM_ENTRA_CLIENT_ID", App).Answer(IsThere, NotFound, code: 1), "there is no application functions-sam-prod", changed: false);

    [Theory]
    [InlineData(Owners, false)]
    [InlineData(PrincipalOwners, true)]
    public async Task A_strange_owner_stops_the_deployment(string of, bool changed)
    {
        // The service principal is made, where it is missing, before it can be asked for its owners.
        _azure.Answer(of, $@"{Me}\n{Other}\n");
        await Refused(Clean().With("SAM_ENTRA_CLIENT_ID", App).Answer(AppId, App), $"{Other} is an owner of functions-sam-prod", changed);
    }

    [Fact]
    public async Task A_strange_owner_of_a_new_one_stops_the_deployment()
    {
        _azure.Answer(IsThere, NotFound, code: 1).Answer(Make, App).Answer(Owners, Other);
        await Refused(Clean(), $"{Other} is an owner", changed: true);
    }

    // A deployment's own principal is no user, and asking for one fails: nobody is an owner then who is not named.
    [Fact]
    public async Task Whoever_is_no_user_must_be_named()
    {
        using FakeAzure azure = new FakeAzure().With("AZURE_ENV_NAME", "prod").With("SAM_ENTRA_CLIENT_ID", App).With("SAM_ENTRA_OWNERS", string.Empty)
            .Answer("signed-in-user", "/me request is only valid with delegated authentication flow", code: 1).Answer(AppId, App).Answer(Owners, Me);
        await Refused(azure, $"{Me} is an owner", changed: false);
    }

    [Fact]
    public async Task A_list_of_owners_that_cannot_be_had_is_no_empty_list() =>
        await Refused(Clean().With("SAM_ENTRA_CLIENT_ID", App).Answer(AppId, App).Answer("/owners", "Forbidden", code: 1), "Forbidden", changed: false);

    [Theory]
    [InlineData("applications(appId='" + App + "')?$select=passwordCredentials", "secrets or certificates (applications: 1)")]
    [InlineData("servicePrincipals(appId='" + App + "')?$select=passwordCredentials", "secrets or certificates (servicePrincipals: 1)")]
    [InlineData("federatedIdentityCredentials", "trusts 1 other issuers")]
    public async Task A_secret_stops_the_deployment(string where, string why)
    {
        _azure.Answer(where, "1");
        await Refused(Clean().With("SAM_ENTRA_CLIENT_ID", App).Answer(AppId, App), why, changed: true);
    }

    [Fact]
    public async Task A_registration_without_an_id_stops_the_deployment()
    {
        (int code, _, IReadOnlyList<string> asked) = await _azure.Answer(IsThere, NotFound, code: 1).RunAsync("register-app");
        Assert.Equal(1, code);
        Assert.DoesNotContain(asked, line => line.StartsWith("azd", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "no", 1)]
    [InlineData("22222222222222222222222222222222222a", "no", 1)]
    [InlineData("functions-sam-prod", "yes", 1)]
    [InlineData(App, "no", 0)]
    public async Task Somebody_elses_registration_is_used_as_it_is(string app, string register, int expected)
    {
        (int code, _, IReadOnlyList<string> asked) = await _azure.With("SAM_ENTRA_REGISTER", register).With("SAM_ENTRA_CLIENT_ID", app).RunAsync("register-app");
        Assert.Equal(expected, code);
        Assert.Empty(asked);
    }

    /// <summary>No secrets, after whatever was answered before.</summary>
    private FakeAzure Clean() => _azure.Answer("Credentials", "0");

    private static async Task Refused(FakeAzure azure, string why, bool changed)
    {
        (int code, string said, IReadOnlyList<string> asked) = await azure.RunAsync("register-app");
        Assert.NotEqual(0, code);
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.Equal(changed, asked.Any(line => line.Contains("--method patch", StringComparison.Ordinal)));
    }
}
