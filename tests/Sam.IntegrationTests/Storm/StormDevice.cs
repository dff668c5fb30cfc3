using System.Security.Cryptography;
using Sam.Cli;
using Sam.Cli.Admin;
using Sam.Cli.Development;
using Sam.Cli.Http;
using Sam.Core.Approvals;
using Sam.Core.Values;

namespace Sam.IntegrationTests.Storm;

/// <summary>A signer's own device. It decides on what it is shown, and on nothing else.</summary>
internal sealed class StormDevice : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _user;
    private readonly Secret _pin;
    private string _deployment = string.Empty;
    private string _id = string.Empty;

    private StormDevice(string user, Secret pin) => (_user, _pin) = (user, pin);

    /// <summary>Enrolled with a code, as every device is.</summary>
    internal static async Task<StormDevice> EnrolAsync(DevelopmentOffice office, string signer, string user, Secret pin, CancellationToken stop)
    {
        StormDevice device = new(user, pin);
        AdminClient self = await office.LogInAsync(user, stop);
        device._deployment = (await self.GetStatusAsync(stop)).OrFail().Value.Deployment;
        SignerCode code = (await office.Registration.IssueCodeAsync(signer, null, stop)).OrFail().Value;
        DeviceBody body = new()
        {
            Name = "phone",
            PublicKey = device._key.ExportSubjectPublicKeyInfo(),
            Possession = DeviceSignature.Sign(device._key, NewDevice.Statement(device._deployment, new SecretText(code.Code.Reveal()), "phone")),
        };
        device._id = (await self.EnrolAsync(code.Code, null, stop, body)).OrFail().Value.Devices[^1].Id;
        return device;
    }

    /// <summary>Approves what waits for exactly this hash; false when it is not shown, or the SAM refuses.</summary>
    internal async Task<bool> ApproveAsync(DevelopmentOffice office, byte[] digest, CancellationToken stop)
    {
        AdminClient self = await office.LogInAsync(_user, stop, _key);
        SamReply<AdminAnswer<ListRecord<PendingRecord>>> listed = await self.ListPendingAsync(stop);
        if (listed.IsRefused(out _) || listed.OrFail().Value.Items.FirstOrDefault(item => item.Hashes is [var only] && only.AsSpan().SequenceEqual(digest)) is not { } shown)
        {
            return false;
        }

        // What was asked for and never decided: the next one would not be shown any more.
        foreach (PendingRecord left in listed.OrFail().Value.Items.Where(item => item.Id != shown.Id))
        {
            _ = await DecideAsync(self, left.ToApproval(), approves: false, stop);
        }

        return await DecideAsync(self, shown.ToApproval(), approves: true, stop);
    }

    private async Task<bool> DecideAsync(AdminClient self, PendingApproval approval, bool approves, CancellationToken stop)
    {
        DecisionBody body = new()
        {
            Decision = approves ? "approve" : "refuse",
            Device = _id,
            Signature = DeviceSignature.Sign(_key, ApprovalStatement.Of(approves, _deployment, approval)),
            Pin = approves && approval.NeedsPin ? _pin : null,
        };
        return !(await self.DecideAsync(approval.Id.Value, body, stop)).IsRefused(out _);
    }

    public void Dispose() => _key.Dispose();
}
