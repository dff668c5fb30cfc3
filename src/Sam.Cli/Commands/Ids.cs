using System.CommandLine;
using Sam.Core.Officers;
using Sam.Core.Values;

namespace Sam.Cli.Commands;

/// <summary>Arguments that name something. What cannot be such an id is a wrong command line: nothing is sent.</summary>
internal static class Ids
{
    internal static Argument<string> Officer() => Create("OFFICER", "The privileged user's id.", text => OfficerId.TryParse(text, out _));

    internal static Argument<string> Proposal() => Create("PROPOSAL", "The proposal's id.", text => ProposalId.TryParse(text, out _));

    internal static Argument<string> Signer() => Create("SIGNER", "The signer's id.", text => SignerId.TryParse(text, out _));

    internal static Argument<string> Credential() => Create("CREDENTIAL", "The credentialID.", text => CredentialId.TryParse(text, out _));

    internal static Argument<string> Device() => Create("DEVICE", "The device's id.", text => DeviceId.TryParse(text, out _));

    internal static Argument<string> Approval() => Create("APPROVAL", "The approval's id.", text => ApprovalId.TryParse(text, out _));

    internal static Argument<string> Client() => Create("CLIENT", "The client, as its tokens name it.", text => ClientId.TryParse(text, out _));

    private static Argument<string> Create(string name, string description, Func<string, bool> isValid)
    {
        Argument<string> id = new(name) { Description = description };
        id.Validators.Add(result =>
        {
            if (result.Tokens is [{ } token] && !isValid(token.Value))
            {
                result.AddError($"This is no {name}: {token.Value}");
            }
        });
        return id;
    }
}
