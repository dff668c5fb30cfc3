using System.Security.Cryptography;
using Sam.Cli.Admin;
using Sam.Cli.Http;
using Sam.Core.Officers;
using Sam.Core.Results;

namespace Sam.Cli.Development;

/// <summary>
/// The officers of a development deployment, at work. Their keys come from the host (<c>/dev/officers</c>); all that they do goes through the Admin API, each request signed. They are made officers
/// on first use, by the ceremony of every deployment; whoever finds that somebody else is at it waits.
/// </summary>
internal sealed class DevelopmentOffice : IDisposable
{
    // Somebody else's ceremony takes a second at most; half of the tries are for whoever broke off.
    private const int MaxTries = 100;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly SamClient _sam;
    private readonly AdminHttp _admin;
    private readonly DevelopmentOfficersAnswer _answer;
    private readonly IReadOnlyList<DevelopmentOfficer> _officers;

    private DevelopmentOffice(SamClient sam, AdminHttp admin, DevelopmentOfficersAnswer answer, IReadOnlyList<DevelopmentOfficer> officers)
    {
        _sam = sam;
        _admin = admin;
        _answer = answer;
        _officers = officers;
    }

    /// <summary>Who verifies the logins of officers and signers.</summary>
    internal string Issuer => _answer.Issuer;

    /// <summary>The registration officer's side of the API.</summary>
    internal AdminClient Registration => RegistrationOfficer.Client;

    private IEnumerable<DevelopmentOfficer> SecurityOfficers => _officers.Where(o => o.IsSecurityOfficer);

    private DevelopmentOfficer RegistrationOfficer => _officers.Single(o => !o.IsSecurityOfficer);

