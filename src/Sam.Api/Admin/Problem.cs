namespace Sam.Api.Admin;

/// <summary>RFC 9457 section 3.1.</summary>
/// <param name="Type">A name for the kind of problem: <c>urn:functionssam:error:</c> and the code, in small letters with dashes.</param>
/// <param name="Title">What it means, the same text each time.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The code, as the counter <c>sam.refusals</c> has it.</param>
/// <param name="Parameter">The member of the request that is at fault, where one is.</param>
internal sealed record Problem(string Type, string Title, int Status, string Code, string? Parameter);
