using System.CommandLine;
using Sam.Core.Approvals;

namespace Sam.Cli.Commands;

/// <summary><c>sam device answer</c>: approves without a connection. An application carries the challenge to the device, and the answer back.</summary>
internal static class DeviceAnswerCommand
{
    internal static Command Create(AdminCommands commands)
    {
        CarriedChallenge carried = new();
        return commands.DeviceAlone(
            "answer",
            "Answers an application's challenge: signs the hashes that you give, for this application alone. What is printed as answer goes back to it.",
            carried.Symbols,
            (host, parsed, device) =>
            {
                (string deployment, PendingApproval approval) = carried.Read(host, parsed);
                if (deployment != device.Deployment)
                {
                    throw new CommandFailure("The challenge is of another deployment than this device.");
                }

                CarriedChallenge.Show(
                    new Report(host.Out),
                    approval,
                    ("answer", DeviceChallenge.Answer(carried.Text(parsed), device.Id, DeviceSignature.Sign(device.Key, ApprovalStatement.Of(approves: true, device.Deployment, approval)))));
            });
    }
}
