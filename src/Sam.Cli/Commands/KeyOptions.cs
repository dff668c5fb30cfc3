using System.CommandLine;
using Sam.Cli.Admin;
using Sam.Core.Algorithms;
using Sam.Core.Factors;

namespace Sam.Cli.Commands;

/// <summary>What a new key will be, whether the HSM makes it or somebody brings it.</summary>
internal sealed class KeyOptions
{
    private readonly Argument<string> _kind = new("KIND") { Description = "The kind of key." };
    private readonly Option<int?> _multisign = new("--multisign") { Description = "The most signatures that one authorization may cover. Default: 1.", HelpName = "N" };
    private readonly Option<string?> _description = new("--description") { Description = "What the signer knows it by.", HelpName = "TEXT" };
    private readonly Option<int?> _level = new("--level") { Description = "The guideline's level: 1, 2, or 3 where this SAM is certified. Default: 1.", HelpName = "1|2|3" };
    private readonly Option<string?> _authorization = new("--authorization")
    {
        Description = "What authorizes a signature. Default: pin at level 1, device+pin above.",
        HelpName = string.Join('|', KeyAuthorization.All.Select(a => a.Name)),
    };

    internal KeyOptions()
    {
        _kind.AcceptOnlyFromAmong([.. KeyAlgorithm.All.Select(a => a.Name)]);
        _authorization.AcceptOnlyFromAmong([.. KeyAuthorization.All.Select(a => a.Name)]);
    }

    internal IEnumerable<Symbol> Symbols => [_kind, _multisign, _description, _level, _authorization];

    internal KeyBody Read(AdminCall call) => new()
    {
        Key = call.Get(_kind),
        Multisign = call.Get(_multisign),
        Description = call.Get(_description),
        Level = call.Get(_level),
        Authorization = call.Get(_authorization),
    };
}
