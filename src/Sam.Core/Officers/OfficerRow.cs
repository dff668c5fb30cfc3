using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>A privileged user, as the anchored document holds them.</summary>
/// <param name="Id">The <see cref="OfficerId"/>.</param>
/// <param name="Role">Their one role.</param>
/// <param name="Name">What people call them: 1 to 100 characters.</param>
/// <param name="Issuer">Who verifies their login.</param>
/// <param name="Subject">Their login at this issuer.</param>
/// <param name="Disabled">True while they may do nothing.</param>
/// <param name="Key">Their own P-256 key, SubjectPublicKeyInfo; empty until they have enrolled one.</param>
/// <param name="Code">The enrolment code they were given; null once it is used.</param>
internal sealed record OfficerRow(string Id, PrivilegedRole Role, string Name, string Issuer, string Subject, bool Disabled, byte[] Key, EnrolmentCodeRow? Code)
{
    internal bool IsLogin(LoginName login) => Issuer == login.Issuer && Subject == login.Subject;

    /// <summary>Counts among the two whom every change takes.</summary>
    internal bool IsActiveSecurityOfficer => Role == PrivilegedRole.SecurityOfficer && !Disabled;

    internal bool IsEnrolled => Key.Length > 0;

    internal Actor ToActor() => Actor.OfOfficer(Role.ToName(), Id);

    internal OfficerView ToView() => new(Id, Role, Name, Issuer, Subject, Disabled, IsEnrolled);
}
