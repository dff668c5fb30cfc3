using System.CommandLine;

namespace Sam.Cli.Commands;

/// <summary>The options that commands of the Admin API share. One set for one run of the command line.</summary>
internal sealed class AdminOptions
{
    internal const string Json = "json";

    internal AdminOptions()
    {
        Output.AcceptOnlyFromAmong("table", Json);
        IdempotencyKey.Validators.Add(result =>
        {
            if (result.Tokens is [{ } token] && !token.Value.All(c => c is >= ' ' and <= '~'))
            {
                result.AddError("--idempotency-key is printable ASCII.");
            }
        });
        IfMatch.Validators.Add(result =>
        {
            if (result.Tokens is [{ } token] && !token.Value.Trim('"').All(char.IsAsciiHexDigit))
            {
                result.AddError("--if-match is the ETag of an answer.");
            }
        });
    }

    internal Option<string> Output { get; } = new("--output") { Description = "table, or json: what the API answered, on one line.", HelpName = "table|json" };

    internal Option<string?> Key { get; } = new("--key") { Description = "Your own key as a privileged user. Default: SAM_OFFICER_KEY.", HelpName = "FILE" };

    internal Option<string?> Device { get; } = new("--device") { Description = "Your device. Default: SAM_DEVICE.", HelpName = "FILE" };

    internal Option<string?> IfMatch { get; } = new("--if-match")
    {
        Description = "The version that you looked at (ETag): refused if it has changed since. Without it, the version of now is read first.",
        HelpName = "ETAG",
    };

    internal Option<string?> IdempotencyKey { get; } = new("--idempotency-key")
    {
        Description = "A text of your choice. Whoever lost the answer runs the same command with the same text, and nothing is made twice.",
        HelpName = "TEXT",
    };

    internal Option<string> Reason { get; } = new("--reason") { Description = "Why. It is kept.", HelpName = "TEXT", Required = true };

    internal Option<string?> CodeFile { get; } = SecretFile("--code-file", "enrolment code");

    internal Option<string?> PinFile { get; } = SecretFile("--pin-file", "PIN");

    /// <summary>Where a script has a secret. There is no option for the secret itself: other users of the machine and the shell's history would see it.</summary>
    internal static Option<string?> SecretFile(string name, string what) =>
        new(name) { Description = $"A file whose first line is the {what}; - is standard input. Without it, the {what} is asked for.", HelpName = "F|-" };
}
