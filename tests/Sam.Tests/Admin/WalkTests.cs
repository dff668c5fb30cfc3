using Sam.Api.Pipeline;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Sam.Tests.Pipeline;
using Xunit;

namespace Sam.Tests.Admin;

/// <summary>
/// Every route of the Admin API, walked by everybody: who may use it is written here once more, route by route, so a new route without a line fails, and so does a right that somebody gains.
/// </summary>
[Trait("Requirement", "MGT-1")]
[Trait("Requirement", "SYS-1")]
[Trait("Requirement", "T-MGT-1")]
public sealed class WalkTests : IAsyncLifetime
{
    private const string Client = "client";
    private const string User = "user";
    private const string Security = "security-officer";
    private const string Registration = "registration-officer";
    private const string Auditor = "auditor";

    private static readonly Dictionary<string, string[]> _allowed = new(StringComparer.Ordinal)
    {
        ["sam-status"] = [Client],
        ["sam-initialization"] = [Client],
        ["sam-officers-list"] = [Security, Registration, Auditor],
        ["sam-officers-enrolment"] = [User],
        ["sam-proposals-list"] = [Security, Registration, Auditor],
        ["sam-proposals-create"] = [Security],
        ["sam-proposals-get"] = [Security, Registration, Auditor],
        ["sam-proposals-approval"] = [Security],
        ["sam-proposals-withdrawal"] = [Security],
        ["sam-configuration-get"] = [Security, Registration, Auditor],
        ["sam-configuration-history"] = [Security, Registration, Auditor],
        ["sam-audit-rows"] = [Auditor],
        ["sam-audit-record"] = [Auditor],
        ["sam-audit-transaction"] = [Auditor],
        ["sam-clients-list"] = [Security, Registration, Auditor],
        ["sam-clients-stop"] = [Security],
        ["sam-signers-list"] = [Security, Registration, Auditor],
        ["sam-credentials-list"] = [Security, Registration, Auditor],
        ["sam-signers-get"] = [Security, Registration, Auditor],
        ["sam-credentials-get"] = [Security, Registration, Auditor],
        ["sam-signers-create"] = [Registration],
        ["sam-signers-clients"] = [Registration],
        ["sam-signers-code"] = [Registration],
        ["sam-signers-suspension"] = [Registration],
        ["sam-signers-resumption"] = [Registration],
        ["sam-signers-closure"] = [Registration],
        ["sam-signers-unlocking"] = [Registration],
        ["sam-signers-device-removal"] = [Registration],
        ["sam-credentials-create"] = [Registration],
        ["sam-imports-create"] = [Registration],
        ["sam-imports-delivery"] = [Registration],
        ["sam-credentials-certificate"] = [Registration],
        ["sam-credentials-suspension"] = [Registration],
        ["sam-credentials-resumption"] = [Registration],
        ["sam-credentials-revocation"] = [Registration],
        ["sam-credentials-destruction"] = [Registration],
        ["sam-credentials-request"] = [Registration],
        ["sam-identity-certificate"] = [Client],
        ["sam-enrolment"] = [User],
        ["sam-me"] = [User],
        ["sam-me-approvals"] = [User],
        ["sam-me-decision"] = [User],
        ["sam-me-confirmation"] = [User],
        ["sam-me-challenges"] = [User],
        ["sam-me-stops"] = [User],
    };

    /// <summary>What tells that somebody was turned away at the door; anything else was said behind it.</summary>
    private static readonly HashSet<string> _turnedAway = new(StringComparer.Ordinal)
    {
        nameof(SamErrorCode.AuthorizationHeaderMalformed), nameof(SamErrorCode.TokenInvalid), nameof(SamErrorCode.RouteForbidden), nameof(SamErrorCode.OfficerUnknown),
        nameof(SamErrorCode.OfficerDisabled), nameof(SamErrorCode.OfficerNotEnrolled), nameof(SamErrorCode.RightMissing), nameof(SamErrorCode.ProofMissing),
        nameof(SamErrorCode.ProofInvalid), nameof(SamErrorCode.ProofReplayed),
    };

    private AdminBed _bed = null!;

    public static TheoryData<string> Routes => [.. RouteTable.All.Where(r => r.Path.StartsWith("/sam/", StringComparison.Ordinal) && r.Policy.Kind != CallerKind.Anybody).Select(r => r.Name)];

