using System.CommandLine;

namespace Sam.Cli.Commands;

/// <summary><c>--login ISSUER SUB</c>: a person, as an identity provider knows them.</summary>
internal sealed class LoginOption
{
    internal LoginOption(string description) => Option = new Option<string[]>("--login")
    {
        Description = description,
        HelpName = "ISSUER SUB",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        Arity = new ArgumentArity(2, 2),
    };

    internal Option<string[]> Option { get; }

    internal (string Issuer, string Subject) Read(AdminCall call) => call.Get(Option) is [var issuer, var subject] ? (issuer, subject) : default;
}
