using System.Security.Cryptography;
using Sam.Core;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Testing.Officers;

/// <summary>A privileged user with a key of their own, who signs what they ask for.</summary>
public sealed class TestOfficer : IDisposable
{
    private readonly TimeProvider _clock;

    /// <summary>Somebody with a fresh key.</summary>
    public TestOfficer(LoginName login, TimeProvider clock)
    {
        Login = login;
        _clock = clock;
    }

    /// <summary>Their login.</summary>
    public LoginName Login { get; }

    /// <summary>Their key.</summary>
    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The hash of the token that they use.</summary>
    public string TokenHash { get; } = ProofClaims.HashOf(RandomNumberGenerator.GetBytes(32));

    /// <summary>Their id, once they are enrolled.</summary>
    public string Id { get; set; } = string.Empty;

    /// <summary>A request as they sign it.</summary>
    public OfficerRequest Request(string deployment, string method, string target, ReadOnlyMemory<byte> body = default, Func<ProofClaims, ProofClaims>? change = null)
    {
        ProofClaims claims = new(
            deployment, method, target, TokenHash, ProofClaims.HashOf(body.Span), ProofClaims.NewId(), _clock.GetUtcNow().ToUnixTimeSeconds());
        return new OfficerRequest(method, target, TokenHash, body, IfMatch: null, IdempotencyKey: null, (change?.Invoke(claims) ?? claims).Sign(Key));
    }

    /// <summary>Enrols their key.</summary>
    public async Task<Result<OfficerView>> EnrolAsync(ActivationModule sam, SecretText code)
    {
        Result<OfficerView> enrolled = await sam.Officers.EnrolAsync(
            Login, Request(sam.Officers.DeploymentId, "POST", "/sam/v1/officers/enrolment"), code, Key.ExportSubjectPublicKeyInfo(), CancellationToken.None);
        Id = enrolled.Refusal is null ? enrolled.Value.Id : Id;
        return enrolled;
    }

    /// <summary>Has the SAM see them.</summary>
    public Task<Result<ProvenOfficer>> AuthenticateAsync(ActivationModule sam, ReadOnlyMemory<byte> body = default) =>
        sam.Officers.AuthenticateAsync(Login, Request(sam.Officers.DeploymentId, "POST", "/sam/v1/proposals", body), CancellationToken.None);

    /// <summary>Proposes.</summary>
    public async Task<Result<ProposalView>> ProposeAsync(ActivationModule sam, OfficerChange change) =>
        (await AuthenticateAsync(sam, change.ToJson())).IsRefused(out Refusal? refusal, out ProvenOfficer? proven)
            ? refusal
            : await sam.Proposals.ProposeAsync(proven, CancellationToken.None);

    /// <summary>Approves.</summary>
    public async Task<Result<ApprovedProposal>> ApproveAsync(ActivationModule sam, ProposalView proposal, string? digest = null) =>
        (await AuthenticateAsync(sam, System.Text.Encoding.UTF8.GetBytes($$"""{"change":"{{digest ?? proposal.ChangeDigest}}"}"""))).IsRefused(out Refusal? refusal, out ProvenOfficer? proven)
            ? refusal
            : await sam.Proposals.ApproveAsync(proven, proposal.Id, digest ?? proposal.ChangeDigest, CancellationToken.None);

    /// <summary>Withdraws, or turns down.</summary>
    public async Task<Result<ProposalView>> WithdrawAsync(ActivationModule sam, ProposalId proposal) =>
        (await AuthenticateAsync(sam)).IsRefused(out Refusal? refusal, out ProvenOfficer? proven)
            ? refusal
            : await sam.Proposals.WithdrawAsync(proven, proposal, CancellationToken.None);

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();
}