    public async ValueTask InitializeAsync() => _bed = await AdminBed.OpenAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public void What_anybody_may_have_says_nothing_of_the_deployment() => Assert.Equal(
        ["sam-openapi", "sam-docs"], RouteTable.All.Where(r => r.Path.StartsWith("/sam/", StringComparison.Ordinal) && r.Policy.Kind == CallerKind.Anybody).Select(r => r.Name));

    [Fact]
    public void Every_route_has_its_line_and_every_line_its_route() => Assert.Equal(Routes.Select(r => r.Data).Order(StringComparer.Ordinal), _allowed.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Nobody_passes_whom_the_route_does_not_name(string name)
    {
        SamRoute route = RouteTable.All.Single(r => r.Name == name);
        string target = TargetOf(route);
        string[] allowed = _allowed[name];

        Dictionary<string, (Task<Answer> Answer, SamErrorCode Refusal)> walk = new(StringComparer.Ordinal)
        {
            ["no token"] = (SendAsync(SamErrorCode.AuthorizationHeaderMalformed), SamErrorCode.AuthorizationHeaderMalformed),
            ["a token of a wrong issuer"] = (SendAsync(SamErrorCode.TokenInvalid), SamErrorCode.TokenInvalid),
        };
        Caller client = new(SamTestBed.Id("sca"), Login: null);
        if (allowed.Contains(Client))
        {
            Assert.DoesNotContain((await SendAsync(client)).Code ?? string.Empty, _turnedAway);
        }
        else
        {
            walk["a client's token"] = (SendAsync(client), SamErrorCode.RouteForbidden);
        }

        Caller somebody = new(SamTestBed.Id("sca"), SamTestBed.Login("mallory"));
        if (route.Policy.Kind == CallerKind.Officer)
        {
            walk["somebody's token"] = (SendAsync(somebody), SamErrorCode.OfficerUnknown);
            walk["an officer's token without the key"] = (SendAsync(somebody with { Login = _bed.Officers.Three[0].Login }), SamErrorCode.ProofMissing);
        }

        foreach ((string who, (Task<Answer> answer, SamErrorCode refusal)) in walk)
        {
            Assert.True((await answer).Code == refusal.ToString(), $"{who}: {(await answer).Text}");
        }

        Task<Answer> SendAsync(Result<Caller> caller) => _bed.SendAsync(caller, route.Methods[0], target, route.ReadsBody ? "{}" : "");
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Roles_pass_as_the_line_says_and_a_disabled_one_never(string name)
    {
        SamRoute route = RouteTable.All.Single(r => r.Name == name);
        string target = TargetOf(route);
        if (route.Policy.Kind != CallerKind.Officer)
        {
            // Whoever passes without a role is in the other walk.
            Assert.DoesNotContain(_allowed[name], a => a is Security or Registration or Auditor);
            return;
        }

        foreach (PrivilegedRole role in Enum.GetValues<PrivilegedRole>())
        {
            TestOfficer officer = await _bed.Officers.AddAsync(role.ToName(), role);
            string code = (await SendAsync(officer)).Code ?? string.Empty;
            Assert.True(_allowed[name].Contains(role.ToName()) ? !_turnedAway.Contains(code) : code == nameof(SamErrorCode.RightMissing), $"{role}: {code}");

            _ = await _bed.Officers.ChangeAsync(new OfficerChange.ChangeOfficer(officer.Id, Disabled: true));
            Assert.Equal(nameof(SamErrorCode.OfficerDisabled), (await SendAsync(officer)).Code);
        }

        Task<Answer> SendAsync(TestOfficer officer) => _bed.SendAsync(officer, route.Methods[0], target, route.ReadsBody ? "{}" : "");
    }

    private static string TargetOf(SamRoute route) => route.Path
        .Replace("{proposal}", new string('0', 32), StringComparison.Ordinal)
        .Replace("{chain}", new string('0', 32), StringComparison.Ordinal)
        .Replace("{sequence}", "0", StringComparison.Ordinal)
        .Replace("{index}", "0", StringComparison.Ordinal)
        .Replace("{transaction}", new string('0', 32), StringComparison.Ordinal)
        .Replace("{signer}", new string('0', 32), StringComparison.Ordinal)
        .Replace("{credential}", $"{new string('0', 32)}-{new string('0', 16)}", StringComparison.Ordinal);
}
