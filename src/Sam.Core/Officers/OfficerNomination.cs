using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>One of the first security officers, as the initialisation names them.</summary>
/// <param name="Name">What people call them: 1 to 100 characters.</param>
/// <param name="Login">Their login.</param>
public sealed record OfficerNomination(string Name, LoginName Login);
