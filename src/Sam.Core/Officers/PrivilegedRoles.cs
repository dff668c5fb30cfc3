using System.Diagnostics.CodeAnalysis;

namespace Sam.Core.Officers;

/// <summary>The roles by name, and the one table of what each may do (MGT-1, SYS-1).</summary>
public static class PrivilegedRoles
{
    private static readonly (PrivilegedRole Role, string Name, OfficerRight[] Rights)[] _table =
    [
        (PrivilegedRole.SecurityOfficer, "security-officer", [OfficerRight.ReadRegistry, OfficerRight.Propose, OfficerRight.Approve]),
        (PrivilegedRole.RegistrationOfficer, "registration-officer", [OfficerRight.ReadRegistry, OfficerRight.ManageSigners, OfficerRight.ManageKeys]),
        (PrivilegedRole.Auditor, "auditor", [OfficerRight.ReadRegistry, OfficerRight.ReadAudit]),
    ];

    /// <summary>Whether a role gives a right.</summary>
    public static bool Allows(this PrivilegedRole role, OfficerRight right) => Array.Exists(_table, line => line.Role == role && line.Rights.Contains(right));

    /// <summary>The role's name in requests, answers and audit records: <c>security-officer</c>, <c>registration-officer</c>, <c>auditor</c>.</summary>
    public static string ToName(this PrivilegedRole role) => _table.Single(line => line.Role == role).Name;

    /// <summary>Finds a role by its name; false for any other text.</summary>
    public static bool TryFromName([NotNullWhen(true)] string? name, out PrivilegedRole role)
    {
        int index = Array.FindIndex(_table, line => line.Name == name);
        role = index < 0 ? default : _table[index].Role;
        return index >= 0;
    }
}
