using System.CommandLine;
using System.Text.Json;
using Sam.Cli.Admin;
using Sam.Core.Configuration;
using Sam.Core.Officers;

namespace Sam.Cli.Commands;

/// <summary><c>sam config</c>: the settings that decide security, and how two security officers change them.</summary>
internal static class ConfigCommands
{
    internal static Command Create(AdminCommands commands) => new("config", "The settings that decide security: what runs, and what two security officers approved.")
    {
        commands.Officer("show", "Shows the settings that the answering SAM runs with, and which are approved.", [], (call, stop) => call.Sam.GetConfigurationAsync(stop), Show),
        Diff(commands),
        Propose(commands),
        ProposalCommands.Approve(commands),
        commands.Officer(
            "history",
            "Lists the settings that were ever approved, and by whom.",
            [],
            (call, stop) => call.Sam.ListConfigurationsAsync(stop),
            (report, versions) => report.Table(
                ["VERSION", "SINCE", "PROPOSED BY", "APPROVED BY", "PROPOSAL", "DIGEST"],
                versions.Items.Select(v => new[] { Report.Number((int)v.Version), Report.Time(v.Since), v.ProposedBy ?? "(initialisation)", v.ApprovedBy ?? string.Empty, v.Proposal ?? string.Empty, v.Digest }))),
    };

    private static void Show(Report report, ConfigurationRecord configuration)
    {
        report.Fields(
            ("running", configuration.Running?.Digest ?? "(not told)"),
            ("enforced", configuration.Running is { } running ? Report.YesNo(running.Enforced) : null),
            ("approved", configuration.Approved?.Digest ?? "(none)"),
            ("version", configuration.Approved is { } approved ? Report.Number((int)approved.Version) : null),
            ("since", configuration.Approved is { } since ? Report.Time(since.Since) : null),
            ("beside it", configuration.Approved is { Before: { } before, BeforeUntil: { } until } ? $"{before} until {Report.Time(until)}" : null));
        if (configuration.Running is { } shown)
        {
            report.Line();
            report.Table(["SETTING", "VALUE"], shown.Settings.Select(s => new[] { s.Name, s.Value }));
        }
    }

    private static Command Diff(AdminCommands commands)
    {
        Option<string?> file = new("--file") { Description = "A file of settings; without it, those that the answering SAM runs with.", HelpName = "FILE" };
        return commands.OfficerAtWork(
            "diff",
            "Shows what differs from the approved settings: - is approved, + is not. No line, no difference.",
            [file],
            async (call, stop) =>
            {
                ConfigurationRecord configuration = (await call.Sam.GetConfigurationAsync(stop)).OrFail().Value;
                foreach (string line in Differences(configuration.Approved?.Settings ?? [], Read(call, file) ?? configuration.Running?.Settings ?? []))
                {
                    await call.Host.Out.WriteLineAsync(line);
                }
            });
    }

    private static Command Propose(AdminCommands commands)
    {
        Option<string?> file = new("--file") { Description = "A file of settings, JSON as sam config show --output json has them; without it, those that the answering SAM runs with.", HelpName = "FILE" };
        Option<bool> atOnce = new("--at-once") { Description = "Processes with the settings of before stop signing at once. Otherwise they may go on for an hour, in which they are exchanged." };
        return commands.Make(
            "propose",
            "Proposes settings; another security officer approves them. Then change the platform's settings.",
            [file, atOnce],
            async (call, stop) =>
            {
                IReadOnlyList<Setting> settings = Read(call, file) ?? (await call.Sam.GetConfigurationAsync(stop)).OrFail().Value.Running?.Settings ?? throw new CommandFailure("The SAM does not say what it runs with.");
                return await call.Sam.ProposeAsync(new OfficerChange.ChangeConfiguration(settings, call.Get(atOnce) ? true : null), call.IdempotencyKey, stop);
            },
            ProposalCommands.Show);
    }

    private static IEnumerable<string> Differences(IReadOnlyList<Setting> approved, IReadOnlyList<Setting> wanted)
    {
        foreach (string name in approved.Concat(wanted).Select(s => s.Name).Distinct().Order(StringComparer.Ordinal))
        {
            string? before = approved.FirstOrDefault(s => s.Name == name)?.Value;
            string? after = wanted.FirstOrDefault(s => s.Name == name)?.Value;
            if (before != after)
            {
                foreach ((char sign, string? value) in new[] { ('-', before), ('+', after) })
                {
                    if (value is not null)
                    {
                        yield return Printable.OneLine($"{sign} {name} = {value}");
                    }
                }
            }
        }
    }

    /// <summary>A list of settings, or a whole answer of the API, whose running settings are meant.</summary>
    private static IReadOnlyList<Setting>? Read(AdminCall call, Option<string?> option)
    {
        if (call.Get(option) is not { } file)
        {
            return null;
        }

        try
        {
            byte[] json = File.ReadAllBytes(call.PathOf(file));
            using JsonDocument document = JsonDocument.Parse(json);
            IReadOnlyList<Setting>? settings = document.RootElement.ValueKind == JsonValueKind.Array
                ? JsonSerializer.Deserialize(json, AdminJson.Default.IReadOnlyListSetting)
                : JsonSerializer.Deserialize(json, AdminJson.Default.ConfigurationRecord)?.Running?.Settings;
            return settings is { Count: > 0 } ? settings : throw new CommandFailure($"There are no settings in {file}.", ExitCodes.Usage);
        }
        catch (JsonException malformed)
        {
            throw new CommandFailure($"{file} is no file of settings: {Printable.OneLine(malformed.Message)}", ExitCodes.Usage, malformed);
        }
    }
}
