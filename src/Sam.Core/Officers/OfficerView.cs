namespace Sam.Core.Officers;

/// <summary>What other privileged users see of one.</summary>
/// <param name="Id">Their id.</param>
/// <param name="Role">Their one role.</param>
/// <param name="Name">What people call them.</param>
/// <param name="Issuer">Who verifies their login.</param>
/// <param name="Subject">Their login at this issuer.</param>
/// <param name="IsDisabled">True while they may do nothing.</param>
/// <param name="IsEnrolled">True once they have a key of their own.</param>
public sealed record OfficerView(string Id, PrivilegedRole Role, string Name, string Issuer, string Subject, bool IsDisabled, bool IsEnrolled);
