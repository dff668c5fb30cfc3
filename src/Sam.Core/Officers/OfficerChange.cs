using System.Text.Json;
using System.Text.Json.Serialization;
using Sam.Core.Configuration;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>A change that two security officers sign: one proposes it, another approves it (security decision 22). Its JSON is the body of the proposal.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AddOfficer), "add-officer")]
[JsonDerivedType(typeof(ChangeOfficer), "change-officer")]
[JsonDerivedType(typeof(RenewOfficerKey), "renew-officer-key")]
[JsonDerivedType(typeof(RemoveOfficer), "remove-officer")]
[JsonDerivedType(typeof(ApproveClient), "approve-client")]
[JsonDerivedType(typeof(ChangeConfiguration), "change-configuration")]
public abstract record OfficerChange
{
    private const int LongestName = 100;

    // Closed: the family below is all there is.
    private OfficerChange()
    {
    }

    /// <summary>Reads a change. Refused with BodyMalformed, or ParameterInvalid with the member at fault.</summary>
    public static Result<OfficerChange> Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, OfficerChangeJson.Default.OfficerChange) is not { } change ? SamErrorCode.BodyMalformed
                : change.FindFault() is { } parameter ? new Refusal(SamErrorCode.ParameterInvalid, parameter)
                : change;
        }
        catch (Exception malformed) when (malformed is JsonException or NotSupportedException)
        {
            // NotSupportedException: no kind, which leaves an abstract record.
            return SamErrorCode.BodyMalformed;
        }
    }

    /// <summary>The JSON, as a proposal carries it.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, OfficerChangeJson.Default.OfficerChange);

    /// <summary>Whether a text may be a privileged user's name: 1 to 100 characters, none of them a control character.</summary>
    internal static bool IsName(string? name) => PlainText.IsLine(name, LongestName);

    /// <summary>The name of a member that no such change may have; null if all are well.</summary>
    internal abstract string? FindFault();

    private static string? FindFault(string officer) => OfficerId.TryParse(officer, out _) ? null : "officer";

    private static string? FindClientFault(string client) => ClientId.TryParse(client, out _) ? null : "client";

    /// <summary>Names a privileged user, who then enrols a key of their own with a code.</summary>
    /// <param name="Name">What people call them: 1 to 100 characters.</param>
    /// <param name="Role">The role's name.</param>
    /// <param name="Issuer">Who verifies their login.</param>
    /// <param name="Subject">Their login at this issuer.</param>
    public sealed record AddOfficer(string Name, string Role, string Issuer, string Subject) : OfficerChange
    {
        internal override string? FindFault() =>
            !IsName(Name) ? "name"
            : !PrivilegedRoles.TryFromName(Role, out _) ? "role"
            : !LoginName.TryCreate(Issuer, Subject, out _) ? "subject"
            : null;
    }

    /// <summary>Gives a privileged user another name or role, or takes or gives back all rights.</summary>
    /// <param name="Officer">Their id.</param>
    /// <param name="Name">The new name; null leaves it.</param>
    /// <param name="Role">The new role's name; null leaves it.</param>
    /// <param name="Disabled">Whether they may do nothing; null leaves it.</param>
    public sealed record ChangeOfficer(string Officer, string? Name = null, string? Role = null, bool? Disabled = null) : OfficerChange
    {
        internal override string? FindFault() =>
            FindFault(Officer) is { } fault ? fault
            : Name is not null && !IsName(Name) ? "name"
            : Role is not null && !PrivilegedRoles.TryFromName(Role, out _) ? "role"
            : Name is null && Role is null && Disabled is null ? "disabled"
            : null;
    }

    /// <summary>Ends a privileged user's key, lost or stolen; they enrol another one with a new code.</summary>
    /// <param name="Officer">Their id.</param>
    public sealed record RenewOfficerKey(string Officer) : OfficerChange
    {
        internal override string? FindFault() => FindFault(Officer);
    }

    /// <summary>Removes a privileged user.</summary>
    /// <param name="Officer">Their id.</param>
    public sealed record RemoveOfficer(string Officer) : OfficerChange
    {
        internal override string? FindFault() => FindFault(Officer);
    }

    /// <summary>Approves a signature creation application.</summary>
    /// <param name="Client">As its tokens name it.</param>
    public sealed record ApproveClient(string Client) : OfficerChange
    {
        internal override string? FindFault() => FindClientFault(Client);
    }

    /// <summary>Puts other settings in the place of those that are approved (SYS-3).</summary>
    /// <param name="Settings">All of them.</param>
    /// <param name="AtOnce">Whether processes with the settings of before stop signing at once; otherwise they may go on for an hour, in which they are exchanged.</param>
    public sealed record ChangeConfiguration(IReadOnlyList<Setting> Settings, bool? AtOnce = null) : OfficerChange
    {
        internal override string? FindFault() => SecuritySettings.Parse(Settings) is null ? "settings" : null;
    }
}

/// <summary>The JSON of changes: strict, since what is signed must mean one thing.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OfficerChange))]
internal sealed partial class OfficerChangeJson : JsonSerializerContext;
