using System.Security.Cryptography;
using Sam.Cli.Admin;
using Sam.Core.Approvals;
using Sam.Core.Values;

namespace Sam.Cli.Development;

/// <summary>A development signer's own device: what <c>sam device</c> does, with a key in memory.</summary>
internal sealed class DevelopmentDevice : IDisposable
{
    private readonly ECDsa _key;
    private readonly AdminClient _self;
    private readonly string _deployment;
    private readonly DeviceId _id;
    private readonly Secret _pin;

    internal DevelopmentDevice(ECDsa key, AdminClient self, string deployment, DeviceId id, Secret pin)
    {
        _key = key;
        _self = self;
        _deployment = deployment;
        _id = id;
        _pin = pin;
    }

    /// <summary>Its key.</summary>
    internal ECDsa Key => _key;

    /// <summary>Its id.</summary>
    internal DeviceId Id => _id;

    /// <summary>The deployment that it is enrolled at.</summary>
    internal string Deployment => _deployment;

    public void Dispose() => _key.Dispose();

    /// <summary>Fetches the one approval that waits, and signs what it shows.</summary>
    /// <returns>What the device showed.</returns>
    internal async Task<PendingApproval> ApproveAsync(CancellationToken stop)
    {
        PendingApproval approval = (await _self.ListPendingAsync(stop)).OrFail().Value.Items is [{ } only]
            ? only.ToApproval()
            : throw new CommandFailure("One approval was asked for, and the device is shown none, or several.");
        DecisionBody body = new()
        {
            Decision = "approve",
            Device = _id.Value,
            Signature = DeviceSignature.Sign(_key, ApprovalStatement.Of(approves: true, _deployment, approval)),
            Pin = approval.NeedsPin ? _pin : null,
        };
        _ = (await _self.DecideAsync(approval.Id.Value, body, stop)).OrFail();
        return approval;
    }
}
