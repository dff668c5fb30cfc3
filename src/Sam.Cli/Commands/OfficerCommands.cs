using System.CommandLine;
using Sam.Cli.Admin;

namespace Sam.Cli.Commands;

/// <summary><c>sam officer</c>: privileged users.</summary>
internal static class OfficerCommands
{
    internal static Command Create(AdminCommands commands) => new("officer", "Privileged users.")
    {
        commands.EnrolOfficer("enrol", "Makes your own key in a new file, and enrols it with the code that you were given.", Show),
        commands.Officer(
            "list",
            "Lists the privileged users.",
            [],
            (call, stop) => call.Sam.ListOfficersAsync(stop),
            (report, officers) => report.Table(
                ["OFFICER", "NAME", "ROLE", "ENROLLED", "DISABLED", "SUBJECT", "ISSUER"],
                officers.Items.Select(o => new[] { o.Id, o.Name, o.Role, Report.YesNo(o.Enrolled), Report.YesNo(o.Disabled), o.Subject, o.Issuer }))),
    };

    private static void Show(Report report, OfficerRecord officer) => report.Fields(
        ("officer", officer.Id), ("name", officer.Name), ("role", officer.Role), ("login", $"{officer.Subject} at {officer.Issuer}"), ("enrolled", Report.YesNo(officer.Enrolled)));
}
