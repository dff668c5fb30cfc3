using System.Security.Cryptography;
using Sam.Core;
using Sam.Core.Approvals;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Testing.TestBed;

/// <summary>A signer's device, as its maker builds it from the documentation.</summary>
public sealed class TestDevice : IDisposable
{
    private const string Token = "a token";

    private string _deployment;

    private TestDevice(LoginName login, string deployment)
    {
        Login = login;
        _deployment = deployment;
    }

    /// <summary>Its owner's login.</summary>
    public LoginName Login { get; }

    /// <summary>Its key.</summary>
    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Its id, once it is enrolled.</summary>
    public DeviceId Id { get; private set; }

    /// <summary>A device that a signer enrols with a code of an officer.</summary>
    public static async Task<TestDevice> EnrolAsync(SamTestBed bed, TestSigner signer, string name = "phone")
    {
        TestDevice device = Unenrolled(bed, signer.UserId);
        SecretText code = (await bed.Sam.Enrolment.IssueCodeAsync(signer.Id, Actor.Sam, CancellationToken.None)).Value.Code;
        _ = (await bed.Sam.Enrolment.EnrolAsync(device.Login, code, new NewFactors(Pin: null, device.ToNew(code, name)), CancellationToken.None)).Value;
        SignerView view = (await bed.Sam.Signers.ViewAsync(signer.Id, CancellationToken.None)).Value;
        device.Id = DeviceId.TryParse(view.Devices[^1].Id, out DeviceId id) ? id : throw new InvalidOperationException("No device.");
        return device;
    }

    /// <summary>A device that nobody has enrolled.</summary>
    public static TestDevice Unenrolled(SamTestBed bed, string userId) => new(SamTestBed.Login(userId), bed.SystemKeys.DeploymentId);

    /// <summary>The same device under another's id.</summary>
    public TestDevice Posing(DeviceId id)
    {
        Id = id;
        return this;
    }

    /// <summary>The same device, which believes to be somewhere else.</summary>
    public TestDevice AtAnotherDeployment()
    {
        _deployment = "another";
        return this;
    }

    /// <summary>What it enrols with.</summary>
    public NewDevice ToNew(SecretText code, string name) =>
        new(name, Key.ExportSubjectPublicKeyInfo(), DeviceSignature.Sign(Key, NewDevice.Statement(_deployment, code, name)));

    /// <summary>What it is shown.</summary>
    public Task<Result<IReadOnlyList<PendingApproval>>> ListAsync(ActivationModule sam, DateTimeOffset now)
    {
        string tokenHash = ProofClaims.HashOf(System.Text.Encoding.ASCII.GetBytes(Token));
        const string Target = "/sam/v1/me/approvals";
        string proof = new ProofClaims(_deployment, "GET", Target, tokenHash, ProofClaims.HashOf([]), ProofClaims.NewId(), now.ToUnixTimeSeconds()).Sign(Key);
        return sam.Approvals.ListAsync(Login, new OfficerRequest("GET", Target, tokenHash, ReadOnlyMemory<byte>.Empty, null, null, proof), CancellationToken.None);
    }

    /// <summary>What it says of an approval that it was shown.</summary>
    public Decision Decide(PendingApproval approval, SecretText? pin = null, bool approves = true) =>
        new(approval.Id, Id, approves, DeviceSignature.Sign(Key, ApprovalStatement.Of(approves, _deployment, approval)), pin);

    /// <summary>Its answer to a challenge.</summary>
    public SecretText Answer(string challenge, IReadOnlyList<Digest> digests, string label = "")
    {
        DeviceChallenge read = DeviceChallenge.TryRead(challenge) ?? throw new InvalidOperationException("No challenge.");
        _ = ApprovalId.TryParse(read.Id, out ApprovalId id);
        _ = ClientId.TryParse(read.Client, out ClientId client);
        _ = CredentialId.TryParse(read.Credential, out CredentialId credential);
        PendingApproval shown = new(id, client, credential, digests, label, NeedsPin: false, DateTimeOffset.FromUnixTimeSeconds(read.ExpiresAt));
        return new SecretText(DeviceChallenge.Answer(challenge, Id, DeviceSignature.Sign(Key, ApprovalStatement.Of(approves: true, _deployment, shown))));
    }

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();
}
