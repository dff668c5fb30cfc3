using System.Text;

namespace Sam.Core.Officers;

/// <summary>A request and the proof that came with it, to be kept: anybody who has the officer's public key can verify later what they wanted.</summary>
/// <param name="Officer">Who.</param>
/// <param name="Proof">The compact JWS.</param>
/// <param name="Body">The body that it covers, byte by byte.</param>
internal sealed record SignedRequest(string Officer, string Proof, byte[] Body)
{
    /// <summary>Whether this officer's key signed this body.</summary>
    internal bool IsBy(OfficerRow officer) =>
        officer.Id == Officer && officer.IsEnrolled
        && OfficerProof.TryParse(Proof, out OfficerProof? proof) && proof.Claims.BodyHash == ProofClaims.HashOf(Body) && proof.IsBy(officer.Key);

    /// <inheritdoc/>
    public override string ToString() => $"{Officer}: {Encoding.UTF8.GetString(Body)}";
}

/// <summary>Who wanted a change, and who agreed.</summary>
/// <param name="Proposal">The proposal's id.</param>
/// <param name="Proposed">The proposer's request; its body is the change.</param>
/// <param name="Approved">The approver's request; its body names the change by digest.</param>
internal sealed record ChangeEvidence(string Proposal, SignedRequest Proposed, SignedRequest Approved);
