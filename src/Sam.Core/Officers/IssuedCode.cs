using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>An enrolment code, told once.</summary>
/// <param name="Officer">Whom it is for.</param>
/// <param name="Code">The code: for their eyes alone, by another way than their login.</param>
/// <param name="ExpiresAt">By the store's clock.</param>
public sealed record IssuedCode(OfficerView Officer, SecretText Code, DateTimeOffset ExpiresAt);
