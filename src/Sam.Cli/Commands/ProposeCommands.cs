using System.CommandLine;
using Sam.Core.Officers;

namespace Sam.Cli.Commands;

/// <summary><c>sam propose</c>: changes that another security officer has to approve.</summary>
internal static class ProposeCommands
{
    internal static Command Create(AdminCommands commands) => new("propose", "Proposes a change, which another security officer approves.")
    {
        AddOfficer(commands),
        ChangeOfficer(commands),
        RenewOfficerKey(commands),
        RemoveOfficer(commands),
        ApproveClient(commands),
    };

    private static Command AddOfficer(AdminCommands commands)
    {
        Argument<string> name = new("NAME") { Description = "What people call them." };
        Option<string> role = Role("Their role.", isRequired: true);
        LoginOption login = new("Their login: issuer and subject.");
        return Propose(commands, "add-officer", "Names a privileged user, who then enrols a key with a code.", [name, role, login.Option], call =>
        {
            (string issuer, string subject) = login.Read(call);
            return new OfficerChange.AddOfficer(call.Get(name), call.Get(role)!, issuer, subject);
        });
    }

    private static Command ChangeOfficer(AdminCommands commands)
    {
        Argument<string> officer = Ids.Officer();
        Option<string?> name = new("--name") { Description = "Another name.", HelpName = "NAME" };
        Option<string> role = Role("Another role.", isRequired: false);
        Option<bool?> disabled = new("--disabled") { Description = "true takes all rights, false gives them back.", HelpName = "true|false" };
        Command command = Propose(commands, "change-officer", "Gives a privileged user another name or role, or takes or gives back all rights.", [officer, name, role, disabled], call =>
            new OfficerChange.ChangeOfficer(call.Get(officer), call.Get(name), call.Get(role), call.Get(disabled)));
        command.Validators.Add(result =>
        {
            if (result.GetResult(name) is null && result.GetResult(role) is null && result.GetResult(disabled) is null)
            {
                result.AddError("--name, --role or --disabled is wanted.");
            }
        });
        return command;
    }

    private static Command RenewOfficerKey(AdminCommands commands)
    {
        Argument<string> officer = Ids.Officer();
        return Propose(commands, "renew-officer-key", "Ends a privileged user's key, lost or stolen; they enrol another one with a new code.", [officer], call =>
            new OfficerChange.RenewOfficerKey(call.Get(officer)));
    }

    private static Command RemoveOfficer(AdminCommands commands)
    {
        Argument<string> officer = Ids.Officer();
        return Propose(commands, "remove-officer", "Removes a privileged user.", [officer], call => new OfficerChange.RemoveOfficer(call.Get(officer)));
    }

    private static Command ApproveClient(AdminCommands commands)
    {
        Argument<string> client = Ids.Client();
        return Propose(commands, "approve-client", "Approves a signature creation application.", [client], call => new OfficerChange.ApproveClient(call.Get(client)));
    }

    private static Option<string> Role(string description, bool isRequired)
    {
        Option<string> role = new("--role") { Description = description, HelpName = "ROLE", Required = isRequired };
        return role.AcceptOnlyFromAmong([.. Enum.GetValues<PrivilegedRole>().Select(r => r.ToName())]);
    }

    private static Command Propose(AdminCommands commands, string kind, string description, IReadOnlyList<Symbol> symbols, Func<AdminCall, OfficerChange> read) =>
        commands.Make(kind, description, symbols, (call, stop) => call.Sam.ProposeAsync(read(call), call.IdempotencyKey, stop), ProposalCommands.Show);
}
