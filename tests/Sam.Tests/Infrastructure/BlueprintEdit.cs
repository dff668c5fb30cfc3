namespace Sam.Tests.Infrastructure;

/// <summary>One mistake, the check that must find it, and a word of what it says then.</summary>
internal sealed record BlueprintEdit(string Mistake, string File, string From, string To, Func<Blueprint, IEnumerable<string>> Check, string Fault);
