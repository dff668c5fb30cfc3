namespace Sam.Core.Configuration;

/// <summary>What a process runs with.</summary>
/// <param name="Settings">Its settings.</param>
/// <param name="IsEnforced">Whether it signs only while two security officers have approved them. Not in Development, where everybody is every officer.</param>
public sealed record RunningConfiguration(SecuritySettings Settings, bool IsEnforced);
