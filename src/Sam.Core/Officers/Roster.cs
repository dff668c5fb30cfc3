using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>The privileged users as a list, and what a change makes of it (SIG-6).</summary>
internal static class Roster
{
    /// <summary>How many there may be.</summary>
    internal const int MaxOfficers = 100;

    /// <summary>Fewer could change nothing: what one proposes, another approves.</summary>
    internal const int MinSecurityOfficers = 2;

    internal static OfficerRow? Find(this IReadOnlyList<OfficerRow> officers, string id) => officers.FirstOrDefault(officer => officer.Id == id);

    internal static OfficerRow? Find(this IReadOnlyList<OfficerRow> officers, LoginName login) => officers.FirstOrDefault(officer => officer.IsLogin(login));

    internal static IReadOnlyList<OfficerRow> Replace(this IReadOnlyList<OfficerRow> officers, OfficerRow changed) =>
        [.. officers.Select(officer => officer.Id == changed.Id ? changed : officer)];

    /// <summary>The list after a change. Refused with ChangeImpossible (no such user, a login that has a role, or too many), or TooFewOfficers.</summary>
    /// <param name="officers">The list before.</param>
    /// <param name="change">A change of privileged users.</param>
    /// <param name="code">The enrolment code for who is added or renewed.</param>
    internal static Result<IReadOnlyList<OfficerRow>> Apply(this IReadOnlyList<OfficerRow> officers, OfficerChange change, EnrolmentCodeRow code)
    {
        if (change is OfficerChange.AddOfficer added)
        {
            _ = PrivilegedRoles.TryFromName(added.Role, out PrivilegedRole role);
            return officers.Count >= MaxOfficers || officers.Any(o => o.Issuer == added.Issuer && o.Subject == added.Subject)
                ? SamErrorCode.ChangeImpossible
                : Result.Ok<IReadOnlyList<OfficerRow>>(
                    [.. officers, new OfficerRow(OfficerId.New().Value, role, added.Name, added.Issuer, added.Subject, Disabled: false, Key: [], code)]);
        }

        if (TargetOf(change) is not { } id || officers.Find(id) is not { } officer)
        {
            return SamErrorCode.ChangeImpossible;
        }

        IReadOnlyList<OfficerRow> changed = change switch
        {
            OfficerChange.RemoveOfficer => [.. officers.Where(o => o.Id != id)],
            OfficerChange.RenewOfficerKey => officers.Replace(officer with { Key = [], Code = code }),
            OfficerChange.ChangeOfficer to => officers.Replace(officer with
            {
                Name = to.Name ?? officer.Name,
                Role = PrivilegedRoles.TryFromName(to.Role, out PrivilegedRole role) ? role : officer.Role,
                Disabled = to.Disabled ?? officer.Disabled,
            }),
            _ => officers,
        };

        // Those count who can act: a change that leaves two names and one key would leave nobody to mend it.
        return CountActing(changed) < Math.Min(MinSecurityOfficers, CountActing(officers)) ? SamErrorCode.TooFewOfficers : Result.Ok(changed);
    }

    private static int CountActing(IReadOnlyList<OfficerRow> officers) => officers.Count(o => o.IsActiveSecurityOfficer && o.IsEnrolled);

    private static string? TargetOf(OfficerChange change) => change switch
    {
        OfficerChange.ChangeOfficer changed => changed.Officer,
        OfficerChange.RenewOfficerKey renewed => renewed.Officer,
        OfficerChange.RemoveOfficer removed => removed.Officer,
        _ => null,
    };
}
