using System.CommandLine;
using Sam.Cli.Admin;

namespace Sam.Cli.Commands;

/// <summary><c>sam init</c> and <c>sam status</c>: a deployment gets its first three security officers, once.</summary>
internal static class BeginningCommands
{
    private const int First = 3;

    internal static IEnumerable<Command> Create(AdminCommands commands)
    {
        Option<string?> secret = AdminOptions.SecretFile("--secret-file", "deployment's one-time secret");
        Option<string[]> officers = new("--officer")
        {
            Description = "Issuer and subject of a security officer's login; given three times. The subject becomes the name.",
            HelpName = "ISSUER SUB",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        officers.Validators.Add(result =>
        {
            if (result.Tokens.Count != 2 * First)
            {
                result.AddError("--officer ISSUER SUB is given three times.");
            }
        });

        yield return commands.User(
            "init",
            "Names the first three security officers, with the deployment's one-time secret. Prints their enrolment codes, each for its officer alone.",
            [secret, officers],
            (call, stop) => call.Sam.InitializeAsync(
                new InitializationBody
                {
                    Secret = call.ReadSecret(secret, "One-time secret"),
                    Officers = [.. call.Get(officers)!.Chunk(2).Select(login => new NominationBody { Name = login[1], Issuer = login[0], Subject = login[1] })],
                },
                stop),
            (report, made) => report.Table(
                ["OFFICER", "NAME", "CODE", "GOOD UNTIL"], made.Codes.Select(c => new[] { c.Officer.Id, c.Officer.Name, c.Code.Reveal(), Report.Time(c.ExpiresAt) })));

        yield return commands.User(
            "status",
            "Shows the deployment's id, whether it has its officers, and the SAM's own public key.",
            [],
            (call, stop) => call.Sam.GetStatusAsync(stop),
            (report, status) => report.Fields(
                ("deployment", status.Deployment), ("initialised", Report.YesNo(status.Initialized)), ("public key", Convert.ToBase64String(status.PublicKey))));
    }
}
