using Sam.Core.Certificates;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>What a registration officer enters for a new signer.</summary>
/// <param name="UserId">The name that clients use (CSC <c>userID</c>): 1 to 128 characters, nobody else's.</param>
/// <param name="Login">Their own login, nobody else's: what they prove themselves with when they set their factors.</param>
/// <param name="Identity">Whom their certificates name.</param>
/// <param name="Proofing">Where the proofing of this identity is on record, such as a case number: 1 to 200 characters.</param>
/// <param name="Clients">Who may act for them.</param>
public sealed record SignerRegistration(string UserId, LoginName Login, SubjectName Identity, string Proofing, LinkedClients Clients)
{
    private const int LongestUserId = 128;
    private const int LongestProofing = 200;

    internal static bool IsUserId(string? text) => PlainText.IsLine(text, LongestUserId);

    internal Refusal? FindFault() =>
        !IsUserId(UserId) ? new Refusal(SamErrorCode.ParameterInvalid, "userID")
        : !PlainText.IsLine(Proofing, LongestProofing) ? new Refusal(SamErrorCode.ParameterInvalid, "proofing")
        : null;
}
