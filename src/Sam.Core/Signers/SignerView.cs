using Sam.Core.Certificates;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>A signer, as privileged users see them.</summary>
/// <param name="Id">Their id.</param>
/// <param name="UserId">The name that clients use.</param>
/// <param name="Issuer">Who verifies their login.</param>
/// <param name="Subject">Their login at this issuer.</param>
/// <param name="Status">Where they are in their life.</param>
/// <param name="Clients">Who may act for them.</param>
/// <param name="Identity">Whom their certificates name.</param>
/// <param name="Proofing">The reference of the identity proofing.</param>
/// <param name="Devices">Their devices.</param>
/// <param name="History">The last changes, oldest first.</param>
/// <param name="ETag">The version: what a change names in <c>If-Match</c>.</param>
public sealed record SignerView(
    SignerId Id,
    string UserId,
    string Issuer,
    string Subject,
    SignerStatus Status,
    LinkedClients Clients,
    SubjectName Identity,
    string Proofing,
    IReadOnlyList<DeviceView> Devices,
    IReadOnlyList<ChangeView> History,
    RowETag ETag);

/// <summary>One change: when, who, what and why.</summary>
/// <param name="At">By the store's clock.</param>
/// <param name="By">The <see cref="Actor"/>.</param>
/// <param name="What">The act's name.</param>
/// <param name="Reason">Why; null where nobody has to say.</param>
public sealed record ChangeView(DateTimeOffset At, string By, string What, string? Reason);

/// <summary>A device of a signer.</summary>
/// <param name="Id">The <see cref="DeviceId"/>.</param>
/// <param name="Name">What its owner calls it.</param>
public sealed record DeviceView(string Id, string Name);
