using Sam.Core.Approvals;
using Sam.Core.Certificates;
using Sam.Core.Factors;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>A signer: the master copy of what each of their credentials' rows repeats, so nothing long stands here.</summary>
/// <param name="UserId">The name that clients use (CSC <c>userID</c>).</param>
/// <param name="Issuer">Who verifies their login.</param>
/// <param name="Subject">Their login at this issuer.</param>
/// <param name="Status">Whether they may sign.</param>
/// <param name="Clients">Who may act for them.</param>
/// <param name="Pin">Their PIN's verifier; null until they have set one.</param>
/// <param name="Totp">Their authenticator app; null until they have one.</param>
/// <param name="Devices">Their devices.</param>
/// <param name="Stops">How often they were suspended or closed: a row that knows of fewer stops than were made was written back (<see cref="StandingStops"/>).</param>
internal sealed record SignerRow(
    string UserId, string Issuer, string Subject, SignerStatus Status, LinkedClients Clients, PinVerifier? Pin, TotpRow? Totp, IReadOnlyList<DeviceRow> Devices, int Stops = 0)
{
    // Each credential's row repeats them.
    internal const int MaxDevices = 5;

    internal bool IsLogin(LoginName login) => Issuer == login.Issuer && Subject == login.Subject;
}

/// <summary>What was registered of a signer, and what became of it.</summary>
/// <param name="Identity">Whom their certificates name.</param>
/// <param name="Proofing">The reference of the identity proofing.</param>
/// <param name="Code">The enrolment code they were given; null once it is used.</param>
/// <param name="History">The last changes, oldest first.</param>
internal sealed record SignerFileRow(SubjectName Identity, string Proofing, EnrolmentCodeRow? Code, IReadOnlyList<ChangeRow> History)
{
    // The whole file travels with each change of the signer; what is older stands in the audit.
    private const int MaxHistory = 50;

    internal SignerFileRow With(ChangeRow change) => this with { History = [.. History.Append(change).TakeLast(MaxHistory)] };
}

/// <summary>One change: when, who, what and why.</summary>
/// <param name="At">By the store's clock.</param>
/// <param name="By">The <see cref="Actor"/>.</param>
/// <param name="What">The act's name.</param>
/// <param name="Reason">Why, as who made it says; null where nobody has to.</param>
internal sealed record ChangeRow(DateTimeOffset At, string By, string What, string? Reason);

/// <summary>From a user id or a login to its signer.</summary>
/// <param name="Signer">The signer's id.</param>
/// <param name="ReservedAt">When the registration began that wrote this.</param>
/// <param name="With">The other name of the same registration, as its partition key.</param>
internal sealed record LoginRow(string Signer, DateTimeOffset ReservedAt, string With);

/// <summary>A signer, in the list of all.</summary>
internal sealed record ListedSignerRow(string Signer);

/// <summary>A client, in the list of all that were ever approved.</summary>
internal sealed record ListedClientRow(string Client);

/// <summary>An SCA client and its approval.</summary>
/// <param name="Client">Its id.</param>
/// <param name="Approved">Whether it may act.</param>
/// <param name="Made">The proposals that approved it last, oldest first: none does it twice, and a stop leaves them.</param>
internal sealed record ClientRow(string Client, bool Approved, IReadOnlyList<string> Made)
{
    private const int MaxMade = 50;

    internal ClientRow With(bool approved, string? proposal) => this with { Approved = approved, Made = proposal is null ? Made : [.. Made.Append(proposal).TakeLast(MaxMade)] };
}
