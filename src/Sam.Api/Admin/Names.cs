using System.Text.Json;

namespace Sam.Api.Admin;

/// <summary>Members of enumerations as the Admin API spells them: <c>awaitingCertificate</c>.</summary>
internal static class Names
{
    internal static string ToName<T>(T member)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(member.ToString());

    internal static bool TryFromName<T>(string name, out T member)
        where T : struct, Enum
    {
        foreach (T candidate in Enum.GetValues<T>())
        {
            if (ToName(candidate) == name)
            {
                member = candidate;
                return true;
            }
        }

        member = default;
        return false;
    }
}