    /// <summary>Asks for the officers, and makes them officers of the deployment if they are not yet.</summary>
    /// <exception cref="CommandFailure">It has others.</exception>
    internal static async Task<DevelopmentOffice> OpenAsync(SamClient sam, TimeProvider clock, CancellationToken stop)
    {
        SamReply<DevelopmentOfficersAnswer> reply = await sam.DevelopmentOfficersAsync(stop);
        if (reply.IsRefused(out SamRefusal? refusal) && refusal.Status == 404)
        {
            throw new CommandFailure($"The SAM at {sam.Address} has no development officers: it does not run in Development, or is asked from elsewhere than its own machine.");
        }

        DevelopmentOfficersAnswer answer = reply.OrFail();
        AdminHttp admin = new(sam.Address, clock);
        List<DevelopmentOfficer> officers = [];
        DevelopmentOffice office = new(sam, admin, answer, officers);
        try
        {
            foreach (DevelopmentOfficerAnswer officer in answer.Officers)
            {
                officers.Add(await DevelopmentOfficer.OpenAsync(sam, admin, officer, stop));
            }

            await office.BeginAsync(clock, stop);
            return office;
        }
        catch
        {
            // Whatever it was: the officers opened so far have keys and connections, and no other owner.
            office.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (DevelopmentOfficer officer in _officers)
        {
            officer.Dispose();
        }

        _admin.Dispose();
    }

    /// <summary>Somebody who is no officer, under their own login.</summary>
    internal async Task<AdminClient> LogInAsync(string subject, CancellationToken stop, ECDsa? key = null) =>
        new(_admin, new AdminUser(await DevelopmentOfficer.TokenAsync(_sam, subject, stop), key));

    /// <summary>Has an application approved, by two officers. Approving it again changes nothing.</summary>
    internal async Task ApproveClientAsync(string client, CancellationToken stop) => _ = (await ChangeAsync(new OfficerChange.ApproveClient(client), stop)).OrFail();

    /// <summary>Lets any approved client act for a signer, which no officer can say.</summary>
    internal async Task LinkAnyClientAsync(string signer, CancellationToken stop) => _ = (await _sam.LinkAnyClientAsync(signer, stop)).OrFail();

    /// <summary>One step after the other until the registration officer is one: whatever broke off before, and whoever is at it beside us.</summary>
    private async Task BeginAsync(TimeProvider clock, CancellationToken stop)
    {
        for (int tries = 1; tries <= MaxTries; tries++)
        {
            SamReply<AdminAnswer<ListRecord<OfficerRecord>>> asked = await Registration.ListOfficersAsync(stop);
            if (!asked.IsRefused(out SamRefusal? refusal))
            {
                return;
            }

            bool isDone = refusal.Error switch
            {
                nameof(SamErrorCode.NotInitialized) => await InitializeAsync(stop),
                nameof(SamErrorCode.OfficerUnknown) => await AddRegistrationOfficerAsync(stop),

                // Its code was told once, to somebody who is about to enrol with it, or never will.
                nameof(SamErrorCode.OfficerNotEnrolled) => tries == MaxTries / 2 && await RenewRegistrationOfficerAsync(stop),
                nameof(SamErrorCode.ProofInvalid) => throw Strangers(),
                _ => throw new CommandFailure(refusal.ToString()),
            };
            if (!isDone)
            {
                await Task.Delay(_pause, clock, stop);
            }
        }

        throw new CommandFailure("The development officers were named, and have not enrolled their keys: their ceremony broke off. This deployment cannot be mended by them; start a fresh one.");
    }

    /// <summary>False when somebody else was faster.</summary>
    private async Task<bool> InitializeAsync(CancellationToken stop)
    {
        if (_answer.Secret is null)
        {
            throw new CommandFailure("This deployment is not initialised, and its one-time secret is not the development host's. Initialise it by hand: sam init.");
        }

        SamReply<AdminAnswer<InitializationCodes>> reply = await Registration.InitializeAsync(
            new InitializationBody
            {
                Secret = _answer.Secret,
                Officers = [.. SecurityOfficers.Select(o => new NominationBody { Name = o.Subject, Issuer = Issuer, Subject = o.Subject })],
            },
            stop);
        if (reply.IsRefused(out SamRefusal? refusal) && refusal.Error == nameof(SamErrorCode.AlreadyInitialized))
        {
            return false;
        }

        foreach (OfficerCode code in reply.OrFail().Value.Codes)
        {
            _ = (await SecurityOfficers.Single(o => o.Subject == code.Officer.Subject).Client.EnrolOfficerAsync(code.Code, stop)).OrFail();
        }

        return true;
    }

    private async Task<bool> AddRegistrationOfficerAsync(CancellationToken stop)
    {
        foreach (DevelopmentOfficer officer in SecurityOfficers)
        {
            if ((await officer.Client.ListOfficersAsync(stop)).IsRefused(out SamRefusal? refusal))
            {
                return refusal.Error switch
                {
                    nameof(SamErrorCode.OfficerNotEnrolled) => false,
                    nameof(SamErrorCode.OfficerUnknown) or nameof(SamErrorCode.ProofInvalid) => throw Strangers(),
                    _ => throw new CommandFailure(refusal.ToString()),
                };
            }
        }

        string subject = RegistrationOfficer.Subject;
        return await EnrolRegistrationOfficerAsync(new OfficerChange.AddOfficer(subject, PrivilegedRole.RegistrationOfficer.ToName(), Issuer, subject), stop);
    }

    private async Task<bool> RenewRegistrationOfficerAsync(CancellationToken stop)
    {
        IReadOnlyList<OfficerRecord> all = (await SecurityOfficers.First().Client.ListOfficersAsync(stop)).OrFail().Value.Items;
        return all.FirstOrDefault(o => o.Subject == RegistrationOfficer.Subject && o.Issuer == Issuer && !o.Enrolled) is { } lost
            && await EnrolRegistrationOfficerAsync(new OfficerChange.RenewOfficerKey(lost.Id), stop);
    }

    private async Task<bool> EnrolRegistrationOfficerAsync(OfficerChange change, CancellationToken stop) =>
        (await ChangeAsync(change, stop)) is var reply
        && !reply.IsRefused(out _)
        && reply.OrFail().Code is { } code
        && !(await Registration.EnrolOfficerAsync(code.Code, stop)).IsRefused(out _);

    /// <summary>One officer proposes, another approves.</summary>
    private async Task<SamReply<ApprovalResult>> ChangeAsync(OfficerChange change, CancellationToken stop)
    {
        AdminClient proposer = SecurityOfficers.First().Client;
        SamReply<AdminAnswer<ProposalRecord>> proposed = await proposer.ProposeAsync(change, null, stop);
        if (proposed.IsRefused(out SamRefusal? refusal))
        {
            return new SamReply<ApprovalResult>(refusal);
        }

        ProposalRecord proposal = proposed.OrFail().Value;
        SamReply<AdminAnswer<ApprovalResult>> approved = await SecurityOfficers.ElementAt(1).Client.ApproveAsync(proposal.Id, proposal.ChangeDigest, stop);
        if (!approved.IsRefused(out refusal))
        {
            return new SamReply<ApprovalResult>(approved.OrFail().Value);
        }

        // Somebody else's was made: this one must not lie about until its end.
        _ = await proposer.WithdrawAsync(proposal.Id, stop);
        return new SamReply<ApprovalResult>(refusal);
    }

    private static CommandFailure Strangers() => new(
        "The officers of this deployment are not the development ones: it was initialised by hand, or with another issuer key. They register signers (sam signer register); or start a fresh deployment.");
}
