using Sam.Api.Pipeline;
using Sam.Core.Officers;

namespace Sam.Api.Admin;

/// <summary>The routes of the Admin API.</summary>
internal static class AdminRoutes
{
    private static readonly string[] _get = ["GET"];
    private static readonly string[] _post = ["POST"];

    internal static IReadOnlyList<SamRoute> All { get; } =
    [
        // A token of this service's issuer, whoever's it is: both open HSM and storage, which a stranger must not have done for him.
        Get("sam-status", "/status", RoutePolicy.Client, InitializationHandlers.StatusAsync),
        Post("sam-initialization", "/initialization", RoutePolicy.Client, InitializationHandlers.InitializeAsync),

        Get("sam-officers-list", "/officers", RoutePolicy.Officer(OfficerRight.ReadRegistry), OfficerHandlers.ListAsync),
        Post("sam-officers-enrolment", "/officers/enrolment", RoutePolicy.User, OfficerHandlers.EnrolAsync),

        Get("sam-proposals-list", "/proposals", RoutePolicy.Officer(OfficerRight.ReadRegistry), ProposalHandlers.ListAsync),
        Post("sam-proposals-create", "/proposals", RoutePolicy.Officer(OfficerRight.Propose), ProposalHandlers.ProposeAsync),
        Get("sam-proposals-get", "/proposals/{proposal}", RoutePolicy.Officer(OfficerRight.ReadRegistry), ProposalHandlers.FindAsync),
        Post("sam-proposals-approval", "/proposals/{proposal}/approval", RoutePolicy.Officer(OfficerRight.Approve), ProposalHandlers.ApproveAsync),
        Act("sam-proposals-withdrawal", "/proposals/{proposal}/withdrawal", RoutePolicy.Officer(OfficerRight.Propose), ProposalHandlers.WithdrawAsync),

        Get("sam-clients-list", "/clients", RoutePolicy.Officer(OfficerRight.ReadRegistry), ClientHandlers.ListAsync),
        Post("sam-clients-stop", "/clients/stop", RoutePolicy.Officer(OfficerRight.Propose), ClientHandlers.StopAsync),
    ];

    private static SamRoute Get(string name, string path, RoutePolicy policy, RouteHandler handler) =>
        new(name, _get, AdminSurface.Root + path, policy, RouteGate.Open, ReadsBody: false, handler);

    private static SamRoute Post(string name, string path, RoutePolicy policy, RouteHandler handler) =>
        new(name, _post, AdminSurface.Root + path, policy, RouteGate.Open, ReadsBody: true, handler);

    /// <summary>A POST that says all by its address.</summary>
    private static SamRoute Act(string name, string path, RoutePolicy policy, RouteHandler handler) =>
        new(name, _post, AdminSurface.Root + path, policy, RouteGate.Open, ReadsBody: false, handler);
}
